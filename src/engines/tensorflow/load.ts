import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { enableProdMode, findBackend, registerBackend, setBackend } from "@tensorflow/tfjs-core";
import { setOverrides } from "../../overrides.js";
import { registerKernels } from "../kernels.js";
import { engineOptions } from "../options.js";
import { threadsText } from "../threads.js";
import type { LoadedEngine } from "../types.js";
import { unavailable } from "../unavailable.js";
import { BACKEND, TensorFlowBackend } from "./backend.js";
import type { Binding } from "./binding.js";
import { choose, REPAIR } from "./choose.js";
import { Device } from "./device.js";
import { tensorflowKernels } from "./kernels.js";
import { environmentFor, type TensorFlowOptions } from "./options.js";
import { tensorflowOverrides } from "./overrides.js";

/** Loads the tensorflow engine and makes it current. @throws N2uqError N2UQ_ENGINE_UNAVAILABLE */
export async function loadTensorflow(): Promise<LoadedEngine> {
  const running = findBackend(BACKEND);
  const device =
    running instanceof TensorFlowBackend ? running.device : await start(engineOptions().tensorflow ?? {});
  if (!(await setBackend(BACKEND))) throw unavailable("tensorflow", "its backend did not start", REPAIR);
  const threads = Number(process.env.TF_NUM_INTRAOP_THREADS ?? availableParallelism());
  return {
    name: "tensorflow",
    backend: BACKEND,
    device: device.gpu ? "GPU (CUDA)" : `CPU (${threadsText(threads)}, TensorFlow)`,
    version: device.version,
    capabilities: { threads, gpu: device.gpu, simd: true },
  };
}

async function start(options: TensorFlowOptions): Promise<Device> {
  const choice = await choose(options);
  if ("reason" in choice) throw unavailable("tensorflow", choice.reason, choice.remedy);
  enableProdMode();
  Object.assign(process.env, environmentFor(options));
  const { binding } = choice.library;
  try {
    const device = new Device(createRequire(binding)(binding) as Binding);
    registerBackend(BACKEND, () => new TensorFlowBackend(device));
    registerKernels(tensorflowKernels);
    setOverrides(BACKEND, tensorflowOverrides(BACKEND));
    return device;
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw unavailable("tensorflow", reason, REPAIR, error);
  }
}

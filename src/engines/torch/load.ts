import { enableProdMode, findBackend, registerBackend, setBackend } from "@tensorflow/tfjs-core";
import { N2uqError } from "../../errors.js";
import { setOverrides } from "../../overrides.js";
import { deviceChoice } from "../device.js";
import { registerKernels } from "../kernels.js";
import { engineOptions } from "../options.js";
import { threadsFor, threadsText } from "../threads.js";
import type { LoadedEngine, MatmulPrecision } from "../types.js";
import { unavailable } from "../unavailable.js";
import { BACKEND, TorchBackend } from "./backend.js";
import { openBinding } from "./binding.js";
import { choose, REPAIR } from "./choose.js";
import { chooseDevice, cudaEnvironment } from "./device.js";
import { torchKernels } from "./kernels.js";
import { loaderHint } from "./loader.js";
import { deviceOptions, type TorchOptions, waitBriefly } from "./options.js";
import { torchOverrides } from "./overrides.js";

/**
 * Loads the torch engine and makes it current. @throws N2uqError N2UQ_ENGINE_UNAVAILABLE,
 * N2UQ_ENGINE_PRECISION
 */
export async function loadTorch(precision: MatmulPrecision): Promise<LoadedEngine> {
  const options = engineOptions().torch ?? {};
  const running = findBackend(BACKEND);
  const { binding, gpu } = running instanceof TorchBackend ? running : await start(options);
  const threads = binding.setThreads(threadsFor(options));
  if (precision === "tf32" && gpu === null)
    throw new N2uqError("N2UQ_ENGINE_PRECISION", { engine: "torch on a CPU", precision });
  binding.usePrecision(precision);
  if (!(await setBackend(BACKEND))) throw unavailable("torch", "its backend did not start", REPAIR);
  return {
    name: "torch",
    backend: BACKEND,
    device: gpu === null ? `CPU (${threadsText(threads)}, libtorch)` : `GPU (${gpu}, libtorch)`,
    version: binding.version,
    capabilities: {
      threads,
      gpu: gpu !== null,
      simd: true,
      queues: gpu !== null,
      vectors: binding.capability,
    },
  };
}

async function start(options: TorchOptions): Promise<TorchBackend> {
  const choice = await choose(options);
  if ("reason" in choice) throw unavailable("torch", choice.reason, choice.remedy);
  enableProdMode();
  waitBriefly();
  Object.assign(process.env, choice.needs);
  const device = deviceOptions(options);
  // On a CPU, CUDA's variables are not set, because another engine of this process may use a GPU.
  if (deviceChoice(device) !== "cpu") Object.assign(process.env, cudaEnvironment(device));
  try {
    const binding = openBinding(choice.addon.binding);
    const backend = new TorchBackend(binding, chooseDevice(binding, device));
    registerBackend(BACKEND, () => backend);
    registerKernels(torchKernels(binding));
    setOverrides(BACKEND, torchOverrides(BACKEND, backend.gpu !== null));
    return backend;
  } catch (error) {
    if (error instanceof N2uqError) throw error;
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw unavailable("torch", reason, loaderHint(reason) ?? REPAIR, error);
  }
}

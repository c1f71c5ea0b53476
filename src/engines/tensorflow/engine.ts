import { availableParallelism } from "node:os";
import { enableProdMode, findBackend, registerBackend, setBackend } from "@tensorflow/tfjs-core";
import { setOverrides } from "../../overrides.js";
import { deviceChoice } from "../device.js";
import { registerKernels } from "../kernels.js";
import { engineOptions } from "../options.js";
import type { Probe } from "../trial.js";
import type { Engine } from "../types.js";
import { missing, unavailable } from "../unavailable.js";
import { BACKEND, TensorFlowBackend } from "./backend.js";
import { openBinding } from "./binding.js";
import { Device } from "./device.js";
import { tensorflowKernels } from "./kernels.js";
import type { Library } from "./libraries.js";
import { findLibraries } from "./libraries.js";
import type { TensorFlowOptions } from "./options.js";
import { environmentFor } from "./options.js";
import { tensorflowOverrides } from "./overrides.js";
import { probe } from "./probe.js";

const INSTALL = "Run `n2uq engine install tensorflow`.";
const REPAIR = "Run `n2uq engine install tensorflow --force`, or choose another engine with `--engine`.";

/** The library that will be loaded, or why there is none. */
type Choice =
  | { readonly library: Library; readonly gpu: boolean }
  | { readonly reason: string; readonly remedy: string };

/**
 * TensorFlow's C library through the native module of tfjs-node-gpu, else of tfjs-node, with a backend of our own on it: so it
 * works with the one tfjs-core that all engines share, whichever way the library came here.
 */
export const tensorflow: Engine = {
  name: "tensorflow",
  summary: "TensorFlow's C library, on a GPU or on all cores; needs `n2uq engine install tensorflow`",
  async check() {
    const choice = await choose(engineOptions().tensorflow ?? {});
    if ("reason" in choice) return missing(choice.reason, choice.remedy);
    // As an optional dependency a CPU library may be there without anybody having wanted it.
    const onRequest = !choice.gpu && choice.library.origin === "package";
    return { available: true, gpu: choice.gpu, onRequest };
  },
  async load() {
    const running = findBackend(BACKEND);
    const device =
      running instanceof TensorFlowBackend ? running.device : await start(engineOptions().tensorflow ?? {});
    if (!(await setBackend(BACKEND))) throw unavailable("tensorflow", "its backend did not start", REPAIR);
    const threads = Number(process.env.TF_NUM_INTRAOP_THREADS ?? availableParallelism());
    return {
      name: "tensorflow",
      backend: BACKEND,
      device: device.gpu ? "GPU (CUDA)" : `CPU (${threads} thread${threads === 1 ? "" : "s"}, TensorFlow)`,
      version: device.version,
      capabilities: { threads, gpu: device.gpu, simd: true },
    };
  },
};

async function start(options: TensorFlowOptions): Promise<Device> {
  const choice = await choose(options);
  if ("reason" in choice) throw unavailable("tensorflow", choice.reason, choice.remedy);
  enableProdMode();
  Object.assign(process.env, environmentFor(options));
  try {
    const device = new Device(openBinding(choice.library.binding));
    registerBackend(BACKEND, () => new TensorFlowBackend(device));
    registerKernels(tensorflowKernels);
    setOverrides(BACKEND, tensorflowOverrides(BACKEND));
    return device;
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw unavailable("tensorflow", reason, REPAIR, error);
  }
}

/** The first library that works and computes where it should. */
async function choose(options: TensorFlowOptions): Promise<Choice> {
  const wanted = deviceChoice(options);
  const libraries = findLibraries().filter(({ variant }) => wanted !== "cpu" || variant === "cpu");
  if (libraries.length === 0) return { reason: "its native library is not installed", remedy: INSTALL };
  const tried: { library: Library; answer: Probe }[] = [];
  for (const library of libraries) {
    const answer = await probe(library, environmentFor(options));
    if (answer.works && (answer.gpu || wanted === "cpu")) return { library, gpu: answer.gpu };
    tried.push({ library, answer });
  }
  const working = tried.find(({ answer }) => answer.works);
  if (working !== undefined && wanted === "auto") return { library: working.library, gpu: false };
  const reasons = tried.map(({ library, answer }) =>
    answer.works ? `${library.folder} finds no GPU` : `${library.folder}: ${answer.reason}`,
  );
  const remedy = working === undefined ? REPAIR : "`n2uq doctor` says what of CUDA is missing.";
  return { reason: reasons.join("; "), remedy };
}

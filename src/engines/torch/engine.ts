import { enableProdMode, findBackend, registerBackend, setBackend } from "@tensorflow/tfjs-core";
import { N2uqError } from "../../errors.js";
import { setOverrides } from "../../overrides.js";
import { deviceChoice } from "../device.js";
import { registerKernels } from "../kernels.js";
import { engineOptions } from "../options.js";
import type { Engine } from "../types.js";
import { missing, unavailable } from "../unavailable.js";
import type { Addon } from "./addons.js";
import { findAddons, probeAddon } from "./addons.js";
import { BACKEND, TorchBackend } from "./backend.js";
import { openBinding } from "./binding.js";
import { chooseDevice, cudaEnvironment } from "./device.js";
import { torchKernels } from "./kernels.js";
import type { TorchOptions } from "./options.js";
import { deviceOptions, threadsFor, waitBriefly } from "./options.js";
import { torchOverrides } from "./overrides.js";
import { torchRanks } from "./ranks.js";
import { sourcesDigest } from "./sources.js";

const INSTALL = "Run `n2uq engine install torch`.";
const REPAIR = "Run `n2uq engine install torch --force`, or choose another engine with `--engine`.";

/** The addon that will be loaded, or why there is none. */
type Choice =
  | { readonly addon: Addon; readonly gpu: boolean }
  | { readonly reason: string; readonly remedy: string };

/**
 * libtorch's tensors and kernels (ATen) through an addon of our own, built on this machine for the libtorch that is here, with a
 * backend on the one tfjs-core that all engines share.
 */
export const torch: Engine = {
  name: "torch",
  summary: "libtorch (PyTorch's library), on a GPU or on all cores; needs `n2uq engine install torch`",
  ranks: torchRanks,
  async check() {
    const choice = await choose(engineOptions().torch ?? {});
    return "reason" in choice ? missing(choice.reason, choice.remedy) : { available: true, gpu: choice.gpu };
  },
  async load(precision = "float32") {
    const options = engineOptions().torch ?? {};
    const running = findBackend(BACKEND);
    const { binding, gpu } = running instanceof TorchBackend ? running : await start(options);
    const threads = binding.setThreads(threadsFor(options));
    if (precision === "tf32" && gpu === null) {
      throw new N2uqError("N2UQ_ENGINE_PRECISION", { engine: "torch on a CPU", precision });
    }
    binding.usePrecision(precision);
    if (!(await setBackend(BACKEND))) throw unavailable("torch", "its backend did not start", REPAIR);
    return {
      name: "torch",
      backend: BACKEND,
      device:
        gpu === null
          ? `CPU (${threads} thread${threads === 1 ? "" : "s"}, libtorch)`
          : `GPU (${gpu}, libtorch)`,
      version: binding.version,
      capabilities: { threads, gpu: gpu !== null, simd: true, vectors: binding.capability },
    };
  },
};

async function start(options: TorchOptions): Promise<TorchBackend> {
  const choice = await choose(options);
  if ("reason" in choice) throw unavailable("torch", choice.reason, choice.remedy);
  enableProdMode();
  waitBriefly();
  const device = deviceOptions(options);
  // On a CPU nothing is said of GPUs: another engine of this process may want one.
  if (deviceChoice(device) !== "cpu") Object.assign(process.env, cudaEnvironment(device));
  try {
    const binding = openBinding(choice.addon.binding);
    const backend = new TorchBackend(binding, chooseDevice(binding, device));
    registerBackend(BACKEND, () => backend);
    registerKernels(torchKernels(binding));
    setOverrides(BACKEND, torchOverrides(BACKEND));
    return backend;
  } catch (error) {
    if (error instanceof N2uqError) throw error;
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw unavailable("torch", reason, REPAIR, error);
  }
}

/** The first addon that was built from this package's sources and works. */
async function choose(options: TorchOptions): Promise<Choice> {
  const all = findAddons();
  if (all.length === 0) return { reason: "it is not installed", remedy: INSTALL };
  const digest = sourcesDigest();
  const reasons: string[] = [];
  for (const addon of all.filter(({ sources }) => sources === digest)) {
    const answer = await probeAddon(addon, deviceOptions(options));
    if (answer.works) return { addon, gpu: answer.gpu };
    reasons.push(`${addon.folder}: ${answer.reason}`);
  }
  if (reasons.length > 0) return { reason: reasons.join("; "), remedy: REPAIR };
  return { reason: "it was built by another version of n2uq", remedy: INSTALL };
}

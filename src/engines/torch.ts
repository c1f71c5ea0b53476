import { enableProdMode, findBackend, registerBackend, setBackend } from "@tensorflow/tfjs-core";
import { registerKernels } from "./kernels.js";
import { engineOptions } from "./options.js";
import type { Addon } from "./torch/addons.js";
import { findAddons, probeAddon } from "./torch/addons.js";
import { BACKEND, TorchBackend } from "./torch/backend.js";
import { openBinding } from "./torch/binding.js";
import { torchKernels } from "./torch/kernels.js";
import { threadsFor, waitBriefly } from "./torch/options.js";
import { torchRanks } from "./torch/ranks.js";
import { sourcesDigest } from "./torch/sources.js";
import type { Engine } from "./types.js";
import { missing, unavailable } from "./unavailable.js";

const INSTALL = "Run `n2uq engine install torch`.";
const REPAIR = "Run `n2uq engine install torch --force`, or choose another engine with `--engine`.";

/** The addon that will be loaded, or why there is none. */
type Choice = { readonly addon: Addon } | { readonly reason: string; readonly remedy: string };

/**
 * libtorch's tensors and kernels (ATen) through an addon of our own, built on this machine for the libtorch that is here, with a
 * backend on the one tfjs-core that all engines share.
 */
export const torch: Engine = {
  name: "torch",
  summary: "libtorch (PyTorch's library) on all cores; needs `n2uq engine install torch`",
  ranks: torchRanks,
  async check() {
    const choice = await choose();
    return "reason" in choice ? missing(choice.reason, choice.remedy) : { available: true, gpu: false };
  },
  async load() {
    const running = findBackend(BACKEND);
    const binding = running instanceof TorchBackend ? running.binding : await start();
    const threads = binding.setThreads(threadsFor(engineOptions().torch ?? {}));
    if (!(await setBackend(BACKEND))) throw unavailable("torch", "its backend did not start", REPAIR);
    return {
      name: "torch",
      backend: BACKEND,
      device: `CPU (${threads} thread${threads === 1 ? "" : "s"}, libtorch)`,
      version: binding.version,
      capabilities: { threads, gpu: false, simd: true },
    };
  },
};

async function start() {
  const choice = await choose();
  if ("reason" in choice) throw unavailable("torch", choice.reason, choice.remedy);
  enableProdMode();
  waitBriefly();
  try {
    const binding = openBinding(choice.addon.binding);
    registerBackend(BACKEND, () => new TorchBackend(binding));
    registerKernels(torchKernels);
    return binding;
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw unavailable("torch", reason, REPAIR, error);
  }
}

/** The first addon that was built from this package's sources and works. */
async function choose(): Promise<Choice> {
  const all = findAddons();
  if (all.length === 0) return { reason: "it is not installed", remedy: INSTALL };
  const digest = sourcesDigest();
  const reasons: string[] = [];
  for (const addon of all.filter(({ sources }) => sources === digest)) {
    const answer = await probeAddon(addon);
    if (answer.works) return { addon };
    reasons.push(`${addon.folder}: ${answer.reason}`);
  }
  if (reasons.length > 0) return { reason: reasons.join("; "), remedy: REPAIR };
  return { reason: "it was built by another version of n2uq", remedy: INSTALL };
}

import { engineOptions } from "../options.js";
import type { Engine } from "../types.js";
import { missing } from "../unavailable.js";
import { choose } from "./choose.js";

/**
 * libtorch's tensors and kernels (ATen) through n2uq's own addon, which is built on this machine for the
 * installed libtorch. Its backend uses the tfjs-core that all engines share.
 */
export const torch: Engine = {
  name: "torch",
  summary: "libtorch (PyTorch's library), on a GPU or on all cores; needs `n2uq engine install torch`",
  async ranks() {
    return (await import("./ranks.js")).torchProcessGroups;
  },
  async check() {
    const choice = await choose(engineOptions().torch ?? {});
    return "reason" in choice ? missing(choice.reason, choice.remedy) : { available: true, gpu: choice.gpu };
  },
  async load(precision = "float32") {
    return (await import("./load.js")).loadTorch(precision);
  },
};

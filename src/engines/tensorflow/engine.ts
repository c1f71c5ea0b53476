import { engineOptions } from "../options.js";
import type { Engine } from "../types.js";
import { missing } from "../unavailable.js";
import { choose } from "./choose.js";

/**
 * TensorFlow's C library through the native module of tfjs-node-gpu, or else of tfjs-node. n2uq has its own
 * backend for it, so it works with the tfjs-core that all engines share, however the library was installed.
 */
export const tensorflow: Engine = {
  name: "tensorflow",
  summary: "TensorFlow's C library, on a GPU or on all cores; needs `n2uq engine install tensorflow`",
  async check() {
    const choice = await choose(engineOptions().tensorflow ?? {});
    if ("reason" in choice) return missing(choice.reason, choice.remedy);
    // A CPU library may be present as an optional dependency that the user did not choose explicitly.
    const onRequest = !choice.gpu && choice.library.origin === "package";
    return { available: true, gpu: choice.gpu, onRequest };
  },
  async load() {
    return (await import("./load.js")).loadTensorflow();
  },
};

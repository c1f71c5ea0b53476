import { engineOptions } from "../options.js";
import type { Engine } from "../types.js";
import { missing } from "../unavailable.js";
import { choose } from "./choose.js";

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
    return (await import("./load.js")).loadTensorflow();
  },
};

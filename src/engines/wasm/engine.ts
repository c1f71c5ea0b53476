import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../types.js";
import { missing } from "../unavailable.js";
import { binaries } from "./binaries.js";

const binary = "tfjs-backend-wasm-simd.wasm";

/** TensorFlow.js on WebAssembly (XNNPACK), with the training kernels that it lacks. */
export const wasm: Engine = {
  name: "wasm",
  summary: "WebAssembly with SIMD, on up to 8 cores; needs nothing but Node.js",
  async check() {
    const folder = binaries();
    if (folder === null) return missing("the package @tensorflow/tfjs-backend-wasm is not installed");
    return existsSync(join(folder, binary)) ? { available: true } : missing(`${binary} is missing`);
  },
  async load() {
    return (await import("./load.js")).loadWasm();
  },
};

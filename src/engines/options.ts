import type { TensorFlowOptions } from "./tensorflow/options.js";
import type { TorchOptions } from "./torch/options.js";
import type { WasmOptions } from "./wasm/options.js";

/** The engine options of a project's config (`engines`). */
export interface EngineOptions {
  readonly tensorflow?: TensorFlowOptions;
  readonly torch?: TorchOptions;
  readonly wasm?: WasmOptions;
}

let current: EngineOptions = Object.freeze({});

/**
 * Sets the options for all engines that are loaded later in this process. Engines that are already loaded
 * keep theirs.
 */
export function setEngineOptions(options: EngineOptions): void {
  current = Object.freeze({ ...options });
}

export function engineOptions(): EngineOptions {
  return current;
}

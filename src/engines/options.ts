import type { TensorFlowOptions } from "./tensorflow/options.js";
import type { TorchOptions } from "./torch/options.js";

/** What a project's config says of its engines (`engines`). */
export interface EngineOptions {
  readonly tensorflow?: TensorFlowOptions;
  readonly torch?: TorchOptions;
}

let current: EngineOptions = Object.freeze({});

/** Sets how engines are looked for and loaded in this process from now on; one that is loaded already stays as it is. */
export function setEngineOptions(options: EngineOptions): void {
  current = Object.freeze({ ...options });
}

export function engineOptions(): EngineOptions {
  return current;
}

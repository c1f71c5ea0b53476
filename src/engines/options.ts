import type { TensorFlowOptions } from "./tensorflow/options.js";
import type { TorchOptions } from "./torch/options.js";

/** The engine options of a project's config (`engines`). */
export interface EngineOptions {
  readonly tensorflow?: TensorFlowOptions;
  readonly torch?: TorchOptions;
}

let current: EngineOptions = Object.freeze({});

/** Sets the options for all engines loaded later in this process; a loaded engine is not changed. */
export function setEngineOptions(options: EngineOptions): void {
  current = Object.freeze({ ...options });
}

export function engineOptions(): EngineOptions {
  return current;
}

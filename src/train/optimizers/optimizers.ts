import { overrides } from "../../overrides.js";
import type { ResolvedOptimizer } from "../../resolve/types.js";
import type { PartNames } from "../../schema/generated/parts.js";
import { adam } from "./adam.js";
import { adamw } from "./adamw.js";
import { sgd } from "./sgd.js";
import type { Given, OptimizerPart, StepSettings, Update, Updated } from "./types.js";

/** Every optimizer by its name in the experiment. */
export const optimizers = { adam, adamw, sgd } satisfies {
  [Kind in PartNames["optimizers"]]: OptimizerPart<Kind>;
};

export interface Optimizer {
  /** Updates several parameters by one step. Returns the results in the order of the parameters. */
  update(given: readonly Given[], settings: StepSettings): readonly Updated[];
}

/** Creates the experiment's optimizer; an engine's override takes precedence. */
export function createOptimizer(options: ResolvedOptimizer): Optimizer {
  return {
    update(given, settings) {
      const update: Update = overrides().optimizers?.[options.kind] ?? optimizers[options.kind].update;
      return update(given, settings, options as never);
    },
  };
}

/** Names of the moments that an optimizer stores for every parameter. */
export function momentsOf({ kind }: ResolvedOptimizer): readonly string[] {
  return optimizers[kind].moments;
}

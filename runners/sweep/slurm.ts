import type { SlurmOptions } from "../slurm/options.js";
import { submit } from "../slurm/submit.js";
import { watch } from "../slurm/watch.js";
import type { Runner } from "./placement.js";

/**
 * Runs cells as elements of Slurm job arrays. With `detach`, returns after submission; the signal detaches
 * later. The jobs continue in either case: `n2uq status` and `n2uq cancel` find them from any shell.
 */
export function slurm(options: SlurmOptions): Runner {
  return async (placement) => {
    await submit(placement, options);
    if (!options.detach) await watch(placement);
  };
}

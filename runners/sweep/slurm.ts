import type { SlurmOptions } from "../slurm/options.js";
import { submit } from "../slurm/submit.js";
import { watch } from "../slurm/watch.js";
import type { Runner } from "./placement.js";

/**
 * Cells as elements of Slurm's job arrays. Detached, it returns when all is submitted; the signal detaches it later. The jobs
 * go on in either case: `n2uq status` and `n2uq cancel` find them from any shell.
 */
export function slurm(options: SlurmOptions): Runner {
  return async (placement) => {
    await submit(placement, options);
    if (!options.detach) await watch(placement);
  };
}

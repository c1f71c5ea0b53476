import { cancelCells } from "../../../runners/slurm/cancel.js";
import { findSweep } from "../../../runners/sweep/ledger.js";
import type { ExperimentOptions } from "../options.js";
import { openFolders } from "../options.js";
import type { Output } from "../output.js";
import { label } from "../sweepText.js";

export interface CancelOptions extends Pick<ExperimentOptions, "runs"> {
  readonly cell?: string;
}

/** `n2uq cancel`: takes a sweep, or one cell of it, from Slurm; what runs writes its checkpoint first. */
export async function cancel(
  name: string | undefined,
  options: CancelOptions,
  output: Output,
): Promise<number> {
  const { runs } = await openFolders(options);
  const cells = await cancelCells(runs, findSweep(runs, name), {
    ...(options.cell !== undefined && { hash: options.cell }),
  });
  const lines = cells.map((cell) => `cancelled ${cell.name} ${label(cell.values)} ${cell.hash.slice(0, 8)}`);
  const text = lines.length === 0 ? "nothing of it waits or runs in Slurm" : lines.join("\n");
  output.result(text, {
    cancelled: cells.map(({ hash, name: cell, values }) => ({ hash, name: cell, values })),
  });
  return 0;
}

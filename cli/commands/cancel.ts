import { basename } from "node:path";
import { createInterface } from "node:readline/promises";
import { isatty } from "node:tty";
import { type Cancellation, cancelCells, chooseSweep } from "../../runners/slurm/cancel.js";
import { N2uqError } from "../../src/errors.js";
import { command, flag, text } from "../command.js";
import { openFolders, runsOptions } from "../options.js";
import type { Output } from "../output.js";
import { label } from "../sweepText.js";

/**
 * `n2uq cancel`: cancels a sweep, or one of its cells, in Slurm; running cells write a checkpoint first. If
 * several sweeps match, shows which one it chose and asks for confirmation. @throws N2uqError
 * N2UQ_CANCEL_NOT_CONFIRMED
 */
export const cancel = command({
  options: {
    cell: text("<hash>", "only the cell whose hash begins with these digits"),
    yes: flag("do not ask for confirmation if the name matches several sweeps"),
    ...runsOptions,
  },
  async run(options, output, name?: string) {
    const { runs } = await openFolders(options);
    const chosen = await chooseSweep(runs, name, options.cell);
    for (const { directory, reason } of chosen.skipped)
      output.error(`The sweep ${basename(directory)} is skipped: ${reason}.`);
    if (!chosen.isNamed && options.yes !== true) await confirm(chosen, output);
    const cells = await cancelCells(runs, chosen.folder, { hash: options.cell });
    const lines = cells.map(
      (cell) => `cancelled ${cell.name} ${label(cell.values)} ${cell.hash.slice(0, 8)}`,
    );
    const text =
      lines.length === 0 ? `${chosen.sweep} has no pending or running jobs in Slurm` : lines.join("\n");
    output.result(text, {
      sweep: chosen.sweep,
      cancelled: cells.map(({ hash, name: cell, values }) => ({ hash, name: cell, values })),
    });
  },
});

/** Asks for confirmation. @throws N2uqError N2UQ_CANCEL_NOT_CONFIRMED on "no", or without a terminal */
async function confirm({ sweep, created, jobs }: Cancellation, output: Output): Promise<void> {
  const refused = new N2uqError("N2UQ_CANCEL_NOT_CONFIRMED", { sweep, created, jobs });
  if (!isatty(0) || !isatty(1) || output.mode === "json" || output.mode === "quiet") throw refused;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const question = `Cancel the sweep ${sweep}, started ${created}, with ${jobs} jobs in Slurm? (y/N) `;
    if (!/^y(es)?$/i.test((await terminal.question(question)).trim())) throw refused;
  } finally {
    terminal.close();
  }
}

import { basename } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type PlacedStatus, placedStatus } from "../../runners/slurm/status.js";
import { findSweeps } from "../../runners/sweep/ledger.js";
import { countStates } from "../../src/runs/state.js";
import { command, flag } from "../command.js";
import { openFolders, runsOptions } from "../options.js";
import { problemText, statusText } from "../sweepText.js";

const FOLLOW_EVERY_MS = 2000;

/** `n2uq status`: a sweep's status from its files, and from Slurm's queue if it was submitted there. */
export const status = command({
  options: {
    follow: flag("update the view until the sweep ends"),
    all: flag("show every cell of a large sweep"),
    ...runsOptions,
  },
  async run(options, output, name?: string) {
    const { runs } = await openFolders(options);
    const { sweeps, skipped } = findSweeps(runs, name);
    const folder = sweeps.at(-1)?.folder ?? "";
    for (const { directory, reason } of skipped)
      output.error(`The sweep ${basename(directory)} is skipped: ${reason}.`);
    let before = "";
    for (;;) {
      const found = await placedStatus(runs, folder);
      const text = [statusText(found, options.all === true), ...problemText(found)].join("\n");
      if (options.follow !== true) {
        output.result(text, statusJson(found));
        return 0;
      }
      if (text !== before) output.result(text, statusJson(found));
      before = text;
      if (!isMoving(found)) return 0;
      await wait(FOLLOW_EVERY_MS);
    }
  },
});

/** Whether the status can still change, that is, whether any cell is in Slurm or run by a process. */
function isMoving({ cells, placed, problem }: PlacedStatus): boolean {
  const { running, queued, interrupted } = countStates(cells);
  if (!placed || problem !== undefined) return running + queued + interrupted > 0;
  return running > 0 || cells.some(({ status }) => status.scheduler?.live === true);
}

function statusJson({ ledger, cells, problem: unasked }: PlacedStatus): unknown {
  const { name, hash, created } = ledger;
  return {
    ...{ name, hash, created, counts: countStates(cells), schedulerProblem: unasked?.message ?? null },
    cells: cells.map(({ status: { state, record, holder, failure, problem, scheduler }, ...cell }) => ({
      ...cell,
      state,
      scheduler: scheduler ?? null,
      top1: record?.best.top1 ?? null,
      progress: holder?.progress ?? null,
      problem: problem ?? failure?.message ?? null,
    })),
  };
}

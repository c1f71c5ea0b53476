import { setTimeout as wait } from "node:timers/promises";
import type { SweepStatus } from "../../../runners/sweep/ledger.js";
import { findSweep, sweepStatus } from "../../../runners/sweep/ledger.js";
import { countStates } from "../../../runners/sweep/sweep.js";
import type { ExperimentOptions } from "../options.js";
import { openFolders } from "../options.js";
import type { Output } from "../output.js";
import { statusText } from "../sweepText.js";

export interface StatusOptions extends Pick<ExperimentOptions, "runs"> {
  readonly follow?: boolean;
  readonly all?: boolean;
}

const FOLLOW_EVERY_MS = 2000;

/** `n2uq status`: how a sweep stands, from its files alone. */
export async function status(
  name: string | undefined,
  options: StatusOptions,
  output: Output,
): Promise<number> {
  const { runs } = await openFolders(options);
  const folder = findSweep(runs, name);
  let before = "";
  for (;;) {
    const found = sweepStatus(runs, folder);
    const text = statusText(found, options.all === true);
    if (options.follow !== true) {
      output.result(text, statusJson(found));
      return 0;
    }
    if (text !== before) output.result(text, statusJson(found));
    before = text;
    const { running, queued, interrupted } = countStates(found.cells);
    if (running + queued + interrupted === 0) return 0;
    await wait(FOLLOW_EVERY_MS);
  }
}

function statusJson({ ledger, cells }: SweepStatus): unknown {
  const { name, hash, created } = ledger;
  return {
    ...{ name, hash, created, counts: countStates(cells) },
    cells: cells.map(({ status: { state, record, holder, failure, problem }, ...cell }) => ({
      ...cell,
      state,
      top1: record?.best.top1 ?? null,
      progress: holder?.progress ?? null,
      problem: problem ?? failure?.message ?? null,
    })),
  };
}

import { join } from "node:path";
import type { LoadOptions } from "../../src/config/load.js";
import { N2uqError } from "../../src/errors.js";
import { isProvisional } from "../../src/resolve/hash.js";
import { RunDirectory } from "../../src/runs/runDirectory.js";
import { RunIndex } from "../../src/runs/runIndex.js";
import { type RunState, type RunStatus, statusOf } from "../../src/runs/state.js";
import type { SweepSpec } from "../../src/sweep/types.js";
import { Contents } from "../content.js";
import { identityOf } from "../identity.js";
import { resolvedYaml } from "../result.js";
import { writing } from "../writing.js";
import { type Cell, type Cells, resolveCells } from "./cells.js";
import { type LedgerCell, type SweepStatus, sweepStatus, writeLedger } from "./ledger.js";
import type { Placement, Runner } from "./placement.js";

/** A sweep before anything is written: every resolved cell, with the status of its run. */
export interface SweepPlan extends Omit<Cells, "cells"> {
  readonly spec: SweepSpec;
  readonly cells: readonly (Cell & { readonly status: RunStatus })[];
}

/** @throws as `resolveCells` */
export async function planSweep(spec: SweepSpec, options: LoadOptions, runs: string): Promise<SweepPlan> {
  const { cells, ...rest } = await resolveCells(spec, options, runs);
  const withStatus = cells.map((cell) => {
    const { directory, name } = cell;
    const status: RunStatus = cell.begun ? statusOf(directory) : { directory, name, state: "queued" };
    return { ...cell, status };
  });
  return { spec, ...rest, cells: withStatus };
}

/** Which cells of a sweep run again: failed ones, or those that neither failed nor are done. */
export type Only = "failed" | "missing";

export interface SweepOptions extends Omit<Placement, "cells" | "folder"> {
  readonly runner: Runner;
  /** Only failed cells, or only those that neither failed nor are done; with their prerequisites. */
  readonly only?: Only;
}

/**
 * Writes missing files (every cell's resolved experiment, then the ledger), so that queued runs do not depend
 * on files that are edited later; then runs the missing cells. @returns the status afterwards @throws
 * N2uqError N2UQ_SWEEP_UNSEEN, N2UQ_RUN_WRITE_FAILED
 */
export async function runSweep(
  plan: SweepPlan,
  { runner, only, ...options }: SweepOptions,
): Promise<SweepStatus> {
  const { runs } = options;
  const unseen = plan.cells.find(({ resolved }) => isProvisional(resolved));
  if (unseen !== undefined) throw new N2uqError("N2UQ_SWEEP_UNSEEN", { name: unseen.name });
  const { ledger, folder } = await writing(runs, () => queueCells(plan, runs, options.models));
  const cells = only === undefined ? ledger.cells : selected(ledger.cells, runs, only);
  await writing(runs, () => runner({ ...options, folder, cells }));
  return sweepStatus(runs, folder);
}

async function queueCells({ spec, cells }: SweepPlan, runs: string, models: string) {
  const directories = new RunIndex(runs);
  const contents = new Contents(models);
  for (const cell of cells) {
    const identity = await identityOf({ contents }, cell.resolved);
    await new RunDirectory(cell.directory).queue(resolvedYaml({ directories }, cell.resolved), identity);
  }
  return writeLedger(runs, spec, cells);
}

function selected(cells: readonly LedgerCell[], runs: string, only: Only): LedgerCell[] {
  const states: readonly RunState[] = only === "failed" ? ["failed"] : ["queued", "interrupted"];
  const chosen = new Set<string>();
  const byHash = new Map(cells.map((cell) => [cell.hash, cell]));
  const choose = (cell: LedgerCell | undefined): void => {
    if (cell === undefined || chosen.has(cell.hash)) return;
    chosen.add(cell.hash);
    for (const hash of cell.needs) choose(byHash.get(hash));
  };
  for (const cell of cells) if (states.includes(statusOf(join(runs, cell.directory)).state)) choose(cell);
  return cells.filter(({ hash }) => chosen.has(hash));
}

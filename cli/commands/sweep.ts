import { basename, relative } from "node:path";
import type { PlacedStatus } from "../../runners/slurm/status.js";
import { placedStatus } from "../../runners/slurm/status.js";
import { defaultJobs, local } from "../../runners/sweep/local.js";
import type { Runner } from "../../runners/sweep/placement.js";
import { slurm } from "../../runners/sweep/slurm.js";
import type { Only, SweepPlan } from "../../runners/sweep/sweep.js";
import { planSweep, runSweep } from "../../runners/sweep/sweep.js";
import { N2uqError } from "../../src/errors.js";
import { renderTable } from "../../src/report/table.js";
import { formatCount } from "../../src/report/units.js";
import { countStates } from "../../src/runs/state.js";
import type { SlurmResources } from "../../src/schema/generated/config.js";
import type { SweepFlags } from "../../src/sweep/read.js";
import { readSweep } from "../../src/sweep/read.js";
import type { ExperimentOptions } from "../options.js";
import { openFolders } from "../options.js";
import type { Output } from "../output.js";
import { abortOnSignals } from "../signals.js";
import { label, problemText, statusText } from "../sweepText.js";
import { SweepView } from "../sweepView.js";

export interface SweepOptions extends ExperimentOptions, SweepFlags {
  readonly dryRun?: boolean;
  readonly jobs?: number;
  readonly retries?: number;
  readonly failFast?: boolean;
  readonly only?: Only;
  readonly runner?: "local" | "slurm";
  readonly detach?: boolean;
}

/** `n2uq sweep`: every cell of a grid, each once, each in a process of its own. */
export async function sweep(
  files: readonly string[],
  options: SweepOptions,
  output: Output,
): Promise<number> {
  if (options.detach === true && options.runner !== "slurm") throw new N2uqError("N2UQ_SLURM_DETACH_LOCAL");
  const { project, runs, models, cwd } = await openFolders(options);
  const named = files.length > 0 ? files : [project.config.experiment];
  const wanted = named.filter((file) => file !== undefined);
  if (wanted.length === 0) throw new N2uqError("N2UQ_CLI_NO_EXPERIMENT");
  const engine = options.engine === undefined ? [] : [`engine=${options.engine}`];
  const spec = await readSweep(wanted, { ...options, set: [...(options.set ?? []), ...engine] }, cwd);
  const plan = await planSweep(spec, { project, cwd }, runs);
  if (options.dryRun === true) {
    output.result(planText(plan), planJson(plan));
    return 0;
  }
  for (const line of notes(plan)) output.line(line);
  const view = new SweepView(plan, output);
  const inSlurm = options.runner === "slurm";
  const stopping = inSlurm ? "detaching; the jobs go on" : undefined;
  const signal = abortOnSignals(() => view.stopping(stopping));
  const { folder } = await view.during(() =>
    runSweep(plan, {
      runner: inSlurm ? slurmRunner(options, project.config.slurm ?? {}, output) : local,
      runs,
      models,
      jobs: options.jobs ?? defaultJobs(),
      retries: options.retries ?? 1,
      failFast: options.failFast === true,
      signal,
      emit: (event) => view.hear(event),
      ...(options.only && { only: options.only }),
    }),
  );
  const status = await placedStatus(runs, folder);
  output.line(["", statusText(status, false), ...problemText(status)].join("\n"));
  throwUnlessDone(status, signal.aborted, inSlurm, options.detach === true);
  return 0;
}

function slurmRunner({ detach, jobs }: SweepOptions, resources: SlurmResources, output: Output): Runner {
  return slurm({
    resources,
    detach: detach === true,
    ...(jobs !== undefined && { jobs }),
    onSubmitted: ({ job, cells, after }) => {
      const then = after.length > 0 ? `, after ${after.join(", ")}` : "";
      output.line(`Slurm: job array ${job} with ${cells.length} of them${then}`);
    },
  });
}

/** @throws N2uqError N2UQ_SWEEP_* where cells are left, unless a detached sweep leaves them to Slurm */
function throwUnlessDone(
  { cells, folder }: PlacedStatus,
  aborted: boolean,
  inSlurm: boolean,
  detach: boolean,
): void {
  const { done, failed, unreadable, queued, interrupted, cancelled } = countStates(cells);
  const count = cells.length;
  if (aborted && inSlurm)
    throw new N2uqError("N2UQ_SWEEP_DETACHED", { done, count, sweep: basename(folder) });
  if (aborted) throw new N2uqError("N2UQ_SWEEP_INTERRUPTED", { done, count });
  if (detach) return;
  const blocked = queued + interrupted + cancelled;
  if (failed + unreadable > 0) {
    throw new N2uqError("N2UQ_SWEEP_FAILED", { failed: failed + unreadable, blocked, count });
  }
  if (cancelled > 0) throw new N2uqError("N2UQ_SWEEP_CANCELLED", { cancelled, count });
}

function notes({ spec, cells, excluded, duplicates: all, notes: told }: SweepPlan): string[] {
  const duplicates = all.filter(({ idle }) => !idle);
  const shared = cells.filter((cell) => cell.shared).length;
  const done = cells.filter(({ status }) => status.state === "done").length;
  const parts = [`${spec.name}: ${cells.length - shared} cells`];
  if (shared > 0) parts.push(`${shared} shared`);
  if (excluded > 0) parts.push(`${excluded} excluded`);
  if (done > 0) parts.push(`${done} done before`);
  const twice = duplicates.map(
    ({ values, hash }) =>
      `  ${label(values)} is the same experiment as another cell (${hash.slice(0, 8)}): run once`,
  );
  const more = twice.length > 5 ? [`  and ${twice.length - 5} more such cells`] : [];
  return [parts.join(" · "), ...told.map((text) => `  note: ${text}`), ...twice.slice(0, 5), ...more];
}

function planText(plan: SweepPlan): string {
  const keys = [...new Set(plan.cells.flatMap(({ values }) => Object.keys(values)))];
  const rows = plan.cells.map((cell) => [
    `${cell.name}${cell.shared ? " (shared)" : ""}`,
    ...keys.map((key) => cell.values[key] ?? ""),
    formatCount(cell.bitOps),
    String(cell.steps),
    cell.hash.slice(0, 8),
    cell.status.state,
  ]);
  const head = ["cell", ...keys, "BitOPs", "steps", "hash", "state"];
  const numeric = [false, ...keys.map(() => false), true, true, false, false];
  return [...notes(plan), "", renderTable(head, rows, numeric)].join("\n");
}

function planJson({ spec, cells, excluded, duplicates, notes: told }: SweepPlan): unknown {
  return {
    notes: told,
    name: spec.name,
    file: spec.file === undefined ? null : relative(process.cwd(), spec.file),
    excluded,
    duplicates,
    cells: cells.map(({ hash, name, values, needs, shared, bitOps, steps, status, directory }) => ({
      ...{ hash, name, values, needs, shared, bitOps, steps },
      state: status.state,
      directory: relative(process.cwd(), directory),
    })),
  };
}

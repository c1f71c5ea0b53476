import { basename, relative } from "node:path";
import { type PlacedStatus, placedStatus } from "../../runners/slurm/status.js";
import { defaultJobs, local } from "../../runners/sweep/local.js";
import type { Runner } from "../../runners/sweep/placement.js";
import { slurm } from "../../runners/sweep/slurm.js";
import { planSweep, runSweep, type SweepPlan } from "../../runners/sweep/sweep.js";
import { N2uqError } from "../../src/errors.js";
import { renderTable } from "../../src/report/table.js";
import { formatCount } from "../../src/report/units.js";
import { countStates } from "../../src/runs/state.js";
import type { SlurmResources } from "../../src/schema/generated/config.js";
import { readSweep } from "../../src/sweep/read.js";
import { choice, command, flag, integer, list, text, type Values } from "../command.js";
import { experimentOptions, openFolders } from "../options.js";
import type { Output } from "../output.js";
import { abortOnSignals } from "../signals.js";
import { label, problemText, statusText } from "../sweepText.js";
import { SweepView } from "../sweepView.js";

const MOST_JOBS = 1024;
const MOST_RETRIES = 100;

const sweepOptions = {
  ...experimentOptions,
  grid: list("<path=values>", "an axis: bits=2,3,4 or seed=0..4; axes are combined"),
  zip: list("<path=values>", "an axis that is paired, value by value, with the other zipped axes"),
  exclude: list("<path=value,…>", "exclude the cells that have all these values"),
  seeds: text("<seeds>", "repetitions: a number, a list (0,1,2) or a range (0..4)"),
  dryRun: flag("show every cell, its cost and whether it is done; run nothing"),
  runner: choice("<where>", "processes of this machine, or job arrays of Slurm", ["local", "slurm"], {
    default: "local",
  }),
  detach: flag("with --runner slurm: submit the jobs and do not wait for them"),
  jobs: integer(
    "<n>",
    "maximum concurrent cells (default: derived from cores and memory; Slurm: no limit)",
    1,
    MOST_JOBS,
  ),
  retries: integer("<n>", "retries of a failed cell (default: 1)", 0, MOST_RETRIES),
  failFast: flag("start no cell after the first failure"),
  only: choice("<which>", "only failed cells, or cells neither failed nor done", ["failed", "missing"]),
};

type SweepOptions = Values<typeof sweepOptions>;

/** `n2uq sweep`: runs every cell of a grid, each once and in a separate process. */
export const sweep = command({
  options: sweepOptions,
  examples: [
    "sweep experiments/quickstart.yaml --grid bits=2,3,4 --grid method=n2uq,lsq --jobs 2",
    "sweep experiments/quickstart.yaml --zip weights=2,4 --zip activations=3,3 --seeds 3",
    "sweep 'experiments/res18-*.yaml' --profile smoke --dry-run",
    "sweep experiments/tables/cifar10.yaml --runner slurm --detach",
  ],
  async run(options, output, files: readonly string[]) {
    if (options.detach === true && options.runner !== "slurm") throw new N2uqError("N2UQ_SLURM_DETACH_LOCAL");
    const { project, runs, models, cwd } = await openFolders(options);
    const named = files.length > 0 ? files : [project.config.experiment];
    const experiments = named.filter((file) => file !== undefined);
    if (experiments.length === 0) throw new N2uqError("N2UQ_CLI_NO_EXPERIMENT");
    const engine = options.engine === undefined ? [] : [`engine=${options.engine}`];
    const spec = await readSweep(experiments, { ...options, set: [...(options.set ?? []), ...engine] }, cwd);
    const plan = await planSweep(spec, { project, cwd }, runs);
    if (options.dryRun === true) {
      output.result(planText(plan), planJson(plan));
      return 0;
    }
    for (const line of notes(plan)) output.line(line);
    const view = new SweepView(plan, output);
    const inSlurm = options.runner === "slurm";
    const stopping = inSlurm ? "detaching; the jobs continue" : undefined;
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
  },
});

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

/** @throws N2uqError N2UQ_SWEEP_* if cells are left, unless a detached sweep leaves them to Slurm */
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
  if (failed + unreadable > 0)
    throw new N2uqError("N2UQ_SWEEP_FAILED", { failed: failed + unreadable, blocked, count });
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

import { relative } from "node:path";
import type { PlacedStatus } from "../runners/slurm/status.js";
import type { LedgerCell, SweepStatus } from "../runners/sweep/ledger.js";
import { logOf } from "../runners/sweep/process.js";
import { renderTable } from "../src/report/table.js";
import { formatDuration, formatPercent } from "../src/report/units.js";
import { countStates, type RunStatus } from "../src/runs/state.js";

const MOST_ROWS = 40;

/** `bits=2 method=lsq`. */
export function label(values: LedgerCell["values"]): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
}

/** The counts, and a row for every cell; of a large sweep only notable cells, unless `all` is set. */
export function statusText({ ledger, cells }: SweepStatus, all: boolean): string {
  const counts = Object.entries(countStates(cells)).filter(([, count]) => count > 0);
  const head = `${ledger.name} ${ledger.hash.slice(0, 8)}: ${cells.length} runs · ${counts
    .map(([state, count]) => `${count} ${state}`)
    .join(" · ")}`;
  const few = cells.length <= MOST_ROWS || all;
  const rows = few ? cells : cells.filter(({ status: { state } }) => state !== "done" && state !== "queued");
  const shown = all ? rows : rows.slice(0, MOST_ROWS);
  const table = renderTable(
    ["run", "values", "state", "top-1", ""],
    shown.map((cell) => [
      `${cell.name}-${cell.hash.slice(0, 8)}`,
      cell.shared ? "(shared)" : label(cell.values),
      stateText(cell.status),
      cell.status.record === undefined ? "" : formatPercent(cell.status.record.best.top1),
      remark(cell.status),
    ]),
    [false, false, false, true, false],
  );
  const hidden = cells.length - shown.length;
  return [
    head,
    ...(shown.length > 0 ? ["", table] : []),
    ...damagedText(cells),
    ...(hidden > 0 ? ["", `${hidden} more; --all shows them`] : []),
  ].join("\n");
}

function damagedText(cells: SweepStatus["cells"]): string[] {
  const count = cells.filter(({ status }) => status.problem !== undefined).length;
  if (count === 0) return [];
  return ["", count === 1 ? "1 run has a damaged file." : `${count} runs have a damaged file.`];
}

/** A note about a scheduler that could not be queried. */
export function problemText({ problem }: PlacedStatus): string[] {
  return problem === undefined ? [] : ["", `Shown from files only: ${problem.message}.`];
}

/**
 * The state, with the scheduler's state if it has one: `queued (Resources)`, `held`,
 * `requeued 1× (BeginTime)`.
 */
function stateText({ state, scheduler }: RunStatus): string {
  if (scheduler === undefined) return state;
  const { live, restarts, reason } = scheduler;
  const waits = live && state !== "running";
  const again = restarts > 0 && live ? `requeued ${restarts}×` : "";
  if (waits && reason === "held") return [again, "held"].filter((part) => part !== "").join(", ");
  if (waits) return `${again || state}${reason === undefined ? "" : ` (${reason})`}`;
  return [state, again].filter((part) => part !== "").join(", ");
}

function remark(status: RunStatus): string {
  const { scheduler } = status;
  const job =
    scheduler && `job ${scheduler.job}${scheduler.nodes === undefined ? "" : ` on ${scheduler.nodes}`}`;
  return [ownRemark(status), job].filter((part) => part !== undefined && part !== "").join(", ");
}

function ownRemark({ holder, failure, problem, directory }: RunStatus): string {
  if (problem !== undefined && holder === undefined) return problem;
  if (failure !== undefined) return `${failure.message} (${relative(process.cwd(), logOf(directory))})`;
  if (holder === undefined) return "";
  const { progress, host, pid, beat } = holder;
  const silent = (Date.now() - Date.parse(beat)) / 1000;
  const where = `process ${pid} on ${host}${silent > 30 ? `, last heartbeat ${formatDuration(silent)} ago` : ""}`;
  if (problem !== undefined) return `${where}; ${problem}`;
  if (progress === null) return where;
  return `step ${progress.step}/${progress.totalSteps}, ${formatDuration(progress.secondsLeft)} left, ${where}`;
}

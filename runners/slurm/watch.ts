import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { StepEvent } from "../../src/runs/events.js";
import { RunDirectory } from "../../src/runs/runDirectory.js";
import type { RunStatus } from "../../src/runs/state.js";
import { checkRunFile } from "../../src/schema/runFiles.js";
import type { LedgerCell } from "../sweep/ledger.js";
import type { Placement } from "../sweep/placement.js";
import { logOf } from "../sweep/process.js";
import { cancelCells } from "./cancel.js";
import { askSlurm, placedState, type SlurmView } from "./status.js";

const LOOK_EVERY_MS = 3000;
/**
 * Number of polls to wait for a result after the end of its job: on a network file system, the result may
 * become visible later.
 */
const LOOKS_FOR_RESULT = 5;
/** Number of bytes to read from the end of metrics.jsonl: enough for many lines. */
const END_BYTES = 64 * 1024;

/**
 * Emits events of the cells until Slurm lists none of them. On the signal, returns early; all jobs continue.
 */
export async function watch(placement: Placement): Promise<void> {
  const { runs, folder, cells, failFast, signal } = placement;
  const open = new Set(cells.map((cell) => new Watched(cell, placement)));
  let view: SlurmView | null = null;
  let halted = false;
  while (!signal.aborted) {
    // If the controller does not answer, keep the last known view.
    view = await askSlurm(folder).catch(() => view);
    if (view === null) return;
    for (const one of open) {
      const outcome = one.look(view);
      if (outcome !== "open") open.delete(one);
      if (outcome !== "failed" || !failFast || halted) continue;
      halted = true;
      await cancelCells(runs, folder, { waiting: true });
    }
    if (open.size === 0) return;
    await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

/** A cell and its last emitted state. */
class Watched {
  readonly #cell: LedgerCell;
  readonly #placement: Placement;
  readonly #directory: string;
  #attempt = 0;
  #step = -1;
  #looks = 0;
  #waited = 0;

  constructor(cell: LedgerCell, placement: Placement) {
    this.#cell = cell;
    this.#placement = placement;
    this.#directory = join(placement.runs, cell.directory);
  }

  look(view: SlurmView): "open" | "failed" | "settled" {
    const status = placedState(this.#directory, this.#cell.hash, view);
    this.#looks += 1;
    const { emit } = this.#placement;
    if (status.record !== undefined) {
      emit({ type: "done", cell: this.#cell, record: status.record, cached: this.#looks === 1 });
      return "settled";
    }
    if (status.state === "running") this.#running(status);
    if (status.state === "running" || status.scheduler?.live === true) return "open";
    const isReported = ["failed", "unreadable", "cancelled"].includes(status.state);
    if (!isReported && ++this.#waited < LOOKS_FOR_RESULT) return "open";
    return this.#ended(status);
  }

  #running({ scheduler }: RunStatus): void {
    const attempt = 1 + (scheduler?.restarts ?? 0);
    const { emit } = this.#placement;
    if (attempt > this.#attempt) emit({ type: "started", cell: this.#cell, attempt });
    this.#attempt = attempt;
    const event = lastStep(this.#directory, this.#cell.name);
    if (event === null || event.step === this.#step) return;
    this.#step = event.step;
    emit({ type: "progress", cell: this.#cell, event });
  }

  #ended({ state, failure, problem, scheduler }: RunStatus): "failed" | "settled" {
    const { emit } = this.#placement;
    const cell = this.#cell;
    const by = cell.needs[0];
    const log = logOf(this.#directory);
    if (state === "failed" || state === "unreadable") {
      emit({ type: "failed", cell, message: failure?.message ?? problem ?? "", log, retried: false });
      return "failed";
    }
    if (scheduler?.reason === "DependencyNeverSatisfied" && by !== undefined) {
      emit({ type: "blocked", cell, by });
    } else emit({ type: "cancelled", cell });
    return "settled";
  }
}

/** The last recorded step of a run; reads only the end of the file. */
function lastStep(directory: string, run: string): StepEvent | null {
  try {
    const lines = endOf(new RunDirectory(directory).metrics).trimEnd().split("\n");
    const last = lines.findLast((line) => line.startsWith('{"type":"step"'));
    if (last === undefined) return null;
    const event = JSON.parse(last) as StepEvent;
    return checkRunFile("metricsStep", event).ok ? { ...event, run } : null;
  } catch {
    return null;
  }
}

function endOf(file: string): string {
  const descriptor = openSync(file, "r");
  try {
    const { size } = fstatSync(descriptor);
    const end = Buffer.alloc(Math.min(size, END_BYTES));
    readSync(descriptor, end, 0, end.length, size - end.length);
    return end.toString("utf8");
  } finally {
    closeSync(descriptor);
  }
}

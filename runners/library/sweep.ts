import { join } from "node:path";
import type { Experiment } from "../../src/schema/generated/experiment.js";
import type { Sweep } from "../../src/schema/generated/sweep.js";
import { readSweep, type SweepFlags, sweepOfObject } from "../../src/sweep/read.js";
import type { SweepStatus } from "../sweep/ledger.js";
import { defaultJobs, local } from "../sweep/local.js";
import type { SweepEvent } from "../sweep/placement.js";
import { planSweep, type SweepOptions as RunOptions, runSweep } from "../sweep/sweep.js";
import { type LibraryOptions, type Opened, open, valuesOf } from "./open.js";

/** A sweep as an object, with the content of a sweep file; a base may also be an experiment object. */
export interface SweepObject extends Omit<Sweep, "base" | "table" | "search"> {
  readonly base: string | Experiment | readonly (string | Experiment)[];
}

/** Options of `sweep`. */
export interface SweepOptions extends LibraryOptions, Pick<RunOptions, "only"> {
  /** Maximum number of cells that run at the same time; default: derived from cores and memory. */
  readonly jobs?: number;
  /** How often a failed cell is retried; default: 1. */
  readonly retries?: number;
  /** Start no further cell after the first failure. */
  readonly failFast?: boolean;
  /** Called for each event of the sweep: cells that start, progress and end. */
  readonly onEvent?: (event: SweepEvent) => void;
  /** When aborted, every running cell writes a checkpoint and exits. */
  readonly signal?: AbortSignal;
}

/**
 * Runs every cell of a grid, each once and in a separate process, as `n2uq sweep` does on this machine.
 * @param source a sweep file, experiment files and globs, or a sweep as an object
 * @returns the state of each cell; a failed cell does not cause an exception
 * @throws N2uqError or N2uqErrors N2UQ_CONFIG_*, N2UQ_SWEEP_*, N2UQ_RESOLVE_*, N2UQ_RUN_WRITE_FAILED
 */
export async function sweep(
  source: string | readonly string[] | SweepObject,
  options: SweepOptions = {},
): Promise<SweepStatus> {
  const opened = await open(options);
  const flags = { profile: options.profiles ?? [], set: valuesOf(options) };
  const { spec, load } = await specOf(source, flags, opened);
  const plan = await planSweep(spec, load, opened.runs);
  return runSweep(plan, {
    runner: local,
    runs: opened.runs,
    models: opened.models,
    jobs: options.jobs ?? defaultJobs(),
    retries: options.retries ?? 1,
    failFast: options.failFast === true,
    signal: options.signal ?? new AbortController().signal,
    emit: (event) => options.onEvent?.(event),
    ...(options.only && { only: options.only }),
  });
}

async function specOf(
  source: string | readonly string[] | SweepObject,
  flags: SweepFlags,
  { cwd, project }: Opened,
) {
  const load = { project, cwd };
  if (typeof source === "string" || isList(source)) {
    const files = typeof source === "string" ? [source] : source;
    return { spec: await readSweep(files, flags, cwd), load };
  }
  const objects = new Map<string, unknown>();
  const named = (base: string | Experiment) => {
    if (typeof base === "string") return base;
    const file = join(cwd, `experiment object ${objects.size + 1}`);
    objects.set(file, base);
    return file;
  };
  const { base } = source;
  const bases = isList(base) ? base.map(named) : named(base);
  const spec = sweepOfObject({ ...source, base: bases }, flags, cwd);
  return { spec, load: { ...load, objects } };
}

function isList<Item>(value: Item | readonly Item[] | object): value is readonly Item[] {
  return Array.isArray(value);
}

import { relative, resolve } from "node:path";
import { complete, type LoadOptions, type OpenedExperiment, openExperiment } from "../../src/config/load.js";
import { locate } from "../../src/config/locate.js";
import { assign } from "../../src/config/set.js";
import { datasetSizes } from "../../src/data/datasets.js";
import type { DatasetSizes } from "../../src/data/types.js";
import { N2uqError, N2uqErrors } from "../../src/errors.js";
import { layerCosts, totals } from "../../src/graph/cost.js";
import { experimentHash, isProvisional } from "../../src/resolve/hash.js";
import { lengthOf } from "../../src/resolve/time.js";
import type { DataOptions, ResolvedExperiment } from "../../src/resolve/types.js";
import { RunIndex } from "../../src/runs/runIndex.js";
import type { Experiment } from "../../src/schema/generated/experiment.js";
import { formatPath } from "../../src/schema/paths.js";
import { covers } from "../../src/sweep/covers.js";
import { expand } from "../../src/sweep/expand.js";
import type { CellDraft, SweepSpec } from "../../src/sweep/types.js";
import { derivedDifferences } from "../differences.js";
import { prerequisites } from "../references.js";
import { buildChecked, Resolver } from "../resolve.js";
import type { Note } from "../withoutEffect.js";

/**
 * One run of a sweep: a cell of its grid, or a prerequisite of several cells (a teacher, initial weights).
 */
export interface Cell {
  readonly hash: string;
  readonly name: string;
  /** Absolute path. */
  readonly directory: string;
  readonly resolved: ResolvedExperiment;
  /** The experiment with the schema's defaults, for table layouts; absent for shared runs. */
  readonly experiment?: Experiment;
  /** Axis values as written; empty for shared runs. */
  readonly values: Readonly<Record<string, string>>;
  /** Hashes of the runs that must be done before this cell starts. */
  readonly needs: readonly string[];
  readonly nodes: number;
  readonly shared: boolean;
  /** Whether its run directory exists. */
  readonly begun: boolean;
  readonly bitOps: number;
  /** Total number of optimizer steps. */
  readonly steps: number;
}

/** A sweep's cells, shared runs first, with dropped values and duplicates. */
export interface Cells {
  readonly cells: readonly Cell[];
  readonly excluded: number;
  /** Cells that resolve to the same experiment as an earlier cell. */
  readonly duplicates: readonly {
    readonly values: CellDraft["values"];
    readonly hash: string;
    /** Whether the two cells differ only in axes without effect, which a note reports. */
    readonly idle: boolean;
  }[];
  /** Values of overlays and axes without effect, each once. */
  readonly notes: readonly string[];
}

const MOST_ERRORS = 20;

/**
 * Resolves and checks every cell of a sweep; runs and writes nothing. @throws N2uqError or N2uqErrors
 * N2UQ_CONFIG_*, N2UQ_RESOLVE_*, N2UQ_SWEEP_*; faults of all cells together, each once
 */
export async function resolveCells(spec: SweepSpec, options: LoadOptions, runs: string): Promise<Cells> {
  const drafts = expand(spec);
  const maker = new CellMaker(spec, options, runs);
  const cells = new Map<string, Cell>();
  const duplicates: { values: CellDraft["values"]; hash: string; idle: boolean }[] = [];
  const faults = new Map<string, N2uqError>();
  for (const draft of drafts) {
    const cell = await maker.make(draft).catch((error: unknown) => keep(faults, error));
    if (cell === null) continue;
    const key = keyOf(cell);
    const known = cells.get(key);
    if (known === undefined) cells.set(key, cell);
    else duplicates.push({ values: draft.values, hash: cell.hash, idle: isSame(known.values, cell.values) });
  }
  if (faults.size > 0) throw new N2uqErrors([...faults.values()].slice(0, MOST_ERRORS));
  const { excluded } = maker;
  if (cells.size === 0) {
    const location = spec.file === undefined ? {} : { location: { file: spec.file } };
    throw new N2uqError("N2UQ_SWEEP_EMPTY", { excluded, count: drafts.length }, location);
  }
  const unused = spec.exclude.find((entry) => !maker.used.has(entry) && entry.mayBeIdle !== true);
  if (unused !== undefined) {
    const { written, location } = unused;
    throw new N2uqError("N2UQ_SWEEP_EXCLUDES_NOTHING", { written }, { location });
  }
  checkAxes(spec, [...cells.values()]);
  const shared = await maker.sharedBy([...cells.values()]);
  const sharedHashes = new Set(shared.map(({ hash }) => hash));
  const all = [...shared, ...[...cells.values()].filter(({ hash }) => !sharedHashes.has(hash))];
  checkDirectories(all);
  return {
    cells: all,
    excluded,
    duplicates,
    notes: [...maker.notes, ...besides(spec, [...cells.values()]), ...unseen(all)],
  };
}

class CellMaker {
  excluded = 0;
  /** Values without effect in a cell, as sentences. */
  readonly notes = new Set<string>();
  readonly used = new Set<SweepSpec["exclude"][number]>();
  readonly #spec: SweepSpec;
  readonly #options: LoadOptions;
  readonly #resolver: Resolver;
  readonly #index: RunIndex;
  readonly #opened = new Map<string, Promise<OpenedExperiment>>();
  readonly #bitOps = new Map<string, number>();
  readonly #sizes = new Map<string, Promise<DatasetSizes>>();

  constructor(spec: SweepSpec, options: LoadOptions, runs: string) {
    this.#spec = spec;
    this.#options = { ...options, profiles: spec.profiles, checked: new Set() };
    this.#resolver = new Resolver(options);
    this.#index = new RunIndex(runs);
  }

  /** Null for an excluded cell. */
  async make(draft: CellDraft): Promise<Cell | null> {
    const { base, assignments } = draft;
    const opened = await this.#open(base);
    const tree = assignments.reduce(assign, opened.tree);
    const loaded = complete({ file: opened.file, tree }, this.#options);
    if (this.#isExcluded(loaded.value)) return null;
    const { resolved, notes } = await this.#resolver.resolve(loaded);
    const own = this.#record(notes, draft);
    try {
      return { ...(await this.#cell(resolved)), experiment: loaded.value, values: own, shared: false };
    } catch (error) {
      throw error instanceof N2uqError ? locate(error, loaded.sources) : error;
    }
  }

  /** Records each dropped value once; a dropped axis value is not one of the cell's values. */
  #record(notes: readonly Note[], { assignments, values }: CellDraft): CellDraft["values"] {
    const idle = new Set<string>();
    for (const { path, origin, text } of notes) {
      const axis = assignments.findLast(({ value }) => value.origin === origin);
      const key = Object.keys(values).find((one) => axis?.written.startsWith(`${one}=`));
      if (key === undefined) this.notes.add(text);
      else {
        idle.add(key);
        const why = text.slice(text.indexOf(" has no effect ")).replace(": ignored", "");
        this.notes.add(`axis ${key}:${why}: those cells are one (${formatPath(path)})`);
      }
    }
    return Object.fromEntries(Object.entries(values).filter(([key]) => !idle.has(key)));
  }

  /** The cells' references, in the order in which they must run. A reference may be one of the cells. */
  async sharedBy(cells: readonly Cell[]): Promise<Cell[]> {
    const own = new Map(cells.map((cell) => [cell.hash, cell]));
    const found = new Map<string, Cell>();
    for (const { resolved } of cells) {
      for (const other of prerequisites(resolved)) {
        const hash = experimentHash(other);
        if (!found.has(hash))
          found.set(hash, own.get(hash) ?? { ...(await this.#cell(other)), values: {}, shared: true });
      }
    }
    return [...found.values()];
  }

  #open(base: string): Promise<OpenedExperiment> {
    const known = this.#opened.get(base) ?? openExperiment(base, this.#options);
    this.#opened.set(base, known);
    return known;
  }

  #isExcluded(experiment: Experiment): boolean {
    const by = this.#spec.exclude.find(({ conditions }) =>
      conditions.every(({ path, value }) => covers(experiment, path, value)),
    );
    if (by === undefined) return false;
    this.used.add(by);
    this.excluded += 1;
    return true;
  }

  async #cell(resolved: ResolvedExperiment): Promise<Omit<Cell, "values" | "shared">> {
    const hash = experimentHash(resolved);
    const directory = this.#index.directory(resolved.name, hash);
    return {
      hash,
      name: resolved.name,
      directory,
      begun: this.#index.has(directory),
      resolved,
      needs: needsOf(resolved),
      nodes: resolved.nodes,
      bitOps: this.#costOf(resolved),
      steps: await this.#stepsOf(resolved),
    };
  }

  async #stepsOf({ training, data }: ResolvedExperiment): Promise<number> {
    if (training.steps !== null) return training.steps;
    const key = JSON.stringify(data);
    const counting = this.#sizes.get(key) ?? datasetSizes(data);
    this.#sizes.set(key, counting);
    // 0 if the images cannot be counted on this machine.
    const { trainSize } = await counting.catch(() => ({ trainSize: 0 }));
    if (trainSize === 0) return 0;
    const images = Math.max(1, Math.min(trainSize, data.trainLimit ?? trainSize));
    return lengthOf(training, images).totalSteps;
  }

  /**
   * Bit operations of a cell. Also builds the graph, which checks layer rules and initial weights; does this
   * once for all cells with the same network, quantization and initial weights.
   */
  #costOf(resolved: ResolvedExperiment): number {
    const { architecture, quantization, init } = resolved;
    const key = JSON.stringify([architecture, quantization, init !== null && "hash" in init ? init.hash : 0]);
    const known = this.#bitOps.get(key);
    if (known !== undefined) return known;
    const { bitOps } = totals(layerCosts(buildChecked(resolved)));
    this.#bitOps.set(key, bitOps);
    return bitOps;
  }
}

/** The key that distinguishes cells: the hash, with the paths of inputs that this machine cannot read. */
function keyOf({ hash, resolved }: Cell): string {
  if (!isProvisional(resolved)) return hash;
  const { data, init, teacher } = resolved;
  const { root, splits, shards }: DataOptions = data;
  return JSON.stringify([hash, root, splits, shards, init, teacher]);
}

function isSame(one: CellDraft["values"], other: CellDraft["values"]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** @throws N2uqError N2UQ_SWEEP_IDLE_AXIS if an axis has no effect in any cell */
function checkAxes({ groups }: SweepSpec, cells: readonly Cell[]): void {
  const idle = groups.flat().find(({ key }) => !cells.some(({ values }) => key in values));
  if (idle === undefined) return;
  throw new N2uqError("N2UQ_SWEEP_IDLE_AXIS", { key: idle.key }, { location: idle.location });
}

function unseen(cells: readonly Cell[]): string[] {
  const count = cells.filter(({ resolved }) => isProvisional(resolved)).length;
  if (count === 0) return [];
  return [
    `data or weights of ${count} cells can't be read on this machine: n2uq can't check whether they ran before`,
  ];
}

/** Differences between cells of one base that no axis sets, such as a layout that follows from the method. */
function besides({ groups, bases, set }: SweepSpec, cells: readonly Cell[]): string[] {
  if (bases.length > 1) return [];
  const axes = [...groups.flat(), ...set].map(({ path }) => path);
  const found = derivedDifferences(
    cells.map(({ resolved }) => resolved),
    axes,
  );
  return found.map(
    ({ path, recipe, here }) =>
      `besides the axes, cells differ in the derived key ${path}: ${recipe}, ${here}`,
  );
}

function needsOf({ teacher, init }: ResolvedExperiment): string[] {
  const hashes = [teacher, init].flatMap((one) => (one !== null && "hash" in one ? [one.hash] : []));
  return [...new Set(hashes)];
}

function keep(faults: Map<string, N2uqError>, error: unknown): null {
  const errors = error instanceof N2uqErrors ? error.errors : [error];
  for (const one of errors) {
    if (!(one instanceof N2uqError)) throw one;
    const { file = "", line = 0, column = 0, text = "" } = one.location ?? {};
    faults.set(`${one.message} ${file} ${line} ${column} ${text}`, one);
  }
  return null;
}

function checkDirectories(cells: readonly Cell[]): void {
  const taken = new Map<string, string>();
  for (const { directory, hash } of cells) {
    const other = taken.get(directory);
    if (other !== undefined && other !== hash) {
      const shown = relative(process.cwd(), resolve(directory));
      throw new N2uqError("N2UQ_SWEEP_COLLISION", { directory: shown });
    }
    taken.set(directory, hash);
  }
}

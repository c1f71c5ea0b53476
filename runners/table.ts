import { existsSync } from "node:fs";
import { basename, dirname, relative } from "node:path";
import type { LoadOptions } from "../src/config/load.js";
import { N2uqError } from "../src/errors.js";
import { meanAndDeviation } from "../src/report/tables/statistics.js";
import type { FilledCell, FilledTable } from "../src/report/tables/types.js";
import { isProvisional, recipeHash } from "../src/resolve/hash.js";
import { fixedSince } from "../src/runs/numerics.js";
import { RunIndex } from "../src/runs/runIndex.js";
import { type RunState, type RunStatus, statusOf } from "../src/runs/state.js";
import type { SkippedRun } from "../src/runs/summary.js";
import { layoutOf } from "../src/sweep/layout.js";
import type { Layout, LayoutRow } from "../src/sweep/layoutTypes.js";
import { placed } from "../src/sweep/place.js";
import { readSweep, type SweepFlags } from "../src/sweep/read.js";
import { userPath } from "../src/userPath.js";
import { differencesOf, type Pair } from "./differences.js";
import { type Cell, type Cells, resolveCells } from "./sweep/cells.js";

export type TableFlags = Pick<SweepFlags, "profile" | "set">;

/** A cell of the table: by the table file only, and with profiles and flags. */
interface Placed {
  readonly name: string;
  readonly experiment: NonNullable<Cell["experiment"]>;
  readonly recipe: Cell;
  /** Null if the flags exclude the cell. */
  readonly here: Cell | null;
}

/**
 * Fills a table from run directories; runs and writes nothing. The recipe (the file without its profiles)
 * decides the place of a cell in the table. Profiles and flags change which run is shown there; a run that
 * differs from the recipe is marked. @throws N2uqError or N2uqErrors N2UQ_TABLE_*, and as `readSweep` and
 * `resolveCells`
 */
export async function fillTable(
  file: string,
  flags: TableFlags,
  options: LoadOptions & { readonly cwd: string },
  runs: string,
): Promise<FilledTable & { readonly skipped: readonly SkippedRun[] }> {
  const { cwd } = options;
  // The runs may come from another machine with an engine that this one lacks.
  const reading = { ...options, readsOnly: true };
  const path = userPath(file, cwd);
  // The engine is not part of the recipe, but of each cell's hash.
  const engine = (flags.set ?? []).filter((given) => given.startsWith("engine="));
  const spec = await readSweep([file], { set: engine }, cwd);
  if (spec.table === undefined)
    throw new N2uqError("N2UQ_TABLE_MISSING", { file }, { location: { file: path } });
  const layout = layoutOf(spec.table, relative(cwd, path), dirname(path));
  const recipe = await resolveCells({ ...spec, profiles: [] }, reading, runs);
  const changed =
    spec.profiles.length + (flags.profile?.length ?? 0) + (flags.set?.length ?? 0) > engine.length;
  const here = changed ? await resolveCells(await readSweep([file], flags, cwd), reading, runs) : recipe;
  const places = placed(layout, paired(recipe, here));
  const index = new RunIndex(runs);
  const found = here.cells.map((cell) => [cell, runOf(cell, index)] as const);
  const statuses = new Map(found.map(([{ hash }, { status }]) => [hash, status]));
  const shown = new Set(places.flat(2).flatMap((place) => place.here?.hash ?? []));
  const notes = [
    ...here.notes,
    ...new Set(found.flatMap(([{ hash }, { notes: own }]) => (shown.has(hash) ? own : []))),
  ];
  const skipped = [...statuses.values()].flatMap(({ directory, problem }) =>
    problem === undefined ? [] : [{ directory, reason: problem }],
  );
  return {
    skipped,
    title: layout.title,
    metric: layout.metric,
    columns: layout.columns.map(({ label }) => ({
      label: label.text,
      referenced: layout.rows.some((row) => referenceOf(row, label.text) !== null),
    })),
    ...notesAndRows(layout, (row, column) => {
      const reference = referenceOf(layout.rows[row], layout.columns[column]?.label.text);
      return filled(places[row]?.[column] ?? [], statuses, layout.metric, reference);
    }),
    differences: differencesOf(places.flat(2).flatMap(changedPair)),
    notes,
  };
}

/** The status of a cell's run; if it has none, of a run of the same recipe on other content, with a note. */
function runOf(cell: Cell, index: RunIndex): { status: RunStatus; notes: string[] } {
  const own = statusOf(cell.directory);
  const [other] = index.all(cell.hash).length > 0 ? [] : index.ofRecipe(recipeHash(cell.resolved));
  const status = other === undefined ? own : statusOf(other);
  const { record } = status;
  const fixed = record === undefined ? [] : fixedSince(record.numerics, cell.resolved);
  const where = isProvisional(cell.resolved)
    ? "matched only by its recipe: its data or weights can't be read on this machine"
    : "of this recipe, on other data or weights than on this machine";
  return {
    status,
    notes: [
      ...(other === undefined || record === undefined ? [] : [`${basename(other)} is ${where}.`]),
      ...fixed.map((what) => `${basename(status.directory)} was computed before a fix: ${what}.`),
    ],
  };
}

/** Pairs each cell of the recipe with the cell of the same axis values under profiles and flags. */
function paired(recipe: Cells, here: Cells): Placed[] {
  const byHash = new Map(here.cells.map((cell) => [cell.hash, cell]));
  const byValues = new Map(
    [...here.cells.filter(({ shared }) => !shared), ...here.duplicates].map(({ values, hash }) => [
      JSON.stringify(values),
      byHash.get(hash),
    ]),
  );
  return recipe.cells.flatMap((cell) => {
    if (cell.experiment === undefined || cell.shared) return [];
    const other = byValues.get(JSON.stringify(cell.values)) ?? null;
    const values = Object.entries(cell.values).map(([key, value]) => ` ${key}=${value}`);
    return [
      { name: `${cell.name}${values.join("")}`, experiment: cell.experiment, recipe: cell, here: other },
    ];
  });
}

/** A cell and its recipe, if their hashes differ. */
function changedPair({ recipe, here }: Placed): Pair[] {
  return here === null || here.hash === recipe.hash ? [] : [[recipe.resolved, here.resolved]];
}

/** Rows with footnotes numbered in order of appearance: the source of a row's references first. */
function notesAndRows(
  { rows, columns, footnotes, sources }: Layout,
  cellAt: (row: number, column: number) => FilledCell,
): Pick<FilledTable, "rows" | "footnotes"> {
  const texts: string[] = [];
  const numberOf = (text: string): number => {
    if (!texts.includes(text)) texts.push(text);
    return texts.indexOf(text) + 1;
  };
  const textsOf = ({ source, footnotes: keys }: LayoutRow): string[] => [
    ...sources.filter(({ key }) => key.text === source?.text).map(({ text }) => `References: ${text}`),
    ...keys.flatMap((key) => footnotes.filter((note) => note.key.text === key.text).map(({ text }) => text)),
  ];
  const filledRows = rows.map((row, index) => ({
    group: row.group,
    label: row.label.text,
    footnotes: textsOf(row).map(numberOf),
    cells: columns.map((_, column) => cellAt(index, column)),
  }));
  return { rows: filledRows, footnotes: texts };
}

function referenceOf(row: LayoutRow | undefined, column: string | undefined): number | null {
  return row?.references.find((reference) => reference.column.text === column)?.value ?? null;
}

function filled(
  cells: readonly Placed[],
  statuses: ReadonlyMap<string, RunStatus>,
  metric: Layout["metric"],
  reference: number | null,
): FilledCell {
  const found = cells.flatMap(({ here }) => (here === null ? [] : (statuses.get(here.hash) ?? [])));
  const values = found.flatMap(({ record }) => (record === undefined ? [] : [record.best[metric]]));
  const marked = differencesOf(cells.flatMap(changedPair)).length > 0;
  const ours = values.length === 0 ? null : { ...meanAndDeviation(values), n: values.length, marked };
  return {
    ours,
    runs: found.length,
    state: stateOf(found),
    reference,
    difference: ours === null || marked || reference === null ? null : ours.mean - reference,
  };
}

/** States, the most important first. */
const PRECEDENCE: readonly RunState[] = ["failed", "unreadable", "running", "interrupted", "queued", "done"];

/**
 * One state for several runs; `running` with their mean progress; `not run` for runs that were never queued.
 */
function stateOf(statuses: readonly RunStatus[]): string | null {
  const state = PRECEDENCE.find((one) => statuses.some((status) => status.state === one));
  if (state === "running") {
    const shares = statuses.flatMap(({ holder }) =>
      holder === undefined
        ? []
        : [(holder.progress?.step ?? 0) / Math.max(1, holder.progress?.totalSteps ?? 1)],
    );
    return `running ${Math.floor(meanAndDeviation(shares).mean * 100)} %`;
  }
  const waiting = statuses.filter((status) => status.state === "queued");
  if (state === "queued" && !waiting.some(({ directory }) => existsSync(directory))) return "not run";
  return state ?? null;
}

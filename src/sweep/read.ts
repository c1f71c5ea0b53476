import { basename, dirname, join, relative } from "node:path";
import { throwFaults, toLocation } from "../config/faults.js";
import { kindOf } from "../config/kinds.js";
import { objectTree } from "../config/overlay.js";
import { readTree } from "../config/read.js";
import { assignmentOf, pathNamed } from "../config/set.js";
import { childOf, entriesOf, itemsOf, type Tree, toValue } from "../config/tree.js";
import { N2uqError } from "../errors.js";
import type { Sweep } from "../schema/generated/sweep.js";
import type { Path } from "../schema/schema.js";
import { validateSweep } from "../schema/validate.js";
import { userPath } from "../userPath.js";
import { axisOfFile, axisOfFlag, distinct, overlap, seedsOf, valueOfFile } from "./axes.js";
import { matchingFiles } from "./bases.js";
import { splitTopLevel } from "./split.js";
import type { Axis, Exclusion, SweepSpec } from "./types.js";

/** A sweep's settings on the command line. */
export interface SweepFlags {
  readonly grid?: readonly string[];
  readonly zip?: readonly string[];
  readonly exclude?: readonly string[];
  readonly seeds?: string;
  readonly profile?: readonly string[];
  readonly set?: readonly string[];
}

/**
 * Reads a sweep from one sweep file, or from experiment files and globs, and applies the flags: an axis on
 * the command line replaces the file's axis of the same path. @throws N2uqError or N2uqErrors N2UQ_CONFIG_*,
 * N2UQ_SWEEP_*
 */
export async function readSweep(
  files: readonly string[],
  flags: SweepFlags,
  cwd: string,
): Promise<SweepSpec> {
  const found = files.flatMap((file) =>
    matchingFiles(userPath(file, cwd), { file: "n2uq sweep", text: file }),
  );
  const trees = found.length === 1 ? [await readTree(found[0] ?? "", cwd)] : [];
  const [tree] = trees;
  const isSweep = tree !== undefined && ["sweep", "table", "search"].includes(kindOf(found[0] ?? "", tree));
  const file = isSweep ? found[0] : undefined;
  const own = isSweep && file !== undefined ? specOfFile(file, tree, cwd) : specOfExperiments(found);
  return withFlags(own, flags, cwd);
}

/**
 * A sweep from an object, with the flags applied; paths in it are relative to `cwd`. @throws N2uqError
 * N2UQ_CONFIG_OBJECT; as `readSweep`
 */
export function sweepOfObject(value: unknown, flags: SweepFlags, cwd: string): SweepSpec {
  const file = join(cwd, "sweep object");
  const spec = specOfFile(file, objectTree(value, file), cwd);
  return withFlags({ ...spec, file: undefined }, flags, cwd);
}

function specOfExperiments(bases: readonly string[]): SweepSpec {
  const name = bases.length === 1 ? stem(bases[0] ?? "") : "sweep";
  return { name, file: undefined, bases, profiles: [], set: [], groups: [], exclude: [] };
}

function specOfFile(file: string, tree: Tree, cwd: string): SweepSpec {
  throwFaults(validateSweep(toValue(tree)), tree);
  const [folder, where] = [dirname(file), relative(cwd, file)];
  const axes = (owner: Tree | undefined): Axis[] =>
    entriesOf(owner).map(([key, child]) => axisOfFile(key, child, where, folder));
  const zip = childOf(tree, "zip");
  const zips = zip === undefined ? [] : "items" in zip ? zip.items : [zip];
  const seeds = childOf(tree, "seeds");
  const name = childOf(tree, "name");
  return {
    name: name !== undefined && "scalar" in name ? String(name.scalar) : stem(file),
    file,
    bases: basesOf(childOf(tree, "base"), folder),
    profiles: itemsOf(childOf(tree, "profiles")).map((profile) => String(toValue(profile))),
    set: entriesOf(childOf(tree, "set")).map(
      ([key, child]) =>
        valueOfFile(key, pathNamed(key, where, toLocation(child.origin, true)), child, folder).assignment,
    ),
    groups: [
      ...axes(childOf(tree, "grid")).map((axis) => [axis]),
      ...zips.map(axes),
      ...(seeds === undefined ? [] : [[seedAxis(seedNumbers(seeds), toLocation(seeds.origin))]]),
    ],
    exclude: itemsOf(childOf(tree, "exclude")).map((entry) => exclusionOf(entry, where, folder)),
    table: childOf(tree, "table"),
    search: (toValue(tree) as Sweep).search,
  };
}

function withFlags(spec: SweepSpec, flags: SweepFlags, cwd: string): SweepSpec {
  const grid = (flags.grid ?? []).map((argument) => [axisOfFlag(argument, "--grid", cwd)]);
  const zip = (flags.zip ?? []).map((argument) => axisOfFlag(argument, "--zip", cwd));
  const given = [...grid, ...(zip.length > 0 ? [zip] : [])];
  if (flags.seeds !== undefined) {
    const location = { file: "--seeds", column: 1, text: flags.seeds };
    given.push([seedAxis(seedsOf(flags.seeds, location), location)]);
  }
  const replaced = (axis: { readonly path: Path }) =>
    given.flat().some(({ path }) => overlap(path, axis.path));
  const kept = spec.groups
    .map((group) => group.filter((axis) => !replaced(axis)))
    .filter(({ length }) => length > 0);
  const groups = [...kept, ...given];
  checkGroups(groups);
  return {
    ...spec,
    groups,
    profiles: [...spec.profiles, ...(flags.profile ?? [])],
    set: [...spec.set, ...(flags.set ?? []).map((argument) => assignmentOf(argument, cwd))],
    exclude: [
      ...spec.exclude.map((entry) =>
        entry.conditions.some(replaced) ? { ...entry, mayBeIdle: true } : entry,
      ),
      ...(flags.exclude ?? []).map((argument) => exclusionOfFlag(argument, cwd)),
    ],
  };
}

function checkGroups(groups: readonly (readonly Axis[])[]): void {
  for (const group of groups) {
    const [first] = group;
    if (group.length === 1 && first !== undefined) distinct(first);
    const other = group.find(({ values }) => values.length !== first?.values.length);
    if (first === undefined || other === undefined) continue;
    const lengths = group.map(({ key, values }) => `${key} has ${values.length}`).join(", ");
    throw new N2uqError("N2UQ_SWEEP_ZIP_LENGTHS", { lengths }, { location: other.location });
  }
  const axes = groups.flat();
  for (const [index, axis] of axes.entries()) {
    const before = axes.slice(0, index).find(({ path }) => overlap(path, axis.path));
    if (before === undefined) continue;
    const { key, location } = axis;
    throw new N2uqError("N2UQ_SWEEP_AXIS_TWICE", { key, other: before.key }, { location });
  }
}

function seedAxis(seeds: readonly number[], location: Axis["location"]): Axis {
  return { ...axisOfFlag(`seed=${seeds.join(",")}`, "--seeds", "/"), location };
}

/** The seeds: the entries of a list (also of one with a single entry), or 0 to n - 1 for a number n. */
function seedNumbers(tree: Tree): number[] {
  if ("items" in tree) return tree.items.map((item) => Number(toValue(item)));
  return seedsOf(String(toValue(tree)), toLocation(tree.origin));
}

/** A map of values in a sweep file, as conditions on a cell. @throws N2uqError N2UQ_CONFIG_UNKNOWN_KEY */
export function exclusionOf(entry: Tree, where: string, folder: string): Exclusion {
  const conditions = entriesOf(entry).map(([key, child]) => {
    const path = pathNamed(key, where, toLocation(child.origin, true));
    const { written, assignment } = valueOfFile(key, path, child, folder);
    return { path, value: toValue(assignment.value), written: `${key}=${written}` };
  });
  return {
    conditions,
    written: conditions.map(({ written }) => written).join(","),
    location: toLocation(entry.origin),
  };
}

function exclusionOfFlag(argument: string, cwd: string): Exclusion {
  const parts = splitTopLevel(argument).map((part) => assignmentOf(part, cwd, "--exclude"));
  const location = { file: "--exclude", column: 1, text: argument };
  if (parts.length === 0) throw new N2uqError("N2UQ_SWEEP_EMPTY_AXIS", { key: "--exclude" }, { location });
  return {
    conditions: parts.map(({ path, value }) => ({ path, value: toValue(value) })),
    written: argument,
    location,
  };
}

function basesOf(base: Tree | undefined, folder: string): string[] {
  const entries = base === undefined ? [] : "items" in base ? base.items : [base];
  return entries.flatMap((entry) => {
    const location = toLocation(entry.origin);
    return matchingFiles(userPath(String(toValue(entry)), folder, location), location);
  });
}

function stem(file: string): string {
  return basename(file).replace(/\.ya?ml$/, "");
}

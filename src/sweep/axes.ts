import { toLocation } from "../config/faults.js";
import { absolutePaths } from "../config/files.js";
import { assignmentOf, pathNamed } from "../config/set.js";
import { fromValue, type Origin, type Tree, toValue } from "../config/tree.js";
import { N2uqError, type SourceLocation } from "../errors.js";
import { formatPath } from "../schema/paths.js";
import { experimentRoot, schemaAt } from "../schema/roots.js";
import type { Path } from "../schema/schema.js";
import { toInlineYaml } from "../schema/shown.js";
import { splitTopLevel } from "./split.js";
import type { Axis, AxisValue } from "./types.js";

const RANGE = /^(-?\d+)\.\.(-?\d+)$/;
const MOST_VALUES = 100_000;
const LARGEST_SEED = 2 ** 32 - 1;

/**
 * The axis of a flag such as `--grid bits=2,3,4` or `--zip seed=0..4`. @throws N2uqError
 * N2UQ_CONFIG_UNKNOWN_KEY, N2UQ_CONFIG_SET, N2UQ_SWEEP_EMPTY_AXIS, N2UQ_SWEEP_RANGE
 */
export function axisOfFlag(argument: string, flag: string, cwd: string): Axis {
  const location = { file: flag, column: 1, text: argument };
  const equals = argument.indexOf("=");
  const key = equals < 0 ? argument : argument.slice(0, equals).trim();
  const path = pathNamed(key, flag, location);
  const parts = splitTopLevel(equals < 0 ? "" : argument.slice(equals + 1));
  const values = parts.flatMap((part) => {
    const range = rangeOf(part, key, location);
    const written = range ?? [part];
    return written.map((text) => ({
      written: text,
      assignment: assignmentOf(`${key}=${text}`, cwd, flag, "axis"),
    }));
  });
  return nonEmpty({ key, path, values, location });
}

/** The axis of a key in a sweep file; its paths are relative to `folder`. @throws as `axisOfFlag` */
export function axisOfFile(key: string, tree: Tree, where: string, folder: string): Axis {
  const location = toLocation(tree.origin, true);
  const path = pathNamed(key, where, location);
  const range = "scalar" in tree ? rangeOf(String(tree.scalar), key, toLocation(tree.origin)) : undefined;
  if ("scalar" in tree && range === undefined) {
    const found = toInlineYaml(tree.scalar);
    throw new N2uqError("N2UQ_SWEEP_RANGE", { key, found }, { location: toLocation(tree.origin) });
  }
  const items = "items" in tree ? tree.items : (range ?? []).map((n) => fromValue(Number(n), tree.origin));
  const values = items.map((item) => valueOfFile(key, path, item, folder));
  return nonEmpty({ key, path, values, location });
}

/** One value of a sweep file for a path, with shorthands (`arch: resnet18`) expanded. */
export function valueOfFile(key: string, path: Path, tree: Tree, folder: string): AxisValue {
  const schema = schemaAt(experimentRoot, path) ?? {};
  const written = toInlineYaml(toValue(tree));
  const shorthand = "scalar" in tree ? schema["x-shorthand"]?.[String(tree.scalar)] : undefined;
  const plain = shorthand === undefined ? tree : fromValue(shorthand, tree.origin);
  const origin: Origin = { ...plain.origin, kind: "axis" };
  const value = absolutePaths({ ...plain, origin }, schema, folder);
  return { written, assignment: { path, value, written: `${key}=${written}` } };
}

/** The seeds of repetitions: from a number, a list or a range. */
export function seedsOf(text: string, location: SourceLocation | undefined): number[] {
  const range = rangeOf(text, "seeds", location);
  if (range !== undefined) return range.map(Number);
  const parts = splitTopLevel(text);
  const numbers = parts.map(Number);
  const isSeed = (part: string) => /^\d+$/.test(part) && Number(part) <= LARGEST_SEED;
  if (parts.length === 0 || !parts.every(isSeed)) {
    throw new N2uqError("N2UQ_SWEEP_SEEDS", { found: text }, { location });
  }
  const [count = 0] = numbers;
  if (parts.length > 1) return numbers;
  if (count < 1 || count > MOST_VALUES)
    throw new N2uqError("N2UQ_SWEEP_SEEDS", { found: text }, { location });
  return Array.from({ length: count }, (_, seed) => seed);
}

/**
 * The numbers of a range such as `0..4`; undefined if the text is not a range. @throws N2uqError
 * N2UQ_SWEEP_RANGE
 */
function rangeOf(text: string, key: string, location: SourceLocation | undefined): string[] | undefined {
  const match = RANGE.exec(text.trim());
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2])];
  if (last < first || last - first >= MOST_VALUES) {
    throw new N2uqError("N2UQ_SWEEP_RANGE", { key, found: text }, { location });
  }
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
}

function nonEmpty(axis: Axis): Axis {
  if (axis.values.length > 0) return axis;
  throw new N2uqError("N2UQ_SWEEP_EMPTY_AXIS", { key: axis.key }, { location: axis.location });
}

/** @throws N2uqError N2UQ_SWEEP_TWICE if an axis outside of a zip has a duplicate value */
export function distinct(axis: Axis): void {
  const seen = new Set<string>();
  for (const { written } of axis.values) {
    if (seen.has(written)) {
      throw new N2uqError("N2UQ_SWEEP_TWICE", { key: axis.key, value: written }, { location: axis.location });
    }
    seen.add(written);
  }
}

/** Whether two axes set the same value, or one axis sets a part of the other axis's value. */
export function overlap(a: Path, b: Path): boolean {
  const [one, other] = [`${formatPath(a)}.`, `${formatPath(b)}.`];
  return one.startsWith(other) || other.startsWith(one);
}

import { realpathSync } from "node:fs";
import { basename, dirname, relative } from "node:path";
import { orElse } from "../attempt.js";
import { N2uqError, N2uqErrors, type SourceLocation } from "../errors.js";
import { experimentRoot } from "../schema/roots.js";
import { shown } from "../schema/shown.js";
import { validateExperiment } from "../schema/validate.js";
import { throwFaults, toLocation } from "./faults.js";
import { absolutePaths } from "./files.js";
import { kindOf, OTHER_KINDS } from "./kinds.js";
import { merge } from "./merge.js";
import { plainFault } from "./plain.js";
import { readText } from "./read.js";
import { childOf, fromValue, type Tree, toValue, withEntry } from "./tree.js";
import { readYaml } from "./yaml.js";

/** The values of a file, and those of the files that it extends. */
export interface Overlay {
  readonly bases: Tree | undefined;
  readonly own: Tree;
}

/** Maximum number of files of one experiment, counting repeated reads. */
const MOST_FILES = 200;

/** Real paths of the files on the current `extends` chain, and the number of files read. */
interface Chain {
  readonly files: readonly string[];
  readonly count: { read: number };
}

/** Context for reading a file. */
export interface ReadContext {
  readonly cwd: string;
  readonly kind: "file" | "profile";
  /** The profile's name; only for a profile. */
  readonly name?: string;
  /** The place that refers to the file, if it is in another file or in a flag. */
  readonly from?: SourceLocation;
}

/**
 * Reads and validates an experiment file and the files that it extends. @throws N2uqError or N2uqErrors
 * N2UQ_CONFIG_*, with all faults of the first invalid file
 */
export async function readOverlay(
  file: string,
  context: ReadContext,
  chain: Chain = { files: [], count: { read: 0 } },
): Promise<Overlay> {
  const own = realPath(file);
  const { files, count } = chain;
  if (files.includes(own)) throw circle([...files.slice(files.indexOf(own)), own], context);
  count.read += 1;
  if (count.read > MOST_FILES) {
    const location = context.from ?? { file };
    throw new N2uqError("N2UQ_CONFIG_EXTENDS_MANY", { most: MOST_FILES }, { location });
  }
  const text = await readText(file, context.cwd, context.from);
  const place = (line: number) => `${relative(context.cwd, file)}:${line}`;
  const label = (line: number) =>
    context.name === undefined ? place(line) : `profile ${context.name} (${place(line)})`;
  const tree = readYaml(text, { kind: context.kind, file, label });
  const kind = kindOf(file, tree);
  if (kind !== "experiment") throw otherKind(kind, file, context);
  return extended(tree, file, context, chain);
}

/**
 * Validates an experiment that calling code passes as an object, and reads the files that it extends. Paths
 * in it are relative to the folder of `file`; messages contain the name of `file`.
 * @throws N2uqError N2UQ_CONFIG_OBJECT if it is not plain JSON; as `readOverlay`
 */
export async function readObject(value: unknown, file: string, context: ReadContext): Promise<Overlay> {
  const tree = objectTree(value, file);
  const kind = kindOf(file, tree);
  if (kind !== "experiment") throw otherKind(kind, file, context);
  return extended(tree, file, context);
}

/** A plain object as a tree; messages contain the name of `file`. @throws N2uqError N2UQ_CONFIG_OBJECT */
export function objectTree(value: unknown, file: string): Tree {
  const what = basename(file);
  const reason = value === undefined ? "it is undefined" : plainFault(value);
  if (reason !== undefined) throw new N2uqError("N2UQ_CONFIG_OBJECT", { what, reason });
  return fromValue(JSON.parse(JSON.stringify(value)), { kind: "file", file, label: what });
}

/** Resolves links; returns a missing path unchanged. */
function realPath(file: string): string {
  return orElse(() => realpathSync(file), file);
}

/** Validates a tree and reads the files that it extends. Paths in the tree are relative to `file`. */
export async function extended(
  tree: Tree,
  file: string,
  context: ReadContext,
  chain: Chain = { files: [], count: { read: 0 } },
): Promise<Overlay> {
  if (!("entries" in tree)) throw notAMap(tree);
  throwFaults(validateExperiment(toValue(tree)), tree);
  const absolute = absolutePaths(tree, experimentRoot, dirname(file));
  const parent = childOf(absolute, "extends");
  let bases: Tree | undefined;
  for (const link of linksOf(parent)) {
    const from = toLocation(link.origin);
    const below = { ...chain, files: [...chain.files, realPath(file)] };
    const base = await readOverlay(link.file, { ...context, ...(from && { from }) }, below);
    bases = stacked(bases, flat(base));
  }
  return { bases, own: withEntry(absolute, "extends", undefined) };
}

/** Merges an overlay into one tree; its own values take precedence. */
export function flat({ bases, own }: Overlay): Tree {
  return stacked(bases, own);
}

/** Merges one experiment tree into another. */
export function stacked(base: Tree | undefined, overlay: Tree): Tree {
  return merge(base, overlay, experimentRoot);
}

function linksOf(parent: Tree | undefined): { file: string; origin: Tree["origin"] }[] {
  if (parent === undefined) return [];
  if ("items" in parent) return parent.items.flatMap(linksOf);
  return "scalar" in parent ? [{ file: String(parent.scalar), origin: parent.origin }] : [];
}

function notAMap(tree: Tree): N2uqErrors {
  const location = toLocation(tree.origin);
  const value = toValue(tree);
  const found = value === null ? "an empty file" : shown(value);
  return new N2uqErrors([new N2uqError("N2UQ_CONFIG_NOT_A_MAP", { found }, { location })]);
}

function otherKind(kind: keyof typeof OTHER_KINDS, file: string, { cwd, from }: ReadContext): N2uqError {
  const [found, hint] = OTHER_KINDS[kind];
  const shownFile = relative(cwd, file) || file;
  const details = { file: shownFile, found };
  return new N2uqError("N2UQ_CONFIG_OTHER_KIND", details, {
    location: from ?? { file },
    hint: hint.replaceAll("FILE", shownFile),
  });
}

function circle(files: readonly string[], { cwd, from }: ReadContext): N2uqError {
  const chain = files.map((file) => relative(cwd, file)).join(" → ");
  return new N2uqError("N2UQ_CONFIG_EXTENDS_CIRCLE", { chain }, { location: from });
}

import { dirname, relative } from "node:path";
import { N2uqError, N2uqErrors, type SourceLocation } from "../errors.js";
import { experimentRoot } from "../schema/roots.js";
import { shown } from "../schema/shown.js";
import { validateExperiment } from "../schema/validate.js";
import { throwFaults, toLocation } from "./faults.js";
import { absolutePaths } from "./files.js";
import { merge } from "./merge.js";
import { readText } from "./read.js";
import { childOf, type Tree, toValue, withEntry } from "./tree.js";
import { readYaml } from "./yaml.js";

/** A file's own values, and what it builds on. */
export interface Overlay {
  readonly bases: Tree | undefined;
  readonly own: Tree;
}

/** What reading a file needs to know. */
export interface ReadContext {
  readonly cwd: string;
  readonly kind: "file" | "profile";
  /** Of a profile. */
  readonly name?: string;
  /** Where the file was named, if it was in another file or a flag. */
  readonly from?: SourceLocation;
}

/**
 * Reads, validates and follows one experiment file and its `extends`.
 * @throws N2uqError or N2uqErrors N2UQ_CONFIG_*, all faults of the first file that has any
 */
export async function readOverlay(
  file: string,
  context: ReadContext,
  chain: readonly string[] = [],
): Promise<Overlay> {
  if (chain.includes(file)) throw circle([...chain.slice(chain.indexOf(file)), file], context);
  const text = await readText(file, context.cwd, context.from);
  const place = (line: number) => `${relative(context.cwd, file)}:${line}`;
  const label = (line: number) =>
    context.name === undefined ? place(line) : `profile ${context.name} (${place(line)})`;
  return extended(readYaml(text, { kind: context.kind, file, label }), file, context, chain);
}

/** A tree's own values and what its `extends` bring; paths in it are relative to `file`. */
export async function extended(
  tree: Tree,
  file: string,
  context: ReadContext,
  chain: readonly string[] = [],
): Promise<Overlay> {
  if (!("entries" in tree)) throw notAMap(tree);
  throwFaults(validateExperiment(toValue(tree)), tree);
  const absolute = absolutePaths(tree, experimentRoot, dirname(file));
  const parent = childOf(absolute, "extends");
  let bases: Tree | undefined;
  for (const link of linksOf(parent)) {
    const from = toLocation(link.origin);
    const base = await readOverlay(link.file, { ...context, ...(from && { from }) }, [...chain, file]);
    bases = stacked(bases, flat(base));
  }
  return { bases, own: withEntry(absolute, "extends", undefined) };
}

/** The overlay in one tree, its own values on top. */
export function flat({ bases, own }: Overlay): Tree {
  return stacked(bases, own);
}

/** One experiment tree over another. */
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
  return new N2uqErrors([new N2uqError("N2UQ_CONFIG_NOT_A_MAP", { found }, location && { location })]);
}

function circle(files: readonly string[], { cwd, from }: ReadContext): N2uqError {
  const chain = files.map((file) => relative(cwd, file)).join(" → ");
  return new N2uqError("N2UQ_CONFIG_EXTENDS_CIRCLE", { chain }, from && { location: from });
}

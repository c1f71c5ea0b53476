import { N2uqError, N2uqErrors, type SourceLocation } from "../errors.js";
import { closestWord } from "../schema/closest.js";
import { experimentPaths, formatPath, parsePath, shortNames } from "../schema/paths.js";
import { dereference, experimentRoot, schemaAt } from "../schema/roots.js";
import type { Path, Schema } from "../schema/schema.js";
import { validateExperiment } from "../schema/validate.js";
import { throwFaults } from "./faults.js";
import { absolutePaths } from "./files.js";
import { childSchema, merge } from "./merge.js";
import { beginsQuoted } from "./quotes.js";
import { childOf, fromValue, itemsOf, type Origin, type Tree, toValue, withOrigins } from "./tree.js";
import { readYaml } from "./yaml.js";

/** A value for a path of an experiment, from a flag or a sweep file. */
export interface Assignment {
  readonly path: Path;
  readonly value: Tree;
  /** As the user wrote it: `bits=3`. */
  readonly written: string;
}

/**
 * Applies one `--set path=value` to an experiment. The path is complete (`quantization.layers[0].bits`) or a
 * short name (`bits`). The value is YAML; file paths in it are relative to `cwd`. @throws
 * N2uqError or N2uqErrors N2UQ_CONFIG_SET, _UNKNOWN_KEY, _BAD_VALUE … located at the flag
 */
export function applySet(tree: Tree, argument: string, cwd: string): Tree {
  const assignment = assignmentOf(argument, cwd);
  const { path, value } = assignment;
  const changed = assign(tree, assignment);
  // The flag's value is validated separately, so that errors have the location of the flag.
  const faults = validateExperiment(toValue(changed)).filter((fault) =>
    path.every((key, index) => fault.path[index] === key),
  );
  throwFaults(faults, { origin: value.origin, scalar: null });
  return changed;
}

/** Parses a flag's `path=value` without validating the value. @throws as `applySet` */
export function assignmentOf(
  argument: string,
  cwd: string,
  flag = "--set",
  kind: "set" | "axis" = "set",
): Assignment {
  const equals = argument.indexOf("=");
  if (equals < 1) {
    const [, key, value] = /^\s*([\w.[\]]+)\s*:\s*(.*)$/.exec(argument) ?? [];
    const hint = key === undefined ? undefined : `Write \`${flag} ${key}=${value}\`, with an equals sign.`;
    throw setError(argument, 1, "there is no `path=` before the value", flag, hint);
  }
  const written = argument.slice(0, equals).trim();
  const path = pathNamed(written, flag, { file: flag, column: 1, text: argument });
  const schema = schemaAt(experimentRoot, path) ?? {};
  const value = flagValue(argument, equals + 1, schema, flag, kind);
  return { path, value: absolutePaths(value, schema, cwd), written: argument };
}

/** Returns the tree with the value merged at the path. */
export function assign(tree: Tree, { path, value, written }: Assignment): Tree {
  return assigned(tree, path, value, experimentRoot, written);
}

/**
 * Resolves a complete path or a short name to keys. `where` describes its place in error messages. @throws
 * N2uqError N2UQ_CONFIG_UNKNOWN_KEY
 */
export function pathNamed(written: string, where: string, location?: SourceLocation): Path {
  const path = shortNames.get(written) ?? parsePath(written);
  if (path !== undefined && path[0] !== "extends" && schemaAt(experimentRoot, path) !== undefined)
    return path;
  const known = [
    ...shortNames.keys(),
    ...experimentPaths.map(formatPath).filter((name) => name !== "extends"),
  ];
  const close = written === "extends" ? undefined : (closestWord(written, known) ?? closestEnd(written));
  const message =
    written === "extends" ? "extends is allowed only in files" : `unknown path ${written} in ${where}`;
  const meant = close === undefined ? "" : `Did you mean ${close}? `;
  const hint = `${meant}Short names: ${[...shortNames.keys()].join(", ")}.`;
  throw new N2uqError("N2UQ_CONFIG_UNKNOWN_KEY", { message }, { hint, location });
}

function closestEnd(written: string): string | undefined {
  const end = written.split(".").at(-1) ?? "";
  const path = experimentPaths.find((keys) => keys.at(-1) === end);
  return path === undefined ? undefined : formatPath(path);
}

function flagValue(
  argument: string,
  start: number,
  schema: Schema,
  flag: string,
  kind: "set" | "axis",
): Tree {
  const text = argument.slice(start);
  const place = { file: flag, column: start + 1, text: argument };
  const origin: Origin = { kind, label: `${flag} ${argument}`, ...place };
  const shorthand = schema["x-shorthand"]?.[text.trim()];
  if (shorthand !== undefined) return fromValue(shorthand, origin);
  // `--set name=2024` sets a string, not a number.
  if (schema.type === "string" && schema.enum === undefined)
    return { origin, scalar: plainText(text, argument, flag) };
  return withOrigins(parsed(text, argument, flag), () => origin);
}

/**
 * The text of a flag's value: the content of YAML quotes, or the value itself. @throws N2uqError
 * N2UQ_CONFIG_SET if a quote is not closed, or text follows it
 */
export function plainText(text: string, argument: string, flag: string): string {
  if (!beginsQuoted(text)) return text.trim();
  const tree = parsed(text.trim(), argument, flag);
  if ("scalar" in tree && typeof tree.scalar === "string") return tree.scalar;
  throw setError(argument, argument.indexOf("=") + 2, "there is text after the closing quote", flag);
}

function parsed(text: string, argument: string, flag: string): Tree {
  try {
    return readYaml(text, { kind: "set", file: flag, label: () => argument });
  } catch (error) {
    if (!(error instanceof N2uqErrors)) throw error;
    throw setError(argument, argument.indexOf("=") + 2, error.message, flag);
  }
}

/** Returns the tree with the value merged at the path; list items are replaced by index. */
function assigned(tree: Tree | undefined, path: Path, value: Tree, schema: Schema, argument: string): Tree {
  const [key, ...rest] = path;
  if (key === undefined) return merge(tree, value, schema);
  if (typeof key === "number") {
    const items = itemsOf(tree);
    if (key >= items.length || tree === undefined)
      throw setError(argument, 1, `the list has ${items.length} entries; the first has the index 0`);
    const item = dereference(schema.items ?? {});
    return {
      origin: tree.origin,
      items: items.map((old, index) => (index === key ? assigned(old, rest, value, item, argument) : old)),
    };
  }
  const child = assigned(childOf(tree, key), rest, value, childSchema(schema, key), argument);
  return merge(tree, { origin: tree?.origin ?? value.origin, entries: new Map([[key, child]]) }, schema);
}

function setError(
  argument: string,
  column: number,
  reason: string,
  flag = "--set",
  hint?: string,
): N2uqError {
  const location = { file: flag, column, text: argument };
  return new N2uqError("N2UQ_CONFIG_SET", { flag, argument, reason }, { location, hint });
}

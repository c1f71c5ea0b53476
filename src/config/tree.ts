import type { Path } from "../schema/schema.js";

/** A position in a text. Lines and columns are counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
  /** The complete line, as written. */
  readonly text: string;
}

/** The kind of place of a value; `axis`: a value that a sweep varies, or sets in every cell. */
export type OriginKind = "default" | "file" | "project" | "profile" | "set" | "axis";

/** The place where a value was written. */
export interface Origin extends Partial<Position> {
  readonly kind: OriginKind;
  /** Absolute path, or `--set`. */
  readonly file?: string;
  /**
   * A short text for people: `experiments/quickstart.yaml:12`, `profile smoke (…:3)`, `--set bits=3`,
   * `default`.
   */
  readonly label: string;
  /** Position of the value's key, if it has one. */
  readonly key?: Position;
}

/** A YAML value that is neither a map nor a list. */
export type Scalar = string | number | boolean | null;

/** A value of which every part has an origin. */
export type Tree =
  | {
      readonly origin: Origin;
      readonly scalar: Scalar;
      /** The text in the file, if YAML did not read it as a string: `1e3`, `007`, `~`. */
      readonly written?: string;
    }
  | { readonly origin: Origin; readonly items: readonly Tree[] }
  | { readonly origin: Origin; readonly entries: ReadonlyMap<string, Tree> };

/** Converts a tree to a plain value. */
export function toValue(tree: Tree): unknown {
  if ("items" in tree) return tree.items.map(toValue);
  if ("entries" in tree)
    return Object.fromEntries([...tree.entries].map(([key, child]) => [key, toValue(child)]));
  return tree.scalar;
}

/** Converts a plain JSON value to a tree with one origin. */
export function fromValue(value: unknown, origin: Origin): Tree {
  if (Array.isArray(value)) return { origin, items: value.map((item) => fromValue(item, origin)) };
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, child]) => [key, fromValue(child, origin)] as const);
    return { origin, entries: new Map(entries) };
  }
  return { origin, scalar: value as Scalar };
}

/** The child under a key, if there is one. */
export function childOf(tree: Tree | undefined, key: string | number): Tree | undefined {
  if (tree === undefined) return undefined;
  if ("items" in tree) return typeof key === "number" ? tree.items[key] : undefined;
  return "entries" in tree ? tree.entries.get(String(key)) : undefined;
}

/** The children of a list; none of anything else. */
export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree !== undefined && "items" in tree ? tree.items : [];
}

/** The keys and children of a map; none of anything else. */
export function entriesOf(tree: Tree | undefined): (readonly [string, Tree])[] {
  return tree !== undefined && "entries" in tree ? [...tree.entries] : [];
}

/** The part at a path, or undefined. */
export function partAt(tree: Tree | undefined, path: Path): Tree | undefined {
  return path.reduce<Tree | undefined>(childOf, tree);
}

/** The origin of the value at `path`, or of its nearest ancestor with one. */
export function originAt(tree: Tree, path: Path): Origin {
  let part = tree;
  for (const key of path) {
    const next = childOf(part, key);
    if (next === undefined) break;
    part = next;
  }
  return part.origin;
}

/** Returns a map's tree with one entry set or removed. Treats a tree that is not a map as an empty map. */
export function withEntry(tree: Tree, key: string, child: Tree | undefined): Tree {
  const entries = new Map(entriesOf(tree));
  if (child === undefined) entries.delete(key);
  else entries.set(key, child);
  return { origin: tree.origin, entries };
}

/** The tree with other origins. */
export function withOrigins(tree: Tree, of: (origin: Origin) => Origin): Tree {
  const origin = of(tree.origin);
  if ("items" in tree) return { origin, items: tree.items.map((item) => withOrigins(item, of)) };
  if (!("entries" in tree)) return { origin, scalar: tree.scalar };
  return { origin, entries: new Map([...tree.entries].map(([key, child]) => [key, withOrigins(child, of)])) };
}

/** The tree without the map entry at a path. */
export function without(tree: Tree, [key, ...rest]: Path): Tree {
  if (key === undefined) return tree;
  const child = childOf(tree, key);
  if (child === undefined || typeof key === "number") return tree;
  return withEntry(tree, key, rest.length === 0 ? undefined : without(child, rest));
}

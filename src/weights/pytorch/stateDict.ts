import { N2uqError } from "../../errors.js";
import type { ByteFile } from "../bytes.js";
import { dtypes } from "../dtypes.js";
import { shown } from "../faults.js";
import { describe } from "./describe.js";
import { Dict, TensorView, type Value } from "./values.js";

/** The state dict of a PyTorch file. */
export interface FoundStateDict {
  readonly key: string;
  readonly prefix: string;
  readonly views: ReadonlyMap<string, TensorView>;
  readonly extras: ReadonlyMap<string, string>;
}

/**
 * A dict with the path of names to it. Paths are only joined for display, because a file may repeat a long
 * name.
 */
interface Found {
  readonly dict: Dict;
  readonly path: readonly string[];
}

const DEEPEST = 6;
const MOST_SHOWN = 8;
const MOST_EXTRAS = 200;
const WRAPPERS = ["module.", "_orig_mod."];
const MOST_WRAPPERS = 4;
/**
 * Tensors may share storages; the total size of all tensors is limited to this multiple of the file's size.
 */
const MOST_SHARING = 16;
/**
 * The bytes that this total includes for each name, and for each dimension with its stride. They limit
 * tensors without values: in an ordinary file, each tensor takes at least a hundred bytes besides its values.
 */
const [NAME_BYTES, DIMENSION_BYTES] = [512, 16];

/**
 * Finds the dict of tensors: the object itself, or one nested under names (`state_dict`, `model`, …). Dicts
 * of scalars, such as a checkpoint's accuracies, are considered only if no dict has a tensor of several
 * values. @param key path of the dict to take if there are several: `a.b` @throws N2uqError
 * N2UQ_WEIGHTS_AMBIGUOUS, N2UQ_WEIGHTS_NO_STATE_DICT, N2UQ_WEIGHTS_CORRUPT
 */
export function findStateDict(file: ByteFile, root: Value, key?: string): FoundStateDict {
  const any = dictsOf(root).filter(({ dict }) => holdsTensor(dict, 0));
  const large = any.filter(({ dict }) => holdsTensor(dict, 2));
  const candidates = large.length > 0 ? large : any;
  const chosen = key === undefined ? candidates[0] : any.find(({ path }) => isPath(path, key));
  if (chosen === undefined) {
    const asked = key === undefined ? "" : ` under ${shown(key)}`;
    throw new N2uqError("N2UQ_WEIGHTS_NO_STATE_DICT", {
      file: file.path,
      asked,
      known: namesOf(any) || "none",
    });
  }
  if (key === undefined && candidates.length > 1)
    throw new N2uqError("N2UQ_WEIGHTS_AMBIGUOUS", { file: file.path, names: namesOf(candidates) });
  const { path, dict } = chosen;
  return { key: path.join("."), ...unwrapped(tensorsOf(file, dict)), extras: extrasOf(root, dict) };
}

/**
 * Every dict that is reachable through string keys, once. This skips the optimizer's state, whose keys are
 * numbers.
 */
function dictsOf(root: Value): Found[] {
  const found: Found[] = [];
  const seen = new Set<Dict>();
  const walk = (value: Value, path: readonly string[]): void => {
    if (!(value instanceof Dict) || seen.has(value) || path.length > DEEPEST) return;
    seen.add(value);
    found.push({ dict: value, path });
    for (const [key, inner] of value.entries) if (inner instanceof Dict) walk(inner, [...path, key]);
  };
  walk(root, []);
  return found;
}

function holdsTensor({ entries }: Dict, elements: number): boolean {
  for (const value of entries.values())
    if (value instanceof TensorView && value.elements >= elements) return true;
  return false;
}

/** Whether the names, joined by dots, equal the key. */
function isPath(path: readonly string[], key: string): boolean {
  const length = path.reduce((sum, name) => sum + name.length, Math.max(0, path.length - 1));
  return length === key.length && path.join(".") === key;
}

function namesOf(found: readonly Found[]): string {
  const names = found
    .slice(0, MOST_SHOWN)
    .map(({ path }) => `"${shown(path.map((name) => shown(name)).join("."))}"`);
  const rest = found.length > MOST_SHOWN ? ` and ${found.length - MOST_SHOWN} more` : "";
  return names.join(", ") + rest;
}

function tensorsOf(file: ByteFile, dict: Dict): Map<string, TensorView> {
  const views = new Map<string, TensorView>();
  let bytes = 0;
  for (const [name, value] of dict.entries) {
    if (!(value instanceof TensorView)) continue;
    views.set(name, value);
    bytes += Math.max(value.elements, value.span) * dtypes[value.dtype].bytes;
    bytes += NAME_BYTES + value.shape.length * DIMENSION_BYTES;
  }
  if (bytes > MOST_SHARING * file.size)
    throw file.faults.corrupt("its tensors have far more values than the file contains");
  return views;
}

/** Removes the common prefix of DataParallel or torch.compile. */
function unwrapped(views: ReadonlyMap<string, TensorView>): Pick<FoundStateDict, "prefix" | "views"> {
  let [prefix, rest] = ["", views];
  for (let count = 0; count < MOST_WRAPPERS && rest.size > 0; count += 1) {
    const wrapper = WRAPPERS.find((one) =>
      [...rest.keys()].every((name) => name.length > one.length && name.startsWith(one)),
    );
    if (wrapper === undefined) break;
    prefix += wrapper;
    rest = new Map([...rest].map(([name, view]) => [name.slice(wrapper.length), view]));
  }
  return { prefix, views: rest };
}

/** Short descriptions of the other top-level items; items beyond the limit are only counted. */
function extrasOf(root: Value, chosen: Dict): Map<string, string> {
  const extras = new Map<string, string>();
  if (!(root instanceof Dict)) return extras;
  let left = 0;
  const add = (key: Value, value: Value): void => {
    if (value === chosen || (root === chosen && value instanceof TensorView)) return;
    if (extras.size >= MOST_EXTRAS) left += 1;
    else extras.set(typeof key === "string" ? shown(key) : describe(key), describe(value));
  };
  for (const [key, value] of root.entries) add(key, value);
  for (let i = 0; i < root.others.length; i += 2) add(root.others[i] as Value, root.others[i + 1] as Value);
  if (left > 0) extras.set("…", `${left} more`);
  return extras;
}

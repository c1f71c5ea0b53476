import { N2uqError } from "../../errors.js";
import type { ByteFile } from "../bytes.js";
import { shown } from "../faults.js";
import { describe } from "./describe.js";
import type { Value } from "./values.js";
import { Dict, TensorView } from "./values.js";

/** The state dict of a PyTorch file. */
export interface FoundStateDict {
  readonly key: string;
  readonly prefix: string;
  readonly views: ReadonlyMap<string, TensorView>;
  readonly extras: ReadonlyMap<string, string>;
}

const DEEPEST = 6;
const WRAPPERS = ["module.", "_orig_mod."];
/** Names may share storages; together they must not stand for much more than the file holds. */
const MOST_SHARING = 16;

/**
 * Finds the dict of tensors: the object itself, or one inside of it under names (`state_dict`, `model`, …). Dicts of
 * single numbers, such as a checkpoint's accuracies, do not count where there are others.
 * @param key which of several to take, as `a.b`
 * @throws N2uqError N2UQ_WEIGHTS_AMBIGUOUS, N2UQ_WEIGHTS_NO_STATE_DICT
 */
export function findStateDict(file: ByteFile, root: Value, key?: string): FoundStateDict {
  const all = dictsOf(root);
  const holding = (elements: number) =>
    [...all].filter(([, dict]) => [...dict.entries.values()].some((value) => isTensor(value, elements)));
  const [large, any] = [holding(2), holding(0)];
  const candidates = large.length > 0 ? large : any;
  const known = any.map(([path]) => `"${shown(path)}"`).join(", ");
  const chosen = key === undefined ? candidates[0] : any.find(([path]) => path === key);
  if (chosen === undefined) {
    const asked = key === undefined ? "" : ` under ${shown(key)}`;
    throw new N2uqError("N2UQ_WEIGHTS_NO_STATE_DICT", { file: file.path, asked, known: known || "none" });
  }
  if (key === undefined && candidates.length > 1) {
    const names = candidates.map(([path]) => `"${shown(path)}"`).join(", ");
    throw new N2uqError("N2UQ_WEIGHTS_AMBIGUOUS", { file: file.path, names });
  }
  const [path, dict] = chosen;
  return { key: path, ...unwrapped(tensorsOf(file, dict)), extras: extrasOf(root, dict) };
}

/** Every dict that is reached by names alone, by its path. The optimizer's state is under numbers, and left aside. */
function dictsOf(root: Value): Map<string, Dict> {
  const found = new Map<string, Dict>();
  const seen = new Set<Dict>();
  const walk = (value: Value, path: string, depth: number): void => {
    if (!(value instanceof Dict) || seen.has(value) || depth > DEEPEST) return;
    seen.add(value);
    found.set(path, value);
    for (const [key, inner] of value.entries) {
      if (typeof key === "string") walk(inner, path === "" ? key : `${path}.${key}`, depth + 1);
    }
  };
  walk(root, "", 0);
  return found;
}

function isTensor(value: Value, elements: number): boolean {
  return value instanceof TensorView && value.shape.reduce((product, size) => product * size, 1) >= elements;
}

function tensorsOf(file: ByteFile, dict: Dict): Map<string, TensorView> {
  const views = new Map<string, TensorView>();
  let values = 0;
  for (const [name, value] of dict.entries) {
    if (typeof name !== "string" || !(value instanceof TensorView)) continue;
    views.set(name, value);
    values += value.shape.reduce((product, size) => product * size, 1);
  }
  if (values > MOST_SHARING * file.size)
    throw file.faults.corrupt("its tensors stand for far more values than it holds");
  return views;
}

/** Without what DataParallel (or torch.compile) put before every name. */
function unwrapped(views: ReadonlyMap<string, TensorView>): Pick<FoundStateDict, "prefix" | "views"> {
  let [prefix, rest] = ["", views];
  for (;;) {
    const wrapper = WRAPPERS.find((one) =>
      [...rest.keys()].every((name) => name.length > one.length && name.startsWith(one)),
    );
    if (wrapper === undefined || rest.size === 0) return { prefix, views: rest };
    prefix += wrapper;
    rest = new Map([...rest].map(([name, view]) => [name.slice(wrapper.length), view]));
  }
}

function extrasOf(root: Value, chosen: Dict): Map<string, string> {
  const extras = new Map<string, string>();
  if (!(root instanceof Dict)) return extras;
  for (const [key, value] of root.entries) {
    if (value === chosen || (root === chosen && value instanceof TensorView)) continue;
    extras.set(typeof key === "string" ? key : describe(key), describe(value));
  }
  return extras;
}

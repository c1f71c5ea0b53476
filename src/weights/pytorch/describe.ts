import { shown } from "../faults.js";
import type { Value } from "./values.js";
import { Bag, Callable, Dict, Harmless, List, Storage, TensorView, Tuple } from "./values.js";

const MOST_ITEMS = 6;

/** A value in a few words, however large or entangled it is: containers one level deep. */
export function describe(value: Value): string {
  if (value instanceof Dict) return counted("dict", [...value.entries.keys()]);
  if (value instanceof List) return counted("list", value.items);
  if (value instanceof Tuple) return counted("tuple", value.items);
  if (value instanceof Bag) return counted("set", value.items);
  return plain(value);
}

function plain(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "string") return JSON.stringify(shown(value));
  if (typeof value === "bigint") return value.toString().length > 40 ? "a long integer" : String(value);
  if (typeof value !== "object") return String(value);
  if (value instanceof TensorView) return `tensor ${value.dtype} [${value.shape.join(", ")}]`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Callable || value instanceof Harmless) return value.name;
  return value instanceof Storage ? "storage" : "…";
}

function counted(kind: string, items: readonly Value[]): string {
  const first = items.slice(0, MOST_ITEMS).map(plain);
  const rest = items.length > MOST_ITEMS ? ", …" : "";
  return items.length === 0 ? `empty ${kind}` : `${kind} of ${items.length}: ${first.join(", ")}${rest}`;
}

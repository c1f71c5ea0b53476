import { shown } from "../faults.js";
import { Bag, Callable, Dict, Harmless, List, Storage, TensorView, Tuple, type Value } from "./values.js";

const MOST_ITEMS = 6;
const LONGEST_SHOWN = 10n ** 40n;

/** A short description of a value of any size: containers one level deep. */
export function describe(value: Value): string {
  if (value instanceof Dict) return counted("dict", value.size, value.keys(MOST_ITEMS));
  if (value instanceof List) return counted("list", value.items.length, value.items);
  if (value instanceof Tuple) return counted("tuple", value.items.length, value.items);
  if (value instanceof Bag) return counted("set", value.items.length, value.items);
  return plain(value);
}

function plain(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "string") return JSON.stringify(shown(value));
  if (typeof value === "bigint")
    return value > LONGEST_SHOWN || value < -LONGEST_SHOWN ? "a long integer" : String(value);
  if (typeof value !== "object") return String(value);
  if (value instanceof TensorView) {
    const rest = value.shape.length > MOST_ITEMS ? ", …" : "";
    return `tensor ${value.dtype} [${value.shape.slice(0, MOST_ITEMS).join(", ")}${rest}]`;
  }
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Callable || value instanceof Harmless) return value.name;
  return value instanceof Storage ? "storage" : "…";
}

function counted(kind: string, count: number, items: readonly Value[]): string {
  const first = items.slice(0, MOST_ITEMS).map(plain);
  const rest = count > MOST_ITEMS ? ", …" : "";
  return count === 0 ? `empty ${kind}` : `${kind} of ${count}: ${first.join(", ")}${rest}`;
}

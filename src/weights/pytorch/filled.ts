import { PickleFault } from "./reader.js";
import { Bag, Dict, List, type Value } from "./values.js";

/** Adds items to a dict and returns the dict. @param items alternating keys and values */
export function filled(target: Dict, items: readonly Value[]): Dict {
  if (items.length % 2 === 1) throw new PickleFault("a key without a value");
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i] as Value;
    if (key instanceof List || key instanceof Dict || key instanceof Bag)
      throw new PickleFault("a key that Python could not hash");
    const value = items[i + 1] as Value;
    if (typeof key === "string") target.entries.set(key, value);
    else target.others.push(key, value);
  }
  return target;
}

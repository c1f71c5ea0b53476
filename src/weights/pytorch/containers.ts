import { filled } from "./filled.js";
import type { Machine } from "./machine.js";
import { PickleFault } from "./reader.js";
import type { Opcodes } from "./scalars.js";
import { Bag, Dict, List, Tuple, type Value } from "./values.js";

/** Opcodes of the stack, the memo, and of lists, tuples, dicts and sets. */
export const containers: Opcodes = {
  "(": (m) => m.mark(),
  "0": (m) => m.discard(),
  "1": (m) => void m.popMark(),
  "2": (m) => m.push(m.peek()),

  p: (m) => m.remember(index(m.reader.line())),
  q: (m) => m.remember(m.reader.uint8()),
  r: (m) => m.remember(m.reader.uint32()),
  "\x94": (m) => m.remember(),
  g: (m) => m.push(m.recall(index(m.reader.line()))),
  h: (m) => m.push(m.recall(m.reader.uint8())),
  j: (m) => m.push(m.recall(m.reader.uint32())),

  ")": (m) => m.pushObject(new Tuple([])),
  t: (m) => m.pushObject(new Tuple(m.popMark())),
  "\x85": (m) => m.pushObject(tuple(m, 1)),
  "\x86": (m) => m.pushObject(tuple(m, 2)),
  "\x87": (m) => m.pushObject(tuple(m, 3)),

  "]": (m) => m.pushObject(new List()),
  l: (m) => m.pushObject(extended(new List(), m.popMark())),
  a: (m) => {
    const item = m.pop();
    extended(list(m), [item]);
  },
  e: (m) => {
    const items = m.popMark();
    extended(list(m), items);
  },

  "}": (m) => m.pushObject(new Dict()),
  d: (m) => m.pushObject(filled(new Dict(), m.popMark())),
  s: (m) => {
    const [value, key] = [m.pop(), m.pop()];
    filled(dict(m), [key, value]);
  },
  u: (m) => {
    const items = m.popMark();
    filled(dict(m), items);
  },

  "\x8f": (m) => m.pushObject(new Bag()),
  "\x91": (m) => m.pushObject(extended(new Bag(), m.popMark())),
  "\x90": (m) => {
    const items = m.popMark();
    const target = m.peek();
    if (!(target instanceof Bag)) throw new PickleFault("items added to an object that is not a set");
    extended(target, items);
  },
};

function index(line: string): number {
  if (!/^\d{1,9}$/.test(line)) throw new PickleFault("an invalid index of the memo");
  return Number(line);
}

function tuple(m: Machine, count: number): Tuple {
  const items: Value[] = [];
  for (let i = 0; i < count; i++) items.push(m.pop());
  return new Tuple(items.reverse());
}

function list(m: Machine): List {
  const target = m.peek();
  if (target instanceof List) return target;
  throw new PickleFault("items added to an object that is not a list");
}

function dict(m: Machine): Dict {
  const target = m.peek();
  if (target instanceof Dict) return target;
  throw m.refused("items set on an object that is not a dict");
}

/** Appends items one by one, because spreading a million arguments would overflow the call stack. */
function extended<Target extends List | Bag>(target: Target, items: readonly Value[]): Target {
  for (const item of items) target.items.push(item);
  return target;
}

import type { Faults } from "../faults.js";
import { shown } from "../faults.js";
import { adviceFor, findGlobal } from "./globals.js";
import type { PickleReader } from "./reader.js";
import { PickleFault } from "./reader.js";
import type { Builder, Value } from "./values.js";
import { Callable, Dict, Tuple } from "./values.js";

/**
 * How much one pickle may ask for: operations, what they copy, and some more for each object, so that this bounds memory
 * too. A state dict of 10,000 tensors needs less than a million; its bytes bound it more closely where they are few.
 */
const MOST_WORK = 5_000_000;
const MOST_WORK_PER_BYTE = 16;
const LEAST_WORK = 10_000;
/** Of an object that takes some hundred bytes here, and of a dict, whose Map takes more. */
const OBJECT_WORK = 4;
const DICT_WORK = 12;

/** Resolves a persistent id: a storage of the file. */
export type PersistentLoad = (id: Value) => Value;

/** The stack, marks and memo of an unpickler. It has no way to call anything but builders of plain data. */
export class Machine implements Builder {
  readonly reader: PickleReader;
  readonly fileBytes: number;
  readonly #faults: Faults;
  readonly #persistent: PersistentLoad;
  readonly #stack: Value[] = [];
  readonly #marks: number[] = [];
  /** An array, not a Map: its places are chosen by the file, and an array's hash of them can't be foreseen. */
  readonly #memo: Value[] = [];
  #remembered = 0;
  readonly #most: number;
  #work = 0;

  constructor(reader: PickleReader, faults: Faults, fileBytes: number, persistent: PersistentLoad) {
    this.reader = reader;
    this.fileBytes = fileBytes;
    this.#faults = faults;
    this.#persistent = persistent;
    this.#most = Math.min(MOST_WORK, LEAST_WORK + MOST_WORK_PER_BYTE * reader.left);
  }

  spend(units: number): void {
    this.#work += units;
    if (this.#work > this.#most) throw this.unsupported(`more than ${this.#most} objects in its pickle`);
  }

  corrupt(reason: string): Error {
    return this.#faults.corrupt(reason);
  }

  unsupported(what: string): Error {
    return this.#faults.unsupported(what);
  }

  refused(name: string): Error {
    return this.#faults.refused(shown(name));
  }

  push(value: Value): void {
    this.#stack.push(value);
  }

  /** Pushes what was made for it: an object that takes more than its place on the stack. */
  pushObject(value: Value): void {
    this.spend(value instanceof Dict ? DICT_WORK : OBJECT_WORK);
    this.#stack.push(value);
  }

  pop(): Value {
    this.#needOne();
    return this.#stack.pop() as Value;
  }

  peek(): Value {
    this.#needOne();
    return this.#stack.at(-1) as Value;
  }

  /** What is above the last mark belongs to it alone. */
  #needOne(): void {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw new PickleFault("its stack is empty");
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Takes the last mark and everything above it. */
  popMark(): Value[] {
    const at = this.#marks.pop();
    if (at === undefined) throw new PickleFault("there is no mark");
    const items = this.#stack.splice(at);
    this.spend(items.length);
    return items;
  }

  /** POP takes a value, or a mark with nothing above it. */
  discard(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  remember(index = this.#remembered): void {
    if (this.#memo[index] === undefined) this.#remembered += 1;
    this.#memo[index] = this.peek();
  }

  recall(index: number): Value {
    const value = this.#memo[index];
    if (value === undefined) throw new PickleFault(`nothing is remembered as ${index}`);
    return value;
  }

  /** @throws N2uqError N2UQ_WEIGHTS_REFUSED when the name is not on the list, N2UQ_WEIGHTS_UNSUPPORTED when it is of a tensor */
  global(module: string, name: string): Value {
    const found = findGlobal(module, name);
    if (found !== undefined) return found;
    const advice = adviceFor(module, name);
    if (advice === undefined) throw this.refused(`${module}.${name}`);
    throw this.#faults.unsupported(
      `a tensor of ${module}.${name}`,
      `Load it in Python and ${advice} in its place.`,
    );
  }

  /** Builds plain data. @throws N2uqError N2UQ_WEIGHTS_REFUSED when `callee` is anything but a builder's name */
  build(callee: Value, args: Value, how: string): Value {
    if (!(callee instanceof Callable) || callee.build === null)
      throw this.refused(`${how} of ${describeCallee(callee)}`);
    if (!(args instanceof Tuple)) throw new PickleFault(`${callee.name} is given no tuple`);
    this.spend(OBJECT_WORK + args.items.length);
    return callee.build(args.items, this);
  }

  persistent(id: Value): Value {
    return this.#persistent(id);
  }
}

function describeCallee(value: Value): string {
  if (value === null) return "None";
  if (typeof value !== "object") return `a ${typeof value}`;
  return "name" in value && typeof value.name === "string" ? value.name : `a ${value.constructor.name}`;
}

import type { Faults } from "../faults.js";
import { shown } from "../faults.js";
import { findGlobal } from "./globals.js";
import type { PickleReader } from "./reader.js";
import { PickleFault } from "./reader.js";
import type { Builder, Value } from "./values.js";
import { Callable, Tuple } from "./values.js";

/**
 * How much one pickle may ask for: operations, what they copy, and some more for each container, so that this bounds
 * memory too. A state dict of 10,000 tensors needs less than a million.
 */
const MOST_WORK = 5_000_000;
const CONTAINER_WORK = 4;

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
  readonly #memo = new Map<number, Value>();
  #work = 0;

  constructor(reader: PickleReader, faults: Faults, fileBytes: number, persistent: PersistentLoad) {
    this.reader = reader;
    this.fileBytes = fileBytes;
    this.#faults = faults;
    this.#persistent = persistent;
  }

  spend(units: number): void {
    this.#work += units;
    if (this.#work > MOST_WORK) throw this.unsupported(`more than ${MOST_WORK} objects in its pickle`);
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

  pushContainer(value: Value): void {
    this.spend(CONTAINER_WORK);
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

  remember(index = this.#memo.size): void {
    this.#memo.set(index, this.peek());
  }

  recall(index: number): Value {
    const value = this.#memo.get(index);
    if (value === undefined && !this.#memo.has(index))
      throw new PickleFault(`nothing is remembered as ${index}`);
    return value as Value;
  }

  /** @throws N2uqError N2UQ_WEIGHTS_REFUSED when the name is not on the list */
  global(module: string, name: string): Value {
    const found = findGlobal(module, name);
    if (found === undefined) throw this.refused(`${module}.${name}`);
    return found;
  }

  /** Builds plain data. @throws N2uqError N2UQ_WEIGHTS_REFUSED when `callee` is anything but a builder's name */
  build(callee: Value, args: Value, how: string): Value {
    if (!(callee instanceof Callable) || callee.build === null)
      throw this.refused(`${how} of ${describeCallee(callee)}`);
    if (!(args instanceof Tuple)) throw new PickleFault(`${callee.name} is given no tuple`);
    this.spend(args.items.length);
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

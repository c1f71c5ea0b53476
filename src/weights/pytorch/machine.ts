import { type Faults, shown } from "../faults.js";
import { adviceFor, findGlobal } from "./globals.js";
import { PickleFault, type PickleReader } from "./reader.js";
import { type Builder, Callable, Dict, Tuple, type Value } from "./values.js";

/**
 * Work limit of one pickle, in units: operations, copied items, and additional units for each object, so that
 * memory is limited too. A state dict of 10,000 tensors needs less than a million. For a small pickle the
 * limit is lower, in proportion to its size.
 */
const MOST_WORK = 5_000_000;
const MOST_WORK_PER_BYTE = 16;
const LEAST_WORK = 10_000;
/** Units for an object of a few hundred bytes, and for a dict, whose Map needs more. */
const OBJECT_WORK = 4;
const DICT_WORK = 12;

/** Resolves a persistent id to a storage of the file. */
export type PersistentLoad = (id: Value) => Value;

/** The stack, marks and memo of an unpickler. It can only call builders of plain data. */
export class Machine implements Builder {
  readonly reader: PickleReader;
  readonly fileBytes: number;
  readonly #faults: Faults;
  readonly #persistent: PersistentLoad;
  readonly #stack: Value[] = [];
  readonly #marks: number[] = [];
  /** An array instead of a Map, because the file chooses the indices and could provoke hash collisions. */
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

  /** Pushes a newly built object, which costs more than a stack entry. */
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

  /** Checks that there is a value above the last mark: values below it must not be taken. */
  #needOne(): void {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw new PickleFault("its stack is empty");
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Pops the last mark and everything above it. */
  popMark(): Value[] {
    const at = this.#marks.pop();
    if (at === undefined) throw new PickleFault("there is no mark");
    const items = this.#stack.splice(at);
    this.spend(items.length);
    return items;
  }

  /** Removes the top value, or the last mark if there is no value above it (POP). */
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
    if (value === undefined) throw new PickleFault(`the memo has no entry ${index}`);
    return value;
  }

  /**
   * Looks up a name of the pickle in the allowlist. @throws N2uqError N2UQ_WEIGHTS_REFUSED if the name is not
   * in it, N2UQ_WEIGHTS_UNSUPPORTED if it is the name of an unsupported kind of tensor
   */
  global(module: string, name: string): Value {
    const found = findGlobal(module, name);
    if (found !== undefined) return found;
    const advice = adviceFor(module, name);
    if (advice === undefined) throw this.refused(`${module}.${name}`);
    throw this.#faults.unsupported(
      `a tensor of ${module}.${name}`,
      `Load it in Python and ${advice} instead.`,
    );
  }

  /** Builds plain data. @throws N2uqError N2UQ_WEIGHTS_REFUSED if `callee` is not a builder */
  build(callee: Value, args: Value, how: string): Value {
    if (!(callee instanceof Callable) || callee.build === null)
      throw this.refused(`${how} of ${describeCallee(callee)}`);
    if (!(args instanceof Tuple)) throw new PickleFault(`${callee.name} is called without a tuple`);
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

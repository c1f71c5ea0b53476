import type { Dtype } from "../dtypes.js";
import { elementsOf } from "../shape.js";

/** The values of a pickle: data, and names of builders. None of them can run code. */
export type Value = Plain | List | Tuple | Bag | Dict | Callable | Storage | TensorView | Harmless;
type Plain = null | boolean | number | bigint | string | Uint8Array;

export class List {
  readonly items: Value[] = [];
}

export class Tuple {
  constructor(readonly items: readonly Value[]) {}
}

/** A set or frozenset. */
export class Bag {
  readonly items: Value[] = [];
}

/** A dict, OrderedDict included. */
export class Dict {
  /** The last value of each string key. A Map, so that no key has a special meaning in JavaScript. */
  readonly entries = new Map<string, Value>();
  /**
   * The other keys, each followed by its value. They are only displayed, never looked up, because
   * JavaScript's hash of numbers is public and a file could provoke a million collisions.
   */
  readonly others: Value[] = [];

  get size(): number {
    return this.entries.size + this.others.length / 2;
  }

  /** The first `most` keys. */
  keys(most: number): Value[] {
    const keys: Value[] = [];
    for (const key of this.entries.keys()) {
      if (keys.length === most) return keys;
      keys.push(key);
    }
    for (let i = 0; i < this.others.length && keys.length < most; i += 2) keys.push(this.others[i] as Value);
    return keys;
  }
}

/** A name in the allowlist; `build` converts plain data to plain data. */
export class Callable {
  constructor(
    readonly name: string,
    readonly build: ((args: readonly Value[], builder: Builder) => Value) | null,
  ) {}
}

/** A builder's access to the file: its errors and limits. */
export interface Builder {
  /** Size of the file; no tensor is larger. */
  readonly fileBytes: number;
  /** Counts work that a few bytes of the pickle can cause. */
  spend(units: number): void;
  corrupt(reason: string): Error;
  unsupported(what: string): Error;
}

/** A sequence of values in the file. `dtype` is null for an untyped storage, which counts bytes. */
export class Storage {
  constructor(
    readonly key: string,
    readonly dtype: Dtype | null,
    readonly bytes: number,
    /** Byte offset in the storage `key`. */
    readonly start = 0,
  ) {}
}

/** A tensor: a view of a storage. Offset and strides count values and are checked against the storage. */
export class TensorView {
  /** Number of values. */
  readonly elements: number;
  /** Number of storage values from its first to its last, inclusive. */
  readonly span: number;
  constructor(
    readonly storage: Storage,
    readonly dtype: Dtype,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    this.elements = elementsOf(shape);
    this.span =
      this.elements === 0
        ? 0
        : shape.reduce((sum, size, i) => sum + (size === 1 ? 0 : (size - 1) * (strides[i] ?? 0)), 1);
  }
}

/** A named object without behavior: a device, a dtype, a storage class. */
export class Harmless {
  constructor(
    readonly name: string,
    /** The dtype of a storage class or dtype object. */
    readonly dtype: Dtype | null = null,
  ) {}
}

import type { Dtype } from "../dtypes.js";
import { elementsOf } from "../shape.js";

/** What a pickle is made of here: data, and names of what may be called. Nothing in it can act. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | List
  | Tuple
  | Bag
  | Dict
  | Callable
  | Storage
  | TensorView
  | Harmless;

export class List {
  readonly items: Value[] = [];
}

export class Tuple {
  readonly items: readonly Value[];
  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** A set or frozenset. */
export class Bag {
  readonly items: Value[] = [];
}

/** A dict, OrderedDict included. */
export class Dict {
  /** By text keys, the last value of each. A Map, so that no key means anything to JavaScript. */
  readonly entries = new Map<string, Value>();
  /**
   * The other keys, each followed by its value. They are shown and never looked up: JavaScript's hash of a number is
   * known to everyone, and a file could choose a million that share one.
   */
  readonly others: Value[] = [];

  get size(): number {
    return this.entries.size + this.others.length / 2;
  }

  /** The first so many keys. */
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

/** A name on the list of what is built; `build` makes plain data of plain data. */
export class Callable {
  readonly name: string;
  readonly build: ((args: readonly Value[], builder: Builder) => Value) | null;
  constructor(name: string, build: Callable["build"]) {
    this.name = name;
    this.build = build;
  }
}

/** What a builder may know of the file: how to complain, and how much it may make. */
export interface Builder {
  /** Bytes of the whole file; no tensor is larger. */
  readonly fileBytes: number;
  /** Counts work that a few bytes of the pickle ask for. */
  spend(units: number): void;
  corrupt(reason: string): Error;
  unsupported(what: string): Error;
}

/** A run of values somewhere in the file. `dtype` is null where only bytes are counted. */
export class Storage {
  readonly key: string;
  readonly dtype: Dtype | null;
  readonly bytes: number;
  /** Where it begins inside the storage `key`, in bytes. */
  readonly start: number;
  constructor(key: string, dtype: Dtype | null, bytes: number, start = 0) {
    this.key = key;
    this.dtype = dtype;
    this.bytes = bytes;
    this.start = start;
  }
}

/** A tensor: a view of a storage. Offset and strides count values, and were checked against the storage. */
export class TensorView {
  readonly storage: Storage;
  readonly dtype: Dtype;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** How many values it has. */
  readonly elements: number;
  /** How many values of the storage lie between its first and its last, both included. */
  readonly span: number;
  constructor(
    storage: Storage,
    dtype: Dtype,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ) {
    this.storage = storage;
    this.dtype = dtype;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
    this.elements = elementsOf(shape);
    this.span =
      this.elements === 0
        ? 0
        : shape.reduce((sum, size, i) => sum + (size === 1 ? 0 : (size - 1) * (strides[i] ?? 0)), 1);
  }
}

/** Something that has a name and does nothing: a device, a dtype, a storage class. */
export class Harmless {
  readonly name: string;
  /** Of a storage class or a dtype. */
  readonly dtype: Dtype | null;
  constructor(name: string, dtype: Dtype | null = null) {
    this.name = name;
    this.dtype = dtype;
  }
}

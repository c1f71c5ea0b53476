import { dtypes } from "../dtypes.js";
import { type Faults, shown } from "../faults.js";
import { Harmless, Storage, Tuple, type Value } from "./values.js";

/** A pickle's storages, by key. Equal keys must have equal properties. */
export class StorageTable {
  readonly storages = new Map<string, Storage>();
  readonly #faults: Faults;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  /** Resolves a persistent id `("storage", class, key, device, values[, view])` to its storage. */
  resolve(id: Value): Storage {
    const [kind, type, key, , count, within] = id instanceof Tuple ? id.items : [];
    if (kind === "module") throw this.#faults.refused("the source code of a module");
    if (kind !== "storage") throw this.#faults.refused("a persistent id that is not a storage");
    const dtype = storageType(type);
    if (dtype === undefined) throw this.#faults.corrupt("a storage of no known class");
    if (typeof key !== "string" || key === "") throw this.#faults.corrupt("a storage without a key");
    const bytes = this.#count(count) * (dtype === null ? 1 : dtypes[dtype].bytes);
    const root = this.#register(new Storage(key, dtype, bytes));
    if (within === undefined || within === null) return root;
    return this.#part(root, within);
  }

  #register(storage: Storage): Storage {
    const earlier = this.storages.get(storage.key);
    if (earlier === undefined) {
      this.storages.set(storage.key, storage);
      return storage;
    }
    if (earlier.dtype === storage.dtype && earlier.bytes === storage.bytes) return earlier;
    throw this.#faults.corrupt(`the storage ${shown(storage.key)} is declared twice, differently`);
  }

  /** Resolves the legacy format's view of a storage: `(key, offset, values)`. */
  #part(root: Storage, within: Value): Storage {
    const [, offset, count] = within instanceof Tuple ? within.items : [];
    const unit = root.dtype === null ? 1 : dtypes[root.dtype].bytes;
    const [start, bytes] = [this.#count(offset) * unit, this.#count(count) * unit];
    if (start + bytes > root.bytes) throw this.#faults.corrupt("a view reaches beyond its storage");
    return new Storage(root.key, root.dtype, bytes, start);
  }

  #count(value: Value | undefined): number {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.#faults.corrupt("a storage without a size");
  }
}

/** The dtype of a storage class (null if it is untyped); undefined if the value is not a storage class. */
function storageType(type: Value | undefined): Storage["dtype"] | undefined {
  return type instanceof Harmless && type.name.endsWith("Storage") ? type.dtype : undefined;
}

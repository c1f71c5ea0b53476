import { N2uqError } from "../../errors.js";
import type { TensorType, Values } from "../refCountedBackend.js";
import type { Binding, NativeAttribute } from "./binding.js";

/** A TensorFlow tensor. */
export interface Handle {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: TensorType;
}

/**
 * An attribute of an operation by its type: `{ type: "float32" }`, `{ int: 2 }`, `{ float: 1e-5 }` … The
 * types of inputs, and attributes with their default value, can be omitted.
 */
export type Attribute =
  | { readonly type: TensorType }
  | { readonly int: number | readonly number[] }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly string: string };

export type Attributes = Readonly<Record<string, Attribute>>;

/**
 * TensorFlow's operations on this process's device. `scope` frees every tensor created inside it, except
 * those it returns.
 */
export class Device {
  readonly gpu: boolean;
  readonly version: string;
  readonly #binding: Binding;
  /** Cached constants: shapes, axes and numbers. They are few and small. */
  readonly #constants = new Map<string, Handle>();
  /** Tensors of the innermost scope; null outside of scopes. */
  #made: Handle[] | null = null;

  constructor(binding: Binding) {
    this.#binding = binding;
    this.gpu = binding.isUsingGpuDevice();
    this.version = binding.TF_Version;
  }

  /** Runs an operation with one output. */
  run(name: string, inputs: readonly Handle[], attributes: Attributes = {}): Handle {
    const [first] = this.runAll(name, inputs, attributes, 1);
    if (first === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: `${name} gave nothing` });
    return first;
  }

  /** Runs an operation with `outputs` outputs. */
  runAll(name: string, inputs: readonly Handle[], attributes: Attributes, outputs: number): Handle[] {
    const native = Object.entries(attributes).map(([key, attribute]) => this.#native(key, attribute));
    const ids = inputs.map(({ id }) => id);
    const results = this.#binding
      .executeOp(name, native, ids, outputs)
      .map(({ id, shape, dtype }) => ({ id, shape, dtype: this.#typeOf(dtype) }));
    this.#made?.push(...results);
    return results;
  }

  /**
   * Runs `work` and frees every tensor that it created, except those that it returns. The returned tensors
   * then belong to the outer scope, if there is one.
   */
  scope<Result extends Handle | readonly Handle[]>(work: () => Result): Result {
    const outer = this.#made;
    const made: Handle[] = [];
    this.#made = made;
    let kept: readonly Handle[] = [];
    try {
      const result = work();
      kept = "id" in result ? [result] : result;
      return result;
    } finally {
      const ids = new Set(kept.map(({ id }) => id));
      for (const { id } of made) if (!ids.has(id)) this.#binding.deleteTensor(id);
      outer?.push(...made.filter(({ id }) => ids.has(id)));
      this.#made = outer;
    }
  }

  /** Frees a large tensor before its scope ends. */
  release(handle: Handle): void {
    const made = this.#made ?? [];
    const index = made.findIndex(({ id }) => id === handle.id);
    if (index < 0) return;
    made.splice(index, 1);
    this.#binding.deleteTensor(handle.id);
  }

  /**
   * Uploads host values, which must not be modified afterwards. The tensor belongs to no scope: free it with
   * `free`.
   */
  upload(values: Values, shape: readonly number[], dtype: TensorType): Handle {
    return { id: this.#binding.createTensor([...shape], this.#number(dtype), values), shape, dtype };
  }

  /** Copies a tensor to the host. */
  download({ id }: Handle): Values {
    return this.#binding.tensorDataSync(id);
  }

  /** Frees a tensor that belongs to no scope. */
  free({ id }: Handle): void {
    this.#binding.deleteTensor(id);
  }

  /** A cached int32 vector, for shapes and axes. */
  ints(values: readonly number[]): Handle {
    return this.#constant(`[${values.join()}]`, () =>
      this.upload(Int32Array.from(values), [values.length], "int32"),
    );
  }

  /** A cached int32 scalar. */
  int(value: number): Handle {
    return this.#constant(`i${value}`, () => this.upload(Int32Array.of(value), [], "int32"));
  }

  /** A cached scalar; only for a small set of values. */
  constant(value: number): Handle {
    return this.#constant(`f${value}`, () => this.upload(Float32Array.of(value), [], "float32"));
  }

  /** An uncached scalar in the current scope, for values that change with each step. */
  number(value: number): Handle {
    return this.values([value], []);
  }

  /** An uncached float32 tensor in the current scope, for values that change with each step. */
  values(values: ArrayLike<number>, shape: readonly number[] = [values.length]): Handle {
    const handle = this.upload(Float32Array.from(values), shape, "float32");
    this.#made?.push(handle);
    return handle;
  }

  #constant(key: string, make: () => Handle): Handle {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#constants.set(key, made);
    return made;
  }

  #native(name: string, attribute: Attribute): NativeAttribute {
    const b = this.#binding;
    if ("type" in attribute) return { name, type: b.TF_ATTR_TYPE, value: this.#number(attribute.type) };
    if ("int" in attribute) return { name, type: b.TF_ATTR_INT, value: attribute.int };
    if ("float" in attribute) return { name, type: b.TF_ATTR_FLOAT, value: attribute.float };
    if ("bool" in attribute) return { name, type: b.TF_ATTR_BOOL, value: attribute.bool };
    return { name, type: b.TF_ATTR_STRING, value: attribute.string };
  }

  #number(dtype: TensorType): number {
    const b = this.#binding;
    return { float32: b.TF_FLOAT, int32: b.TF_INT32, bool: b.TF_BOOL }[dtype];
  }

  #typeOf(number: number): TensorType {
    const found = (["float32", "int32", "bool"] as const).find((dtype) => this.#number(dtype) === number);
    if (found === undefined)
      throw new N2uqError("N2UQ_INTERNAL", { message: `TensorFlow gave a type ${number}` });
    return found;
  }
}

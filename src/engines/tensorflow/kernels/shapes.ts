import type { KernelConfig } from "@tensorflow/tfjs-core";
import type { Device, Handle, TensorType } from "../device.js";
import { kernel, listed, sizeOf, typed } from "../kernel.js";

interface One {
  readonly x: Handle;
}

/** A view of the same memory with another shape. */
export function reshaped(tf: Device, x: Handle, shape: readonly number[]): Handle {
  return tf.run("Reshape", [x, tf.ints(shape)], { ...typed(x), Tshape: { type: "int32" } });
}

/** A tensor filled with one value. */
export function filled(tf: Device, shape: readonly number[], value: Handle): Handle {
  return tf.run("Fill", [tf.ints(shape), value], { ...typed(value), index_type: { type: "int32" } });
}

export const shapes: readonly KernelConfig[] = [
  kernel<object, { axis: number }>("Concat", ({ inputs, attrs, tf }) => {
    const parts = listed(inputs as Record<string, Handle>).filter(({ shape }) => sizeOf(shape) > 0);
    const [first] = parts.length === 0 ? listed(inputs as Record<string, Handle>) : parts;
    if (parts.length < 2 && first !== undefined) return tf.run("Identity", [first], typed(first));
    const axis = attrs.axis < 0 ? attrs.axis + (first?.shape.length ?? 0) : attrs.axis;
    return tf.run("ConcatV2", [...parts, tf.int(axis)], {
      ...typed(first ?? { dtype: "float32" }),
      N: { int: parts.length },
      Tidx: { type: "int32" },
    });
  }),
  kernel<{ input: Handle }, { dim: number }>("ExpandDims", ({ inputs: { input }, attrs, tf }) => {
    const at = attrs.dim < 0 ? input.shape.length + attrs.dim + 1 : attrs.dim;
    return reshaped(tf, input, [...input.shape.slice(0, at), 1, ...input.shape.slice(at)]);
  }),
  kernel<object, { shape: number[]; value: number; dtype?: TensorType }>("Fill", ({ attrs, tf }) => {
    const { shape, value, dtype = "float32" } = attrs;
    if (dtype === "float32") return filled(tf, shape, tf.number(value));
    const one = tf.int(Number(value));
    const whole = filled(tf, shape, one);
    if (dtype === "int32") return whole;
    return tf.run("Cast", [whole], {
      SrcT: { type: "int32" },
      DstT: { type: dtype },
      Truncate: { bool: false },
    });
  }),
  kernel<object, { axis: number }>("Pack", ({ inputs, attrs, tf }) => {
    const parts = listed(inputs as Record<string, Handle>);
    const attributes = { N: { int: parts.length }, axis: { int: attrs.axis } };
    return tf.run("Pack", parts, { ...typed(parts[0] ?? { dtype: "float32" }), ...attributes });
  }),
  kernel<One, { paddings: [number, number][]; constantValue: number }>(
    "PadV2",
    ({ inputs: { x }, attrs, tf }) => {
      const paddings = reshaped(tf, tf.ints(attrs.paddings.flat()), [attrs.paddings.length, 2]);
      const value = x.dtype === "int32" ? tf.int(attrs.constantValue) : tf.number(attrs.constantValue);
      return tf.run("PadV2", [x, paddings, value], { ...typed(x), Tpaddings: { type: "int32" } });
    },
  ),
  kernel<object, { start: number; stop: number; step: number; dtype: TensorType }>(
    "Range",
    ({ attrs, tf }) => {
      const { start, stop, step, dtype } = attrs;
      const count = Math.max(0, Math.ceil((stop - start) / step));
      const numbers = tf.values(Array.from({ length: count }, (_, index) => start + index * step));
      if (dtype === "float32") return numbers;
      return tf.run("Cast", [numbers], {
        SrcT: { type: "float32" },
        DstT: { type: dtype },
        Truncate: { bool: false },
      });
    },
  ),
  kernel<One, { shape: number[] }>("Reshape", ({ inputs: { x }, attrs, tf }) => reshaped(tf, x, attrs.shape)),
  kernel<One, { begin: number[]; size: number | number[] }>("Slice", ({ inputs: { x }, attrs, tf }) => {
    const begin = [attrs.begin].flat();
    const given = [attrs.size].flat();
    const start = x.shape.map((_, axis) => begin[axis] ?? 0);
    const size = x.shape.map((_, axis) => given[axis] ?? -1);
    return tf.run("Slice", [x, tf.ints(start), tf.ints(size)], { ...typed(x), Index: { type: "int32" } });
  }),
  kernel<One, { reps: number[] }>("Tile", ({ inputs: { x }, attrs, tf }) =>
    tf.run("Tile", [x, tf.ints(attrs.reps)], { ...typed(x), Tmultiples: { type: "int32" } }),
  ),
  kernel<One, { perm: number[] }>("Transpose", ({ inputs: { x }, attrs, tf }) =>
    tf.run("Transpose", [x, tf.ints(attrs.perm)], { ...typed(x), Tperm: { type: "int32" } }),
  ),
  ...["ZerosLike", "OnesLike"].map((name) =>
    kernel<One>(name, ({ inputs: { x }, tf }) => tf.run(name, [x], typed(x))),
  ),
];

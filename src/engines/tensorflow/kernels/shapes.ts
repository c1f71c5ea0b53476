import type { KernelConfig, PadV2Attrs, RangeAttrs } from "@tensorflow/tfjs-core";
import type { TensorType } from "../../refCountedBackend.js";
import type { Device, Handle } from "../device.js";
import { kernel, listed } from "../kernel.js";
import { cast } from "./elementwise.js";

/** A view of the same memory with another shape. */
export function reshaped(tf: Device, x: Handle, shape: readonly number[]): Handle {
  return tf.run("Reshape", [x, tf.ints(shape)]);
}

/** A tensor filled with one value. */
export function filled(tf: Device, shape: readonly number[], value: Handle): Handle {
  return tf.run("Fill", [tf.ints(shape), value]);
}

/** `x` repeated `times[i]` times along each axis i. */
export function tiled(tf: Device, x: Handle, times: readonly number[]): Handle {
  return tf.run("Tile", [x, tf.ints(times)]);
}

export const shapes: readonly KernelConfig[] = [
  kernel<string, { axis: number }>("Concat", ({ inputs, attrs, tf }) => {
    const all = Object.values(inputs);
    const parts = all.filter(({ shape }) => !shape.includes(0));
    const [first] = parts.length === 0 ? all : parts;
    if (parts.length < 2 && first !== undefined) return tf.run("Identity", [first]);
    const axis = attrs.axis < 0 ? attrs.axis + (first?.shape.length ?? 0) : attrs.axis;
    return tf.run("ConcatV2", [...parts, tf.int(axis)], { ...listed(parts), Tidx: { type: "int32" } });
  }),
  kernel<"input", { dim: number }>("ExpandDims", ({ inputs: { input }, attrs, tf }) => {
    const at = attrs.dim < 0 ? input.shape.length + attrs.dim + 1 : attrs.dim;
    return reshaped(tf, input, input.shape.toSpliced(at, 0, 1));
  }),
  kernel<never, { shape: number[]; value: number; dtype?: TensorType }>("Fill", ({ attrs, tf }) => {
    const { shape, value, dtype = "float32" } = attrs;
    if (dtype === "float32") return filled(tf, shape, tf.number(value));
    const whole = filled(tf, shape, tf.int(Number(value)));
    return dtype === "int32" ? whole : cast(tf, whole, dtype);
  }),
  kernel<string, { axis: number }>("Pack", ({ inputs, attrs, tf }) => {
    const parts = Object.values(inputs);
    return tf.run("Pack", parts, { ...listed(parts), axis: { int: attrs.axis } });
  }),
  kernel<"x", PadV2Attrs>("PadV2", ({ inputs: { x }, attrs, tf }) => {
    const paddings = reshaped(tf, tf.ints(attrs.paddings.flat()), [attrs.paddings.length, 2]);
    const value = x.dtype === "int32" ? tf.int(attrs.constantValue) : tf.number(attrs.constantValue);
    return tf.run("PadV2", [x, paddings, value]);
  }),
  kernel<never, RangeAttrs>("Range", ({ attrs: { start, stop, step, dtype }, tf }) => {
    const count = Math.max(0, Math.ceil((stop - start) / step));
    const numbers = tf.values(Array.from({ length: count }, (_, index) => start + index * step));
    return dtype === "float32" ? numbers : cast(tf, numbers, dtype);
  }),
  kernel<"x", { shape: number[] }>("Reshape", ({ inputs: { x }, attrs, tf }) => reshaped(tf, x, attrs.shape)),
  kernel<"x", { begin: number[]; size: number | number[] }>("Slice", ({ inputs: { x }, attrs, tf }) => {
    const [begin, given] = [[attrs.begin].flat(), [attrs.size].flat()];
    const start = x.shape.map((_, axis) => begin[axis] ?? 0);
    const size = x.shape.map((_, axis) => given[axis] ?? -1);
    return tf.run("Slice", [x, tf.ints(start), tf.ints(size)]);
  }),
  kernel<"x", { reps: number[] }>("Tile", ({ inputs: { x }, attrs, tf }) => tiled(tf, x, attrs.reps)),
  kernel<"x", { perm: number[] }>("Transpose", ({ inputs: { x }, attrs, tf }) =>
    tf.run("Transpose", [x, tf.ints(attrs.perm)]),
  ),
  ...["ZerosLike", "OnesLike"].map((name) => kernel<"x">(name, ({ inputs: { x }, tf }) => tf.run(name, [x]))),
];

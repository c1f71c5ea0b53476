import { type KernelConfig, util } from "@tensorflow/tfjs-core";
import type { Device, Handle } from "../device.js";
import { kernel, listed } from "../kernel.js";
import { clipped } from "./elementwise.js";
import { product } from "./reductions.js";
import { filled, reshaped } from "./shapes.js";

/**
 * Scaling by 2¹⁰⁰ is exact, lifts any relevant difference above 1 and keeps numbers up to 2²⁷ finite. So
 * clip(2¹⁰⁰·x - 2¹⁰⁰·edge, 0, 1) is 1 where x > edge, else 0, in two passes that TensorFlow vectorizes.
 * TensorFlow's search, gather and cast operations take ten times as long, because they process values one by
 * one.
 */
const HUGE = 2 ** 100;

/**
 * Returns scale·x and the edges `[n]`, both multiplied by 2¹⁰⁰; the edges are returned as separate scalars.
 */
function lift(tf: Device, x: Handle, scale: Handle, edges: Handle) {
  const factor = tf.run("Mul", [scale, tf.constant(HUGE)]);
  const each = unpacked(tf, tf.run("Mul", [edges, tf.constant(HUGE)]), edges.shape[0] ?? 0);
  return { lifted: tf.run("Mul", [x, factor]), each };
}

function unpacked(tf: Device, x: Handle, count: number): Handle[] {
  return tf.runAll("Unpack", [x], { num: { int: count } }, count);
}

function packed(tf: Device, parts: readonly Handle[]): Handle {
  return tf.run("Pack", parts, { ...listed(parts), axis: { int: 1 } });
}

function above(tf: Device, lifted: Handle, edge: Handle): Handle {
  return tf.scope(() => clipped(tf, tf.run("Sub", [lifted, edge]), 0, 1));
}

function sum(tf: Device, parts: readonly Handle[]): Handle {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : tf.run("AddN", parts, listed(parts));
}

/** Number and length of the rows of images or of a matrix: a row is short enough for a float32 sum. */
function linesOf({ shape }: Handle): [lines: number, length: number] {
  const [first = 1, second = 1] = shape;
  const lines = shape.length < 2 ? 1 : shape.length < 4 ? first : first * second;
  return [lines, util.sizeFromShape([...shape]) / lines];
}

/** `scale [1]`; `edges [n]`, ascending. */
type CountInput = "x" | "scale" | "edges";
/** `slopes [n - 1]`: the slope between two edges. */
type GradientInput = CountInput | "dy" | "slopes";

/** Threshold curve kernels: one vectorized pass per edge. */
export const thresholdCurve: readonly KernelConfig[] = [
  /** #{i : scale·x > edges_i} as float32 of x's shape. */
  kernel<CountInput>("ThresholdCount", ({ inputs: { x, scale, edges }, tf }) => {
    const { lifted, each } = lift(tf, x, scale, edges);
    const flags = each.map((edge) => above(tf, lifted, edge));
    return sum(tf, flags);
  }),
  /** dx = dy·slope of the interval that contains scale·x, and Σdy, Σdy·x per interval: `[n - 1, 2]`. */
  kernel<GradientInput>("ThresholdGradient", ({ inputs: { dy, x, scale, edges, slopes }, tf }) => {
    const { lifted, each } = lift(tf, x, scale, edges);
    const [lines, length] = linesOf(x);
    const pair = tf.scope(() => {
      const both = [dy, tf.run("Mul", [dy, x])].map((part) => reshaped(tf, part, [lines, length]));
      return packed(tf, both);
    });
    const count = each.length - 1;
    const slope = unpacked(tf, slopes, count);
    const [weighted, sums]: [Handle[], Handle[]] = [[], []];
    let previous: Handle | undefined;
    for (const [index, edge] of each.entries()) {
      const next = above(tf, lifted, edge);
      const height = slope[index - 1];
      if (previous !== undefined && height !== undefined) {
        const inside = tf.run("Sub", [previous, next]);
        sums.push(product(tf, reshaped(tf, inside, [lines, 1, length]), pair, false, true));
        weighted.push(tf.run("Mul", [inside, height]));
        tf.release(previous);
        tf.release(inside);
      }
      previous = next;
    }
    const perLine = sums.map((each) => reshaped(tf, each, [lines, 2]));
    const ones = filled(tf, [1, lines], tf.constant(1));
    const totals = product(tf, ones, reshaped(tf, packed(tf, perLine), [lines, 2 * count]));
    const dx = tf.run("Mul", [dy, sum(tf, weighted)]);
    return [dx, reshaped(tf, totals, [count, 2])];
  }),
];

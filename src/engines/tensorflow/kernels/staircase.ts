import type { KernelConfig } from "@tensorflow/tfjs-core";
import type { Device, Handle } from "../device.js";
import { kernel, sizeOf, typed } from "../kernel.js";
import { clipped } from "./elementwise.js";
import { product } from "./reductions.js";
import { filled, reshaped } from "./shapes.js";

/**
 * Scaling by 2¹⁰⁰ is exact, lifts any relevant difference above 1 and keeps numbers up to 2²⁷ finite. So
 * clip(2¹⁰⁰·x - 2¹⁰⁰·edge, 0, 1) is 1 where x > edge, else 0, in two passes that TensorFlow vectorizes. Its
 * search, gather and cast operations take ten times as long, because they process values one by one.
 */
const HUGE = 2 ** 100;

/** scale·x and the edges `[n]`, both scaled by 2¹⁰⁰; the edges as separate scalars. */
function lift(tf: Device, x: Handle, scale: Handle, edges: Handle) {
  const factor = tf.run("Mul", [scale, tf.constant(HUGE)], typed(x));
  const raised = tf.run("Mul", [edges, tf.constant(HUGE)], typed(x));
  const count = edges.shape[0] ?? 0;
  const attributes = { ...typed(x), num: { int: count }, axis: { int: 0 } };
  const each = tf.runAll("Unpack", [raised], attributes, count);
  return { lifted: tf.run("Mul", [x, factor], typed(x)), each };
}

function above(tf: Device, lifted: Handle, edge: Handle): Handle {
  return tf.scope(() => clipped(tf, tf.run("Sub", [lifted, edge], typed(lifted)), 0, 1));
}

function sum(tf: Device, parts: readonly Handle[]): Handle {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  return tf.run("AddN", parts, { T: { type: "float32" }, N: { int: parts.length } });
}

/** An image's rows, or a matrix's rows: short enough to sum in float32. */
function linesOf({ shape }: Handle): [lines: number, length: number] {
  const [first = 1, second = 1] = shape;
  const lines = shape.length < 2 ? 1 : shape.length < 4 ? first : first * second;
  return [lines, sizeOf(shape) / lines];
}

interface CountInputs {
  readonly x: Handle;
  /** `[1]` */
  readonly scale: Handle;
  /** `[n]`, ascending. */
  readonly edges: Handle;
}

interface GradientInputs extends CountInputs {
  readonly dy: Handle;
  /** `[n - 1]`: the slope between two edges. */
  readonly slopes: Handle;
}

/** Threshold curve kernels: one vectorized pass per edge. */
export const staircase: readonly KernelConfig[] = [
  /** #{i : scale·x > edges_i} as float32 of x's shape. */
  kernel<CountInputs>("StaircaseCount", ({ inputs: { x, scale, edges }, tf }) => {
    const { lifted, each } = lift(tf, x, scale, edges);
    return sum(
      tf,
      each.map((edge) => above(tf, lifted, edge)),
    );
  }),
  /** dx = dy·slope of the interval that contains scale·x, and Σdy, Σdy·x per interval: `[n - 1, 2]`. */
  kernel<GradientInputs>("StaircaseGradient", ({ inputs: { dy, x, scale, edges, slopes }, tf }) => {
    const { lifted, each } = lift(tf, x, scale, edges);
    const [lines, length] = linesOf(x);
    const pair = tf.scope(() => {
      const both = [dy, tf.run("Mul", [dy, x], typed(x))].map((part) => reshaped(tf, part, [lines, length]));
      return tf.run("Pack", both, { ...typed(x), N: { int: 2 }, axis: { int: 1 } });
    });
    const count = each.length - 1;
    const slope = tf.runAll(
      "Unpack",
      [slopes],
      { ...typed(x), num: { int: count }, axis: { int: 0 } },
      count,
    );
    const [weighted, sums]: [Handle[], Handle[]] = [[], []];
    let previous: Handle | undefined;
    for (const [index, edge] of each.entries()) {
      const next = above(tf, lifted, edge);
      const height = slope[index - 1];
      if (previous !== undefined && height !== undefined) {
        const inside = tf.run("Sub", [previous, next], typed(x));
        sums.push(product(tf, reshaped(tf, inside, [lines, 1, length]), pair, false, true));
        weighted.push(tf.run("Mul", [inside, height], typed(x)));
        tf.release(previous);
        tf.release(inside);
      }
      previous = next;
    }
    const perLine = tf.run(
      "Pack",
      sums.map((each) => reshaped(tf, each, [lines, 2])),
      {
        ...typed(x),
        N: { int: count },
        axis: { int: 1 },
      },
    );
    const ones = filled(tf, [1, lines], tf.constant(1));
    const totals = product(tf, ones, reshaped(tf, perLine, [lines, 2 * count]));
    const dx = tf.run("Mul", [dy, sum(tf, weighted)], typed(x));
    return [dx, reshaped(tf, totals, [count, 2])];
  }),
];

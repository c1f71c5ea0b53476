import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { type KernelConfig, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { averaged } from "./averaged.js";
import { allocate, callOriginal, release, reshaped, view, wasmKernel } from "./calls.js";

/** factor·Σ over the rows of `x [count, rows, columns]`: `[count, columns]`. */
function overRows(
  backend: BackendWasm,
  x: TensorInfo,
  [count, rows, columns]: readonly [number, number, number],
  factor = 1,
): TensorInfo {
  if (columns === 1) {
    const sums = allocate(backend, [count, 1]);
    view(backend, sums).set(lineSums(view(backend, x), count, rows, factor));
    return sums;
  }
  const matrices = reshaped(backend, x, [count, rows, 1, columns]);
  const sums = averaged(backend, matrices);
  release(backend, matrices);
  const values = view(backend, sums);
  for (const [index, value] of values.entries()) values[index] = value * rows * factor;
  return { ...sums, shape: [count, columns] };
}

/** Sums first per image, then over the batch. Short partial sums keep float32 accurate. */
const sumToChannels = wasmKernel<"x">("SumToChannels", ({ inputs: { x }, backend }) => {
  const [batch, channels] = [x.shape[0] ?? 1, x.shape.at(-1) ?? 1];
  const pixels = util.sizeFromShape(x.shape.slice(1, -1));
  if (pixels === 1) return { ...overRows(backend, x, [1, batch, channels]), shape: [channels] };
  const perImage = overRows(backend, x, [batch, pixels, channels]);
  const sums = overRows(backend, perImage, [1, batch, channels]);
  release(backend, perImage);
  return { ...sums, shape: [channels] };
});

const sumAll = wasmKernel<"x", { rows: number }>("SumAll", ({ inputs: { x }, attrs: { rows }, backend }) => {
  const sum = allocate(backend, [1]);
  const perRow = lineSums(view(backend, x), rows, util.sizeFromShape(x.shape) / rows);
  view(backend, sum).set(lineSums(perRow, 1, rows));
  return sum;
});

const average = wasmKernel<"x">("GlobalAveragePool", ({ inputs: { x }, backend }) => {
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const pixels = height * width;
  return overRows(backend, x, [batch, pixels, channels], Math.fround(1 / pixels));
});

const averageGradient = wasmKernel<"dy", { height: number; width: number }>(
  "GlobalAveragePoolGradient",
  ({ inputs: { dy }, attrs: { height, width }, backend }) => {
    const [batch = 1, channels = 1] = dy.shape;
    const dx = allocate(backend, [batch, height, width, channels]);
    const [values, shares] = [view(backend, dx), view(backend, dy)];
    const pixels = height * width;
    const share = Math.fround(1 / pixels);
    for (let image = 0; image < batch; image++) {
      const first = image * pixels * channels;
      for (let c = 0; c < channels; c++) values[first + c] = (shares[image * channels + c] as number) * share;
      for (let pixel = 1; pixel < pixels; pixel++)
        values.copyWithin(first + pixel * channels, first, first + channels);
    }
    return dx;
  },
);

/** `axis` null: all axes. */
type Attributes = { readonly axis: number | number[] | null; readonly keepDims: boolean };

/**
 * The sum over all axes but the last, as average pooling, first per image, then over the batch: short partial
 * sums keep float32 accurate. Other axes use tfjs's kernel.
 */
const sum = wasmKernel<"x", Attributes>("Sum", ({ inputs, attrs, backend }) => {
  const { x } = inputs;
  const rank = x.shape.length;
  const axes = [attrs.axis ?? x.shape.map((_, axis) => axis)]
    .flat()
    .map((axis) => (axis < 0 ? axis + rank : axis));
  const leading = rank > 1 && axes.length === rank - 1 && !axes.includes(rank - 1);
  const channels = x.shape.at(-1) ?? 1;
  const batch = x.shape[0] ?? 1;
  const pixels = x.shape.slice(1, -1).reduce((product, n) => product * n, 1);
  if (!leading || x.dtype !== "float32" || batch * pixels * channels === 0)
    return callOriginal(backend, "Sum", inputs, attrs);
  const images = reshaped(backend, x, [batch, pixels, 1, channels]);
  const perImage = averaged(backend, images);
  perImage.shape = [1, batch, 1, channels];
  const mean = averaged(backend, perImage);
  const values = view(backend, mean);
  for (const [channel, value] of values.entries()) values[channel] = value * pixels * batch;
  release(backend, images, perImage);
  return { ...mean, shape: attrs.keepDims ? [...x.shape.slice(0, -1).map(() => 1), channels] : [channels] };
});

/** Sums over axes, per channel and over all elements, and the mean per image. */
export const sums: readonly KernelConfig[] = [sum, sumToChannels, sumAll, average, averageGradient];

const FOUR = 4;

/**
 * factor·Σ of each row of `values [lines, length]`, in float32 and in order. Processes four rows at a time,
 * because their sums are independent.
 */
function lineSums(values: Float32Array, lines: number, length: number, factor = 1): Float32Array {
  const sums = new Float32Array(lines);
  const whole = lines - (lines % FOUR);
  for (let line = 0; line < whole; line += FOUR) addFour(values, line, length, factor, sums);
  for (let line = whole; line < lines; line++) {
    let sum = 0;
    for (let at = line * length; at < (line + 1) * length; at++)
      sum = Math.fround(sum + Math.fround(factor * (values[at] as number)));
    sums[line] = sum;
  }
  return sums;
}

function addFour(x: Float32Array, line: number, length: number, factor: number, sums: Float32Array): void {
  const [first, second, third] = [line * length, (line + 1) * length, (line + 2) * length];
  const fourth = third + length;
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
  for (let at = 0; at < length; at++) {
    sum0 = Math.fround(sum0 + Math.fround(factor * (x[first + at] as number)));
    sum1 = Math.fround(sum1 + Math.fround(factor * (x[second + at] as number)));
    sum2 = Math.fround(sum2 + Math.fround(factor * (x[third + at] as number)));
    sum3 = Math.fround(sum3 + Math.fround(factor * (x[fourth + at] as number)));
  }
  sums.set([sum0, sum1, sum2, sum3], line);
}

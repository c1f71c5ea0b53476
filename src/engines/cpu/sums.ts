import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";

interface Arguments<Name extends string, Attributes> {
  readonly inputs: Readonly<Record<Name, TensorInfo>>;
  readonly attrs: Attributes;
  readonly backend: MathBackendCPU;
}

/** Defines a kernel with float32 inputs and one float32 output. */
export function kernel<Name extends string, Attributes = object>(
  kernelName: string,
  compute: (args: Arguments<Name, Attributes>) => { shape: number[]; values: Float32Array },
): KernelConfig {
  const kernelFunc = (args: Arguments<Name, Attributes>): TensorInfo => {
    const { shape, values } = compute(args);
    return args.backend.makeTensorInfo(shape, "float32", values);
  };
  return { kernelName, backendName: "cpu", kernelFunc: kernelFunc as unknown as KernelConfig["kernelFunc"] };
}

/** The values of a float32 tensor. */
export const valuesOf = (backend: MathBackendCPU, { dataId }: TensorInfo) =>
  backend.data.get(dataId).values as Float32Array;

/** factor·Σ over the rows of `x [count, rows, columns]`, in float64 and rounded once: `[count, columns]`. */
function overRows(x: Float32Array, count: number, rows: number, columns: number, factor = 1): Float32Array {
  const sums = new Float64Array(count * columns);
  for (let row = 0; row < count * rows; row++) {
    const to = Math.floor(row / rows) * columns;
    for (let c = 0; c < columns; c++)
      sums[to + c] = (sums[to + c] as number) + (x[row * columns + c] as number);
  }
  return Float32Array.from(sums, (sum) => sum * factor);
}

/** Sums per channel and over all elements, and the mean per image. */
export const sums: readonly KernelConfig[] = [
  kernel<"x">("SumToChannels", ({ inputs: { x }, backend }) => {
    const channels = x.shape.at(-1) ?? 1;
    const values = valuesOf(backend, x);
    return { shape: [channels], values: overRows(values, 1, values.length / channels, channels) };
  }),
  kernel<"x">("SumAll", ({ inputs: { x }, backend }) => {
    const values = valuesOf(backend, x);
    return { shape: [1], values: overRows(values, 1, values.length, 1) };
  }),
  kernel<"x">("GlobalAveragePool", ({ inputs: { x }, backend }) => {
    const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
    const pixels = height * width;
    const means = overRows(valuesOf(backend, x), batch, pixels, channels, 1 / pixels);
    return { shape: [batch, channels], values: means };
  }),
  kernel<"dy", { height: number; width: number }>(
    "GlobalAveragePoolGradient",
    ({ inputs: { dy }, attrs: { height, width }, backend }) => {
      const [batch = 1, channels = 1] = dy.shape;
      const pixels = height * width;
      const shares = valuesOf(backend, dy);
      const values = Float32Array.from({ length: batch * pixels * channels }, (_, at) => {
        const image = Math.floor(at / (pixels * channels));
        return (shares[image * channels + (at % channels)] ?? 0) / pixels;
      });
      return { shape: [batch, height, width, channels], values };
    },
  ),
];

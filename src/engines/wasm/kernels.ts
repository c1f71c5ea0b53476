import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { BatchMatMulAttrs, KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { activationChain } from "./activationChain.js";
import { adam } from "./adam.js";
import { batchNormKernels } from "./batchNorm.js";
import { allocate, call, callOriginal, permuted, release, reshaped, view, wasmKernel } from "./calls.js";
import { conv2d } from "./conv2d.js";
import { conv2dBackpropFilter } from "./conv2dBackpropFilter.js";
import { conv2dBackpropInput } from "./conv2dBackpropInput.js";
import { depthwiseBackpropFilter } from "./depthwiseBackpropFilter.js";
import { depthwiseBackpropInput } from "./depthwiseBackpropInput.js";
import { maxPoolGrad } from "./maxPoolGrad.js";
import { quantizerKernels } from "./quantizers.js";
import { sums } from "./sums.js";

/** Another tensor on the same memory: tensors are immutable, so tfjs's copy is not needed. */
const identity = wasmKernel<"x">("Identity", ({ inputs: { x }, backend }) => reshaped(backend, x, x.shape));

/** Looks up numbers in a table `[n]`; an index out of range gives NaN. Other shapes use tfjs's kernel. */
const gather = wasmKernel<"x" | "indices">("GatherV2", ({ inputs, attrs, backend }) => {
  const { x, indices } = inputs;
  if (x.shape.length !== 1 || x.dtype !== "float32" || indices.dtype !== "int32")
    return callOriginal(backend, "GatherV2", inputs, attrs);
  const output = allocate(backend, indices.shape);
  const [table, found] = [view(backend, x), view(backend, output)];
  const places = backend.typedArrayFromHeap(indices) as Int32Array;
  for (let index = 0; index < places.length; index++)
    found[index] = table[places[index] as number] ?? Number.NaN;
  return output;
});

/** tfjs multiplies transposed matrices in a plain loop, ten times slower than transposing them first. */
const batchMatMul = wasmKernel<"a" | "b", BatchMatMulAttrs>("BatchMatMul", ({ inputs, attrs, backend }) => {
  const { a, b } = inputs;
  const straightAlready = !attrs.transposeA && !attrs.transposeB;
  if (straightAlready || !isMatrix(a) || !isMatrix(b))
    return callOriginal(backend, "BatchMatMul", inputs, attrs);
  const left = attrs.transposeA ? turned(backend, a) : a;
  const right = attrs.transposeB ? turned(backend, b) : b;
  const straight = { transposeA: false, transposeB: false };
  const output = callOriginal(backend, "BatchMatMul", { a: left, b: right }, straight);
  if (attrs.transposeA) release(backend, left);
  if (attrs.transposeB) release(backend, right);
  return output;
});

/** One matrix, with or without leading ones in its shape. */
function isMatrix({ shape }: TensorInfo): boolean {
  return shape.length >= 2 && shape.slice(0, -2).every((n) => n === 1);
}

function turned(backend: BackendWasm, { dataId, dtype, shape }: TensorInfo): TensorInfo {
  const [rows = 1, columns = 1] = shape.slice(-2);
  const found = permuted(backend, { dataId, dtype, shape: [rows, columns] }, [1, 0]);
  return { ...found, shape: [...shape.slice(0, -2), columns, rows] };
}

/** Elementwise minimum with a scalar. Other shapes use tfjs's kernel. */
const minimum = withScalar("Minimum", (bound) => [Number.NEGATIVE_INFINITY, bound]);

/** Elementwise maximum with a scalar. */
const maximum = withScalar("Maximum", (bound) => [bound, Number.POSITIVE_INFINITY]);

/**
 * Computed as clipping, which is vectorized. A NaN becomes the infinite end of the range, so it stays
 * non-finite.
 */
function withScalar(kernelName: string, rangeOf: (bound: number) => [number, number]): KernelConfig {
  return wasmKernel<"a" | "b">(kernelName, ({ inputs, attrs, backend }) => {
    const { a, b } = inputs;
    const [array, single] = b.shape.length === 0 ? [a, b] : [b, a];
    const floats = a.dtype === "float32" && b.dtype === "float32";
    const bound = single.shape.length === 0 && floats ? view(backend, single)[0] : undefined;
    if (bound === undefined || !Number.isFinite(bound))
      return callOriginal(backend, kernelName, inputs, attrs);
    const [clipValueMin, clipValueMax] = rangeOf(bound);
    return call(backend, "ClipByValue", { x: array }, { clipValueMin, clipValueMax });
  });
}

/**
 * x·k + b per channel with k = γ/√(σ² + ε) and b = β - μ·k: a product and a sum that the backend vectorizes.
 */
const fusedBatchNorm = wasmKernel<"x" | "mean" | "variance", { varianceEpsilon: number }, "scale" | "offset">(
  "FusedBatchNorm",
  ({ inputs, attrs, backend }) => {
    const { x, mean, variance, scale, offset } = inputs;
    if (mean.shape.length !== 1 || x.dtype !== "float32")
      return callOriginal(backend, "FusedBatchNorm", { ...inputs }, attrs);
    const [k, b] = [allocate(backend, mean.shape), allocate(backend, mean.shape)];
    const [slopes, shifts] = [view(backend, k), view(backend, b)];
    const [means, variances] = [view(backend, mean), view(backend, variance)];
    const gammas = scale === undefined ? undefined : view(backend, scale);
    const betas = offset === undefined ? undefined : view(backend, offset);
    for (const [channel, value] of means.entries()) {
      const gamma = gammas?.[channel] ?? 1;
      const slope = gamma / Math.sqrt((variances[channel] ?? Number.NaN) + attrs.varianceEpsilon);
      slopes[channel] = slope;
      shifts[channel] = (betas?.[channel] ?? 0) - value * slope;
    }
    const scaled = call(backend, "Multiply", { a: x, b: k });
    const output = call(backend, "Add", { a: scaled, b });
    release(backend, k, b, scaled);
    return output;
  },
);

/** Kernels that tfjs's wasm backend lacks or has only in a slow version, and custom fused kernels. */
export const trainingKernels: readonly KernelConfig[] = [
  ...activationChain,
  adam,
  ...batchNormKernels,
  batchMatMul,
  conv2d,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  fusedBatchNorm,
  gather,
  identity,
  maximum,
  maxPoolGrad,
  minimum,
  ...quantizerKernels,
  ...sums,
];

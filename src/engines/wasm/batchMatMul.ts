import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { averaged } from "./averaged.js";
import { callOriginal, permuted, release, reshaped, view, wasmKernel } from "./calls.js";

interface Inputs {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

interface Attributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/**
 * tfjs multiplies transposed matrices in a plain loop, ten times slower than turning them first, and a row of ones by
 * packing the whole right factor, where a pooling adds up its rows.
 */
export const batchMatMul = wasmKernel<Inputs, Attributes>("BatchMatMul", ({ inputs, attrs, backend }) => {
  const { a, b } = inputs;
  if (!attrs.transposeA && !attrs.transposeB) {
    return rowSums(backend, a, b) ?? callOriginal(backend, "BatchMatMul", inputs, attrs);
  }
  if (!isMatrix(a) || !isMatrix(b)) return callOriginal(backend, "BatchMatMul", inputs, attrs);
  const left = attrs.transposeA ? turned(backend, a) : a;
  const right = attrs.transposeB ? turned(backend, b) : b;
  const straight = { transposeA: false, transposeB: false };
  const output = callOriginal(backend, "BatchMatMul", { a: left, b: right }, straight);
  if (attrs.transposeA) release(backend, left);
  if (attrs.transposeB) release(backend, right);
  return output;
});

/** The product where `a [..., 1, rows]` holds one and the same number everywhere; null where it does not. */
function rowSums(backend: BackendWasm, a: TensorInfo, b: TensorInfo): TensorInfo | null {
  const [lines, rows = 1] = a.shape.slice(-2);
  const columns = b.shape.at(-1) ?? 1;
  const batch = b.shape.slice(0, -2);
  const sameBatch = String(batch) === String(a.shape.slice(0, -2));
  if (lines !== 1 || rows < 2 || columns < 2 || !sameBatch) return null;
  if (a.dtype !== "float32" || b.dtype !== "float32") return null;
  const factor = onlyValue(view(backend, a));
  if (factor === null) return null;
  const count = batch.reduce((product, n) => product * n, 1);
  const matrices = reshaped(backend, b, [count, rows, 1, columns]);
  const sums = averaged(backend, matrices);
  release(backend, matrices);
  const values = view(backend, sums);
  for (const [index, value] of values.entries()) values[index] = value * rows * factor;
  return { ...sums, shape: [...batch, 1, columns] };
}

/** The number that all elements are, or null. */
function onlyValue(values: Float32Array): number | null {
  const first = values[0] ?? Number.NaN;
  for (let index = 0; index < values.length; index++) if (values[index] !== first) return null;
  return first;
}

/** One matrix, with or without leading ones in its shape. */
function isMatrix({ shape }: TensorInfo): boolean {
  return shape.length >= 2 && shape.slice(0, -2).every((n) => n === 1);
}

function turned(backend: BackendWasm, { dataId, dtype, shape }: TensorInfo): TensorInfo {
  const [rows = 1, columns = 1] = shape.slice(-2);
  const found = permuted(backend, { dataId, dtype, shape: [rows, columns] }, [1, 0]);
  return { ...found, shape: [...shape.slice(0, -2), columns, rows] };
}

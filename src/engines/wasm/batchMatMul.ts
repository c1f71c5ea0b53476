import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { callOriginal, permuted, release, wasmKernel } from "./calls.js";

/** tfjs multiplies transposed matrices in a plain loop, ten times slower than transposing them first. */
export const batchMatMul = wasmKernel<"a" | "b", { transposeA: boolean; transposeB: boolean }>(
  "BatchMatMul",
  ({ inputs, attrs, backend }) => {
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
  },
);

/** One matrix, with or without leading ones in its shape. */
function isMatrix({ shape }: TensorInfo): boolean {
  return shape.length >= 2 && shape.slice(0, -2).every((n) => n === 1);
}

function turned(backend: BackendWasm, { dataId, dtype, shape }: TensorInfo): TensorInfo {
  const [rows = 1, columns = 1] = shape.slice(-2);
  const found = permuted(backend, { dataId, dtype, shape: [rows, columns] }, [1, 0]);
  return { ...found, shape: [...shape.slice(0, -2), columns, rows] };
}

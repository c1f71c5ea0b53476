import { allocate, callOriginal, view, wasmKernel } from "./calls.js";

/** Looks up numbers in a table `[n]`; an index out of range gives NaN. Other shapes use tfjs's kernel. */
export const gather = wasmKernel<"x" | "indices">("GatherV2", ({ inputs, attrs, backend }) => {
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

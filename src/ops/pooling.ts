import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { engine, maxPool as tfMaxPool } from "@tensorflow/tfjs-core";
import { at } from "./tensors.js";
import type { NodeOp } from "./types.js";

export const maxPool: NodeOp<"max-pool"> = {
  forward(node, inputs, _store, mode) {
    const x = at(inputs) as Tensor4D;
    const { kernel, stride, padding } = node.attrs;
    const output = tfMaxPool(x, kernel, stride, padding, "floor");
    return { output, saved: mode === "training" ? [x.clone(), output.clone()] : [] };
  },
  backward(node, dOutput, _store, { saved }) {
    const { kernel, stride, padding } = node.attrs;
    const inputs = { dy: dOutput, input: at(saved), output: at(saved, 1) };
    const attributes = { filterSize: [kernel, kernel], strides: [stride, stride], pad: padding };
    const dx = engine().runKernel("MaxPoolGrad", inputs, {
      ...attributes,
      dimRoundingMode: "floor",
    }) as Tensor;
    return { inputs: [dx], gradients: {} };
  },
};

/** `[batch, height, width, channels]` → `[batch, channels]`, in kernels of its own (see core/sums.ts). */
export const globalAveragePool: NodeOp<"global-average-pool"> = {
  forward(_node, inputs) {
    const output = engine().runKernel("GlobalAveragePool", { x: at(inputs) }) as Tensor;
    return { output, saved: [] };
  },
  backward(_node, dOutput, _store, { inputShapes }) {
    const [, height = 1, width = 1] = inputShapes[0] ?? [];
    const dx = engine().runKernel("GlobalAveragePoolGradient", { dy: dOutput }, { height, width }) as Tensor;
    return { inputs: [dx], gradients: {} };
  },
};

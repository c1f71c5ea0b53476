import { type Tensor4D, maxPool as tfMaxPool } from "@tensorflow/tfjs-core";
import { primitives } from "../overrides.js";
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
    const dx = primitives().maxPoolGradient(dOutput, at(saved), at(saved, 1), kernel, stride, padding);
    return { inputs: [dx], gradients: {} };
  },
};

/** `[batch, height, width, channels]` → `[batch, channels]`, with the engine's sums (core/sums.ts). */
export const globalAveragePool: NodeOp<"global-average-pool"> = {
  forward(_node, inputs) {
    return { output: primitives().averagePool(at(inputs)), saved: [] };
  },
  backward(_node, dOutput, _store, { inputShapes }) {
    const [, height, width] = at(inputShapes) as Tensor4D["shape"];
    return { inputs: [primitives().averagePoolGradient(dOutput, height, width)], gradients: {} };
  },
};

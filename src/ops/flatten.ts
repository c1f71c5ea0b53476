import { reshape, type Tensor4D, tidy, transpose } from "@tensorflow/tfjs-core";
import { at } from "./tensors.js";
import type { NodeOp } from "./types.js";

/**
 * `[batch, height, width, channels]` → `[batch, channels·height·width]` in PyTorch's order (channel first).
 */
export const flatten: NodeOp<"flatten"> = {
  forward(_node, inputs) {
    const x = at(inputs) as Tensor4D;
    const [batch] = x.shape;
    const output = tidy(() => reshape(transpose(x, [0, 3, 1, 2]), [batch, x.size / batch]));
    return { output, saved: [] };
  },
  backward(_node, dOutput, _store, { inputShapes }) {
    const [batch, height, width, channels] = at(inputShapes) as Tensor4D["shape"];
    const dx = tidy(() => transpose(reshape(dOutput, [batch, channels, height, width]), [0, 2, 3, 1]));
    return { inputs: [dx], gradients: {} };
  },
};

import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { engine, fill, matMul, reshape, maxPool as tfMaxPool, tidy } from "@tensorflow/tfjs-core";
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

/** `[batch, height, width, channels]` → `[batch, channels]`: products with ones, faster than a reduction on every engine. */
export const globalAveragePool: NodeOp<"global-average-pool"> = {
  forward(node, inputs) {
    const x = at(inputs);
    const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
    const pixels = height * width;
    const output = tidy(() => {
      const means = matMul(fill([batch, 1, pixels], 1 / pixels), reshape(x, [batch, pixels, channels]));
      return reshape(means, [batch, ...node.shape]);
    });
    return { output, saved: [] };
  },
  backward(_node, dOutput, _store, { inputShapes }) {
    const [batch = 1, height = 1, width = 1, channels = 1] = inputShapes[0] ?? [];
    const pixels = height * width;
    const dx = tidy(() => {
      const spread = matMul(fill([batch, pixels, 1], 1 / pixels), reshape(dOutput, [batch, 1, channels]));
      return reshape(spread, [batch, height, width, channels]);
    });
    return { inputs: [dx], gradients: {} };
  },
};

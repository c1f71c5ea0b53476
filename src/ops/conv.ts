import { primitives } from "../overrides.js";
import { at } from "./tensors.js";
import type { NodeOp } from "./types.js";
import { effectiveWeight, weightGradients } from "./weights.js";

/**
 * Dense or depthwise convolution with quantized or full-precision weights. Saves the input and the effective
 * weight.
 */
export const conv: NodeOp<"conv"> = {
  forward(node, inputs, store, mode) {
    const x = at(inputs);
    const weight = effectiveWeight(node, store);
    const output = primitives().convolve(x, weight.value, node.attrs);
    if (mode === "training") return { output, saved: [x.clone(), weight.value, ...weight.saved] };
    for (const tensor of [weight.value, ...weight.saved]) tensor.dispose();
    return { output, saved: [] };
  },
  backward(node, dOutput, store, { saved, needsInputGradient }) {
    const [x, weight] = [at(saved), at(saved, 1)];
    const dWeight = primitives().convolveFilterGradient(x, dOutput, node.attrs, weight.shape);
    const gradients = weightGradients(node, dWeight, saved.slice(2), store);
    const dx = needsInputGradient
      ? primitives().convolveInputGradient(dOutput, weight, node.attrs, x.shape)
      : null;
    return { inputs: [dx], gradients };
  },
};

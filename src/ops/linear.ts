import { add, matMul, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { sumToChannels } from "../core/sums.js";
import { at, tensorOf } from "./tensors.js";
import type { NodeOp } from "./types.js";
import { effectiveWeight, weightGradients } from "./weights.js";

/** y = x·W + b with `x [batch, in]`, `W [in, out]`. */
export const linear: NodeOp<"linear"> = {
  forward(node, inputs, store, mode) {
    const x = at(inputs) as Tensor2D;
    const weight = effectiveWeight(node, store);
    const output = tidy(() => add(matMul(x, weight.value as Tensor2D), tensorOf(store, `${node.id}.bias`)));
    if (mode === "training") return { output, saved: [x.clone(), weight.value, ...weight.saved] };
    for (const tensor of [weight.value, ...weight.saved]) tensor.dispose();
    return { output, saved: [] };
  },
  backward(node, dOutput, store, { saved, needsInputGradient }) {
    const [x, weight] = [at(saved) as Tensor2D, at(saved, 1) as Tensor2D];
    const dy = dOutput as Tensor2D;
    const dWeight = matMul(x, dy, true, false);
    const gradients = weightGradients(node, dWeight, saved.slice(2), store);
    const dx = needsInputGradient ? matMul(dy, weight, false, true) : null;
    return { inputs: [dx], gradients: { ...gradients, [`${node.id}.bias`]: sumToChannels(dy) } };
  },
};

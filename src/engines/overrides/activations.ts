import type { Tensor } from "@tensorflow/tfjs-core";
import { prelu as plainPrelu, relu as plainRelu } from "../../ops/activations.js";
import { at, tensorOf } from "../../ops/tensors.js";
import type { NodeOp } from "../../ops/types.js";
import { one, several } from "./kernel.js";

/** ReLU with a gradient kernel; for ReLU6 the plain gradient is used. */
export const relu: NodeOp<"relu"> = {
  forward: plainRelu.forward,
  backward(node, dOutput, store, request) {
    if (node.attrs.max !== undefined) return plainRelu.backward(node, dOutput, store, request);
    return { inputs: [one("ReluGradient", { dy: dOutput, y: at(request.saved) })], gradients: {} };
  },
};

/** PReLU with one kernel for both gradients. */
export const prelu: NodeOp<"prelu"> = {
  forward: plainPrelu.forward,
  backward(node, dOutput, store, { saved }) {
    const name = `${node.id}.weight`;
    const inputs = { dy: dOutput, x: at(saved), alpha: tensorOf(store, name) };
    const [dx, dAlpha] = several("PreluGradient", inputs) as [Tensor, Tensor];
    return { inputs: [dx], gradients: { [name]: dAlpha } };
  },
};

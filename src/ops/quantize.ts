import type { QuantizerTensors } from "../core/quantizer.js";
import { activationPasses, quantizers } from "../core/quantizers.js";
import type { QuantizeNode } from "../graph/types.js";
import { at, tensorOf } from "./tensors.js";
import type { NodeOp, TensorStore } from "./types.js";

/** An activation quantizer in front of a convolution. */
export const quantize: NodeOp<"quantize"> = {
  forward(node, inputs, store, mode) {
    const quantizer = activationPasses(node.attrs.method);
    const { y, saved } = quantizer.forward(at(inputs), parametersOf(node, store), node.attrs);
    if (mode === "training") return { output: y, saved };
    for (const tensor of saved) tensor.dispose();
    return { output: y, saved: [] };
  },
  backward(node, dOutput, store, { saved, across }) {
    const quantizer = activationPasses(node.attrs.method);
    const parameters = parametersOf(node, store);
    const { dx, gradients } = quantizer.backward(dOutput, saved, parameters, node.attrs, across?.world);
    const named = Object.entries(gradients).map(([name, gradient]) => [`${node.id}.${name}`, gradient]);
    return { inputs: [dx], gradients: Object.fromEntries(named) };
  },
};

/** The parameters of a quantize node, by their short names. */
export function parametersOf(node: QuantizeNode, store: TensorStore): QuantizerTensors {
  const names = quantizers[node.attrs.method].activation.parameters(node.attrs).map(({ name }) => name);
  return Object.fromEntries(names.map((name) => [name, tensorOf(store, `${node.id}.${name}`)]));
}

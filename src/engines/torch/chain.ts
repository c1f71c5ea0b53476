import { parametersOf } from "../../ops/quantize.js";
import {
  activationChains,
  namedAfter,
  type PassesOf,
  thresholdPasses,
} from "../overrides/activationChain.js";
import { uniformActivations, uniformBackward, uniformForward } from "../overrides/uniformQuantizers.js";

/** RPReLU with a uniform quantizer. */
const uniformPasses: PassesOf = (node) => {
  const quantizer = uniformActivations[node.attrs.method];
  if (quantizer === undefined) return null;
  return {
    forward: (inputs, store) => uniformForward(quantizer, inputs, parametersOf(node, store), node.attrs),
    backward(inputs, store, world) {
      const parameters = parametersOf(node, store);
      const { outputs, gradients } = uniformBackward(quantizer, inputs, parameters, node.attrs, world);
      return { outputs, gradients: namedAfter(node, gradients) };
    },
  };
};

/** RPReLU with each quantizer that has a kernel in the addon. */
export const torchChains = activationChains((node) => thresholdPasses(node) ?? uniformPasses(node));

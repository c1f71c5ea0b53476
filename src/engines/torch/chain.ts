import type { Fusion } from "../../ops/fusion.js";
import { parametersOf } from "../../ops/quantize.js";
import {
  activationChains,
  namedAfter,
  type PassesOf,
  thresholdPasses,
} from "../overrides/activationChain.js";
import type { FusedPasses } from "../overrides/fused.js";

/** RPReLU with each quantizer that has a kernel in the addon: N2UQ's and those of the table. */
export function torchChains(quantizers: Readonly<Record<string, FusedPasses>>): Fusion {
  const passesOf: PassesOf = (node) => {
    const quantizer = quantizers[node.attrs.method];
    if (quantizer === undefined) return null;
    return {
      forward: (inputs, store) => quantizer.forward(inputs, parametersOf(node, store), node.attrs),
      backward(inputs, store, world) {
        const parameters = parametersOf(node, store);
        const { outputs, gradients } = quantizer.backward(inputs, parameters, node.attrs, world);
        return { outputs, gradients: namedAfter(node, gradients) };
      },
    };
  };
  return activationChains((node) => thresholdPasses(node) ?? passesOf(node));
}

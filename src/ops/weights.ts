import { reshape, type Tensor } from "@tensorflow/tfjs-core";
import type { QuantizerTensors } from "../core/quantizer.js";
import { quantizers, weightPasses } from "../core/quantizers.js";
import type { WeightQuantization } from "../graph/quantizer.js";
import type { ConvNode, GraphNode, LinearNode } from "../graph/types.js";
import { tensorOf } from "./tensors.js";
import type { TensorStore } from "./types.js";

/** Quantized weights and the tensors that backward needs. */
export interface EffectiveWeight {
  readonly value: Tensor;
  readonly saved: readonly Tensor[];
}

/** Quantizes a layer's weights in any layout; full-precision weights are returned as a clone. */
export function effectiveWeight(node: ConvNode | LinearNode, store: TensorStore): EffectiveWeight {
  const { id } = node;
  const { quant } = node.attrs;
  const weight = tensorOf(store, `${id}.weight`);
  if (quant === undefined) return { value: weight.clone(), saved: [] };
  const flat = flatten(weight, isDepthwise(node));
  const { y, saved } = weightPasses(quant.method).forward(
    flat,
    quantizerTensors(id, quant, flat, store),
    quant,
  );
  const value = reshape(y, weight.shape);
  flat.dispose();
  y.dispose();
  return { value, saved };
}

/**
 * Converts the gradient of the effective weight to the gradients of the layer's parameters. Disposes
 * `dValue`.
 */
export function weightGradients(
  node: ConvNode | LinearNode,
  dValue: Tensor,
  saved: readonly Tensor[],
  store: TensorStore,
): Record<string, Tensor> {
  const { id } = node;
  const { quant } = node.attrs;
  if (quant === undefined) return { [`${id}.weight`]: dValue };
  const weight = tensorOf(store, `${id}.weight`);
  const flat = flatten(dValue, isDepthwise(node));
  const parameters = quantizerTensors(id, quant, flat, store);
  const { dx, gradients } = weightPasses(quant.method).backward(flat, saved, parameters, quant);
  const dWeight = reshape(dx, weight.shape);
  for (const tensor of [dValue, flat, dx]) tensor.dispose();
  const named = Object.entries(gradients).map(([name, gradient]) => [`${id}.${name}`, gradient]);
  return { [`${id}.weight`]: dWeight, ...Object.fromEntries(named) };
}

/**
 * Flattens a weight to `[fan, outChannels]`. In a depthwise kernel `[height, width, channels, 1]`, the
 * channels are the second-to-last axis.
 */
export function flatten(weight: Tensor, depthwise: boolean): Tensor {
  const channels = weight.shape.at(depthwise ? -2 : -1) ?? 1;
  return reshape(weight, [weight.size / channels, channels]);
}

/** Whether a node's weights are a depthwise kernel. */
export function isDepthwise(node: GraphNode): boolean {
  return node.kind === "conv" && node.attrs.depthwise;
}

/** The parameters of a layer's weight quantizer, by their short names. */
export function quantizerTensors(
  id: string,
  quant: WeightQuantization,
  flat: Tensor,
  store: TensorStore,
): QuantizerTensors {
  const names = quantizers[quant.method].weight.parameters(quant, flat.shape[1] ?? 1).map(({ name }) => name);
  return Object.fromEntries(names.map((name) => [name, tensorOf(store, `${id}.${name}`)]));
}

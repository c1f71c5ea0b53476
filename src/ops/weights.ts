import { reshape, type Tensor } from "@tensorflow/tfjs-core";
import type { QuantizerTensors } from "../core/quantizer.js";
import { quantizers, weightPasses } from "../core/quantizers.js";
import type { WeightQuantization } from "../graph/quantizer.js";
import { tensorOf } from "./tensors.js";
import type { TensorStore } from "./types.js";

/** Quantized weights and the tensors that backward needs. */
export interface EffectiveWeight {
  readonly value: Tensor;
  readonly saved: readonly Tensor[];
}

/** Quantizes a layer's weights in any layout; full-precision weights are returned as a clone. */
export function effectiveWeight(
  id: string,
  quant: WeightQuantization | undefined,
  store: TensorStore,
): EffectiveWeight {
  const weight = tensorOf(store, `${id}.weight`);
  if (quant === undefined) return { value: weight.clone(), saved: [] };
  const flat = flatten(weight);
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
  id: string,
  quant: WeightQuantization | undefined,
  dValue: Tensor,
  saved: readonly Tensor[],
  store: TensorStore,
): Record<string, Tensor> {
  if (quant === undefined) return { [`${id}.weight`]: dValue };
  const weight = tensorOf(store, `${id}.weight`);
  const flat = flatten(dValue);
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
export function flatten(weight: Tensor): Tensor {
  const [last, beforeLast] = [weight.shape.at(-1) ?? 1, weight.shape.at(-2) ?? 1];
  const channels = weight.rank === 4 && last === 1 ? beforeLast : last;
  return reshape(weight, [weight.size / channels, channels]);
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

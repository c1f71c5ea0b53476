import type { Tensor } from "@tensorflow/tfjs-core";
import type { ActivationQuantization, WeightQuantization } from "./parameters.js";

/** Parameter tensors of one quantizer, by their short names (`start`, `a`, `step` …). */
export type QuantizerTensors = Readonly<Record<string, Tensor>>;

/** What a forward pass gives: the output, and the tensors that backward needs (owned by the caller, who disposes them). */
export interface Forward {
  readonly y: Tensor;
  readonly saved: readonly Tensor[];
}

/** The gradient with respect to the input and to every learnable parameter, all owned by the caller. */
export interface Backward {
  readonly dx: Tensor;
  readonly gradients: Readonly<Record<string, Tensor>>;
}

/**
 * Quantizes activations `x` of any shape. Plain tfjs operations with an explicit gradient, no autodiff.
 * `forward` never disposes what it was given; `saved` may hold `x` itself only as a clone.
 */
export interface ActivationQuantizer {
  readonly name: string;
  forward(x: Tensor, parameters: QuantizerTensors, quantization: ActivationQuantization): Forward;
  backward(
    dy: Tensor,
    saved: readonly Tensor[],
    parameters: QuantizerTensors,
    quantization: ActivationQuantization,
    /** How many ranks share the batch, each with an equal part of these values; 1 by default. */
    world?: number,
  ): Backward;
  /** Values for the parameters marked `fromFirstBatch`, from the first batch of activations. */
  initialize?(x: Tensor, quantization: ActivationQuantization): Record<string, Tensor>;
}

/**
 * Quantizes weights given as `[fan, outChannels]` (a convolution's kernel flattened so that the output channel is last).
 * Same ownership as for activations.
 */
export interface WeightQuantizer {
  readonly name: string;
  forward(w: Tensor, parameters: QuantizerTensors, quantization: WeightQuantization): Forward;
  backward(
    dq: Tensor,
    saved: readonly Tensor[],
    parameters: QuantizerTensors,
    quantization: WeightQuantization,
  ): Backward;
  /** Values for the parameters marked `fromFirstBatch`, from the weights that training starts from. */
  initialize?(w: Tensor, quantization: WeightQuantization): Record<string, Tensor>;
}

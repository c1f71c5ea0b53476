import type { Tensor } from "@tensorflow/tfjs-core";
import { maximum } from "@tensorflow/tfjs-core";
import type {
  ActivationQuantization,
  QuantizationCurve,
  QuantizerDescription,
  WeightQuantization,
} from "../graph/quantizer.js";

/** Parameter tensors of one quantizer by their short names (`start`, `a`, `step` …). */
export type QuantizerTensors = Readonly<Record<string, Tensor>>;

/** Values of a quantizer's parameters by their short names. */
export type ParameterValues = Readonly<Record<string, readonly number[]>>;

/**
 * The output of a forward pass and the tensors that backward needs. The caller owns and disposes all of them.
 */
export interface Forward {
  readonly y: Tensor;
  readonly saved: readonly Tensor[];
}

/** The gradients with respect to the input and to every learnable parameter. The caller owns them. */
export interface Backward {
  readonly dx: Tensor;
  readonly gradients: Readonly<Record<string, Tensor>>;
}

/**
 * Quantizes activations `x` of any shape, with plain tfjs operations and an explicit gradient, without
 * autodiff. `forward` never disposes its inputs; `saved` holds `x` only as a clone.
 */
export interface ActivationQuantizer {
  /** Quantizes `x`. `y` is float32 and has the shape of `x`. */
  forward(x: Tensor, parameters: QuantizerTensors, quantization: ActivationQuantization): Forward;
  /**
   * The gradients with respect to `x` and the parameters. @param dy the gradient with respect to `y`, of the
   * same shape
   * @param world number of ranks that share the batch, each with an equal part of the values; default 1
   */
  backward(
    dy: Tensor,
    saved: readonly Tensor[],
    parameters: QuantizerTensors,
    quantization: ActivationQuantization,
    world?: number,
  ): Backward;
  /** Computes the values of the parameters marked `fromFirstBatch` from the first batch of activations. */
  initialize?(x: Tensor, quantization: ActivationQuantization): Record<string, Tensor>;
  /**
   * Returns thresholds and levels in float32, computed with the operations of `forward` in the same order.
   * @throws RangeError if a parameter is missing
   */
  curve(quantization: ActivationQuantization, parameters: ParameterValues): QuantizationCurve;
}

/**
 * Quantizes weights `[fan, outChannels]` (a convolution kernel, flattened, output channel last). The caller
 * owns and disposes all returned tensors, as for activations.
 */
export interface WeightQuantizer {
  /** Quantizes `w` `[fan, outChannels]`. `y` is float32 and has the shape of `w`. */
  forward(w: Tensor, parameters: QuantizerTensors, quantization: WeightQuantization): Forward;
  /** Gradients from `dq`, the gradient with respect to the quantized weights `[fan, outChannels]`. */
  backward(
    dq: Tensor,
    saved: readonly Tensor[],
    parameters: QuantizerTensors,
    quantization: WeightQuantization,
  ): Backward;
  /** Computes the values of the parameters marked `fromFirstBatch` from the initial weights. */
  initialize?(w: Tensor, quantization: WeightQuantization): Record<string, Tensor>;
  /** The levels of these weights, for analysis and export. The caller owns the tensor. */
  levels(w: Tensor, parameters: QuantizerTensors, quantization: WeightQuantization): WeightLevels;
}

/** The levels that a layer's quantized weights can have, in ascending order. */
export interface WeightLevels {
  /** `[levels]`, or `[levels, channels]` if each channel has its own levels. The caller owns it. */
  readonly levels: Tensor;
  /** The levels in units of a channel's scale, if each channel has its own levels. */
  readonly normalized?: readonly number[];
}

/** A quantizer with its metadata; its options are in `schemas/quantizers/<name>.json`. */
export interface Quantizer {
  readonly name: string;
  /** The paper and its equations. */
  readonly reference: string;
  readonly activation: ActivationQuantizer & QuantizerDescription["activation"];
  readonly weight: WeightQuantizer & QuantizerDescription["weight"];
}

/** Defines a quantizer for the table of quantizers or for a plug-in, with the types of its options. */
export function defineQuantizer(quantizer: Quantizer): Quantizer {
  return quantizer;
}

/** Number of steps between the levels of an n-bit quantizer: 2^n - 1. */
export function steps(bits: number): number {
  return 2 ** bits - 1;
}

/** A tensor saved for backward. @throws RangeError if `forward` did not save it */
export function savedAt(saved: readonly Tensor[], index: number): Tensor {
  const tensor = saved[index];
  if (tensor === undefined) throw new RangeError(`backward needs tensor ${index} of forward`);
  return tensor;
}

/** A parameter's tensor. @throws RangeError if it is missing */
export function parameterOf(parameters: QuantizerTensors, name: string): Tensor {
  const tensor = parameters[name];
  if (tensor === undefined) throw new RangeError(`the quantizer lacks its parameter ${name}`);
  return tensor;
}

/** The lower bound of a learned clipping value α: at 0 the quantizer would have no levels. */
export const clipBound = { at: 1e-6, effect: "the quantizer's output is nearly zero" } as const;

/** The tensor of a clipping value, at least its bound. */
export function clipOf(parameters: QuantizerTensors, name: string): Tensor {
  return maximum(parameterOf(parameters, name), clipBound.at);
}

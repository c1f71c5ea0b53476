/**
 * The learnable parameters of every quantizer: plain data, so that the graph can declare them without tensors.
 * Names and shapes are those of the released PyTorch code (docs/method.md, "The networks").
 */
export type QuantizationMethod = "n2uq" | "lsq" | "pact" | "dorefa";
export type RegularizerKind = "entropy" | "weight-norm" | "learnable-scale" | "none";

/** One learnable parameter of a quantizer. `initialValue` fills it; `fromFirstBatch` is replaced by data before the first step. */
export interface QuantizerParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initialValue: number;
  readonly fromFirstBatch?: boolean;
  /** At or below this the quantizer clamps it, or has one level only: the layer gives next to nothing. Of several values, all. */
  readonly above?: number;
}

/** A step size below this would divide by nothing; it keeps its gradient and can grow again. */
export const SMALLEST_STEP = 1e-8;
/** α is kept above zero, where PACT's quantizer would have no levels left. */
export const SMALLEST_CLIP = 1e-6;
/** Intervals of N2UQ's quantizer are at least this long; a shorter one gets no gradient (released code). */
export const SHORTEST_INTERVAL = 1e-3;

/** Which activation quantizer: `variant` is PACT's, "released" being the one of the released MobileNetV2 code. */
export interface ActivationQuantization {
  readonly method: QuantizationMethod;
  /** 1 to 8. */
  readonly bits: number;
  readonly variant?: "paper" | "released";
}

/** Which weight quantizer. `regularizer` belongs to n2uq; its weight is our extension (1 = the paper, 0 = no rescaling). */
export interface WeightQuantization {
  readonly method: QuantizationMethod;
  /** 1 to 8. */
  readonly bits: number;
  readonly regularizer?: { readonly kind: RegularizerKind; readonly weight: number };
}

/** Number of steps between the levels of an n-bit quantizer: 2^n - 1. */
export function steps(bits: number): number {
  return 2 ** bits - 1;
}

const activation = {
  n2uq: ({ bits }) => [
    { name: "start", shape: [1], initialValue: 0 },
    { name: "a", shape: [steps(bits)], initialValue: 2 / steps(bits), above: SHORTEST_INTERVAL },
    { name: "scale1", shape: [1], initialValue: 1, above: 0 },
    { name: "scale2", shape: [1], initialValue: 1, above: 0 },
  ],
  lsq: () => [{ name: "step", shape: [1], initialValue: 1, fromFirstBatch: true, above: SMALLEST_STEP }],
  pact: ({ variant }) => [
    { name: "clip_val", shape: [1], initialValue: variant === "released" ? 2 : 10, above: SMALLEST_CLIP },
  ],
  dorefa: () => [],
} satisfies Record<
  QuantizationMethod,
  (quantization: ActivationQuantization) => readonly QuantizerParameter[]
>;

const weight = {
  n2uq: ({ regularizer }, outChannels) =>
    regularizer?.kind === "learnable-scale"
      ? [{ name: "weight_scale", shape: [outChannels], initialValue: 1, fromFirstBatch: true }]
      : [],
  lsq: () => [{ name: "step", shape: [1], initialValue: 1, fromFirstBatch: true, above: SMALLEST_STEP }],
  pact: () => [],
  dorefa: () => [],
} satisfies Record<
  QuantizationMethod,
  (quantization: WeightQuantization, outChannels: number) => readonly QuantizerParameter[]
>;

/** The learnable parameters of an activation quantizer. */
export function activationParameters(quantization: ActivationQuantization): readonly QuantizerParameter[] {
  return activation[quantization.method](quantization);
}

/** The learnable parameters of a weight quantizer over a layer with `outChannels` output channels. */
export function weightParameters(
  quantization: WeightQuantization,
  outChannels: number,
): readonly QuantizerParameter[] {
  return weight[quantization.method](quantization, outChannels);
}

import type { CompleteQuantization } from "../schema/generated/complete.js";
import type { PartNames } from "../schema/generated/parts.js";
import type { ResolvedQuantization } from "../schema/generated/resolved.js";

/** The options of all quantizers, as their fragments declare them. */
export type QuantizerOptions = Partial<
  Omit<CompleteQuantization, "method" | "bits" | "downsample" | "keep" | "layers">
>;

/** The same as a resolved experiment has them: without what takes no effect. */
export type ResolvedOptions = Partial<
  Omit<ResolvedQuantization, "method" | "bits" | "downsample" | "keep" | "layers">
>;

/** How one side of a layer is quantized: the method, its bits (1 to 8), and the options that the method takes there. */
interface SideQuantization extends QuantizerOptions {
  readonly method: PartNames["quantizers"];
  readonly bits: number;
}

/** `variant` is PACT's and chosen by the model: `released` is the quantizer of the released N2UQ MobileNetV2. */
export interface ActivationQuantization extends SideQuantization {
  readonly variant?: "paper" | "released";
}

export interface WeightQuantization extends SideQuantization {}

/** One learnable parameter of a quantizer. Name and shape are those of the released PyTorch code, where there is one. */
export interface QuantizerParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initialValue: number;
  /** `initialize` replaces the value before the first step. */
  readonly fromFirstBatch?: boolean;
  /** At or below `at` (of several values: all of them) the quantizer clamps it, and the layer outputs next to nothing. */
  readonly bound?: { readonly at: number; readonly effect: string };
}

/** What the graph asks of a quantizer; it knows no tensors. */
export interface QuantizerDescription {
  readonly activation: {
    /** What of the experiment's options this side takes, as the graph shall hold it. */
    options?(settings: ResolvedOptions): QuantizerOptions;
    parameters(quantization: ActivationQuantization): readonly QuantizerParameter[];
  };
  readonly weight: {
    options?(settings: ResolvedOptions): QuantizerOptions;
    parameters(quantization: WeightQuantization, outChannels: number): readonly QuantizerParameter[];
  };
}

/** Every quantizer by its name. */
export type DescribedQuantizers = Readonly<Record<PartNames["quantizers"], QuantizerDescription>>;

/**
 * An activation quantizer as a function of one number: x above the first k of the ascending `thresholds` becomes `levels[k]`, so
 * there is one level more than thresholds. Both are exact in the engines' float32.
 */
export interface QuantizationCurve {
  readonly thresholds: readonly number[];
  readonly levels: readonly number[];
}

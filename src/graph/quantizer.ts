import type { CompleteQuantization } from "../schema/generated/complete.js";
import type { PartNames } from "../schema/generated/parts.js";
import type { ResolvedQuantization } from "../schema/generated/resolved.js";

/** The options of all quantizers, as their parts of the schema declare them. */
export type QuantizerOptions = Partial<Omit<CompleteQuantization, CommonSettings>>;

/** The options in a resolved experiment: only those that take effect. */
export type ResolvedOptions = Partial<Omit<ResolvedQuantization, CommonSettings>>;

/** The settings that every quantizer has. */
type CommonSettings = "method" | "bits" | "downsample" | "keep" | "layers";

/**
 * How the weights or the activations of a layer are quantized: method, bits (1 to 8) and the method's
 * options.
 */
interface SideQuantization extends QuantizerOptions {
  readonly method: PartNames["quantizers"];
  readonly bits: number;
}

/** `variant` is set by the model for PACT: `released` is the quantizer of the released N2UQ MobileNetV2. */
export interface ActivationQuantization extends SideQuantization {
  readonly variant?: "paper" | "released";
}

/** How the weights of a layer are quantized. */
export interface WeightQuantization extends SideQuantization {}

/**
 * One learnable parameter of a quantizer. Name and shape match the released PyTorch code, if there is one.
 */
export interface QuantizerParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initialValue: number;
  /** `initialize` replaces the value before the first step. */
  readonly fromFirstBatch?: boolean;
  /**
   * If all values of the parameter are at or below `at`, the layer counts as dead; `effect` describes why.
   */
  readonly bound?: { readonly at: number; readonly effect: string };
}

/** What a graph needs from a quantizer, without tensors. */
export interface QuantizerDescription {
  readonly activation: {
    /** Selects the options of this side from the experiment's. */
    options?(settings: ResolvedOptions): QuantizerOptions;
    /** Its learnable parameters for these bits and options. */
    parameters(quantization: ActivationQuantization): readonly QuantizerParameter[];
  };
  readonly weight: {
    /** Selects the options of this side from the experiment's. */
    options?(settings: ResolvedOptions): QuantizerOptions;
    /** Its learnable parameters for a layer of `outChannels` output channels. */
    parameters(quantization: WeightQuantization, outChannels: number): readonly QuantizerParameter[];
  };
}

/** Every quantizer by its name. */
export type DescribedQuantizers = Readonly<Record<PartNames["quantizers"], QuantizerDescription>>;

/**
 * An activation quantizer as a scalar function (threshold curve): an x above exactly the first k of the
 * ascending `thresholds` becomes `levels[k]`, so there is one more level than thresholds. Both are exact in
 * the engines' float32.
 */
export interface QuantizationCurve {
  readonly thresholds: readonly number[];
  readonly levels: readonly number[];
}

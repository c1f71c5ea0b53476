import type { LayerCost } from "../graph/cost.js";
import type { QuantizationCurve } from "../graph/quantizer.js";

/** Losses are means over images; accuracies are percentages. */
export interface Metrics {
  readonly loss: number;
  readonly top1: number;
  readonly top5: number;
}

/** The environment of a run, sufficient to reproduce it. */
export interface Environment {
  readonly n2uq: string;
  readonly node: string;
  readonly platform: string;
  readonly engine: { readonly name: string; readonly version: string; readonly device: string };
  readonly tfjs: string;
  readonly gitCommit: string | null;
  readonly gitDirty: boolean | null;
  /** Absent in records of older versions. */
  readonly machine?: Machine;
  /** The plug-ins that were loaded, and the sha256 of their modules; absent where there were none. */
  readonly plugins?: readonly { readonly name: string; readonly sha256: string }[];
}

/**
 * Hardware and settings that affect the last bits of a result, besides the engine (docs/reproducibility.md).
 */
export interface Machine {
  readonly processor: string;
  /**
   * The processor's instruction sets by which libraries choose their code: `avx2`, `avx512f`, `avx512_bf16`,
   * `amx_bf16`.
   */
  readonly instructions: readonly string[];
  /** The vector instructions of the engine's loops, if it reports them: `AVX512`. */
  readonly vectors: string | null;
  /** Threads per operation, in each rank. */
  readonly threads: number;
  /** Number of ranks that trained together. */
  readonly ranks: number;
}

/** The full-precision network to compare with. */
export interface FullPrecision extends Metrics {
  readonly name: string;
  readonly hash: string;
  readonly architecture: string;
  readonly bitOps: number;
  readonly packedBytes: number;
}

/** A quantizer with a single level, or nearly so. */
export interface DeadLayer {
  /** The activation quantizer, or the layer whose weights are quantized. */
  readonly layer: string;
  /** The parameter at or below its bound; null if only the output shows it. */
  readonly parameter: string | null;
  /** The parameter's bound, at or below which the quantizer clamps it or has a single level. */
  readonly bound: number | null;
  /** Number of steps at the bound, the first of them, and whether the last step was one. */
  readonly steps: number;
  readonly firstStep: number | null;
  readonly atEnd: boolean;
  /** The parameter's last value, or the only output level. */
  readonly value: number;
}

/**
 * `result.json`: the result of a finished run. Everything but `timing` and `environment` is bit-reproducible.
 */
export interface RunRecord {
  readonly format: 1;
  readonly name: string;
  /** sha256 of the recipe and of all inputs: the run's identity. */
  readonly hash: string;
  /** sha256 of the recipe only. Absent in results of versions before numerics 2. */
  readonly recipe?: string;
  /** Incremented when a fix changes results; absent: 1. */
  readonly numerics?: number;
  readonly architecture: string;
  readonly method: string;
  readonly bits: { readonly weights: number; readonly activations: number } | null;
  readonly seed: number;
  readonly epochs: number;
  readonly steps: number;
  readonly best: { readonly epoch: number } & Metrics;
  readonly final: Metrics;
  /** The full-precision experiment of the initial weights or the teacher, if there is one. */
  readonly fullPrecision: FullPrecision | null;
  readonly totals: {
    readonly parameters: number;
    readonly macs: number;
    readonly bitOps: number;
    readonly packedBytes: number;
  };
  /** Layers whose output was constant, at least for some steps; absent in records of older versions. */
  readonly deadLayers?: readonly DeadLayer[];
  /** sha256 of the final weights' file content. */
  readonly weights: string;
  readonly timing: { readonly seconds: number; readonly imagesPerSecond: number };
  readonly environment: Environment;
}

/** How often each level is used, and the Shannon entropy in bits (at most `bits`). */
export interface LevelUse {
  readonly method: string;
  readonly bits: number;
  readonly levels: readonly number[];
  readonly counts: readonly number[];
  /** In bits, 0 to `bits`. */
  readonly entropy: number;
}

/** The quantized weights of a layer. n2uq's levels are in units of the output channel's scale. */
export interface WeightAnalysis extends LevelUse {
  readonly layer: string;
}

/**
 * An activation quantizer: its first and last threshold curve, and its level counts on the first validation
 * images.
 */
export interface ActivationAnalysis extends LevelUse {
  readonly layer: string;
  /** Null if the run was started by a version that did not record it. */
  readonly start: QuantizationCurve | null;
  readonly end: QuantizationCurve;
}

/** `analysis.json`: an analysis of the best weights of a finished run. Bit-reproducible. */
export interface Analysis {
  readonly format: 1;
  readonly hash: string;
  /** Number of validation images for the level counts. */
  readonly images: number;
  readonly layers: readonly (Omit<LayerCost, "kind"> & { readonly kind: string })[];
  readonly weights: readonly WeightAnalysis[];
  readonly activations: readonly ActivationAnalysis[];
}

/** `start.json`: threshold curves at the start of training, by node id. */
export interface StartRecord {
  readonly format: 1;
  readonly hash: string;
  readonly staircases: Readonly<Record<string, QuantizationCurve>>;
}

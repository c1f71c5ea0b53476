import type { LayerCost } from "../graph/cost.js";
import type { QuantizationCurve } from "../graph/quantizer.js";

/** Losses are means over images; accuracies are percentages. */
export interface Metrics {
  readonly loss: number;
  readonly top1: number;
  readonly top5: number;
}

/** Where and with what a run was made: enough to repeat it. */
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
}

/** What the last bits of a result depend on beside the engine (docs/reproducibility.md). */
export interface Machine {
  readonly processor: string;
  /** Of those by which libraries choose how to compute, the processor's: `avx2`, `avx512f`, `avx512_bf16`, `amx_bf16`. */
  readonly instructions: readonly string[];
  /** The vector instructions that the engine's loops use, where it says so: `AVX512`. */
  readonly vectors: string | null;
  /** Threads of one operation, in each rank. */
  readonly threads: number;
  /** Processes that trained together. */
  readonly ranks: number;
}

/** The network that a quantized one is compared with. */
export interface FullPrecision extends Metrics {
  readonly name: string;
  readonly hash: string;
  readonly architecture: string;
  readonly bitOps: number;
  readonly packedBytes: number;
}

/** A quantizer that gave one level, or next to nothing. */
export interface DeadLayer {
  /** The activation quantizer, or the layer whose weights are quantized. */
  readonly layer: string;
  /** The parameter at or below its bound; null where only what comes out shows it. */
  readonly parameter: string | null;
  /** Of the parameter: at or below this the quantizer clamps it, or has one level only. */
  readonly bound: number | null;
  /** Steps after which it was so, the first of them, and whether it was so after the last step. */
  readonly steps: number;
  readonly firstStep: number | null;
  readonly atEnd: boolean;
  /** The parameter's last value; of what comes out, the only level. */
  readonly value: number;
}

/** `result.json`: what a finished run found. Everything but `timing` and `environment` repeats bit by bit. */
export interface RunRecord {
  readonly format: 1;
  readonly name: string;
  /** Of the recipe and of the content that was read: the run's identity. */
  readonly hash: string;
  /** Of the recipe alone. Absent in results of versions before numerics 2. */
  readonly recipe?: string;
  /** Raised when a fix changes results; absent: 1. */
  readonly numerics?: number;
  readonly architecture: string;
  readonly method: string;
  readonly bits: { readonly weights: number; readonly activations: number } | null;
  readonly seed: number;
  readonly epochs: number;
  readonly steps: number;
  readonly best: { readonly epoch: number } & Metrics;
  readonly final: Metrics;
  /** Of the full-precision experiment that the student started from or learned from, where there is one. */
  readonly fullPrecision: FullPrecision | null;
  readonly totals: {
    readonly parameters: number;
    readonly macs: number;
    readonly bitOps: number;
    readonly packedBytes: number;
  };
  /** Layers that give the same whatever comes in, or did for a while; absent in records of older versions. */
  readonly deadLayers?: readonly DeadLayer[];
  /** sha256 of the final weights' file content. */
  readonly weights: string;
  readonly timing: { readonly seconds: number; readonly imagesPerSecond: number };
  readonly environment: Environment;
}

/** How often each level is taken, and Shannon's entropy of that in bits; `bits` levels could give at most `bits`. */
export interface LevelUse {
  readonly method: string;
  readonly bits: number;
  readonly levels: readonly number[];
  readonly counts: readonly number[];
  /** In bits, 0 to `bits`. */
  readonly entropy: number;
}

/** The quantized weights of a layer. Levels of n2uq are in units of the output channel's scale. */
export interface WeightAnalysis extends LevelUse {
  readonly layer: string;
}

/** An activation quantizer: how it began, how it ended, and what of it the first validation images use. */
export interface ActivationAnalysis extends LevelUse {
  readonly layer: string;
  /** Null where the run began with a version that did not record it. */
  readonly start: QuantizationCurve | null;
  readonly end: QuantizationCurve;
}

/** `analysis.json`: what the best weights of a finished run look like. Repeats bit by bit. */
export interface Analysis {
  readonly format: 1;
  readonly hash: string;
  /** Validation images over which activation levels are counted. */
  readonly images: number;
  readonly layers: readonly (Omit<LayerCost, "kind"> & { readonly kind: string })[];
  readonly weights: readonly WeightAnalysis[];
  readonly activations: readonly ActivationAnalysis[];
}

/** `start.json`: the activation quantizers, by the id of their node, when training began. */
export interface StartRecord {
  readonly format: 1;
  readonly hash: string;
  readonly staircases: Readonly<Record<string, QuantizationCurve>>;
}

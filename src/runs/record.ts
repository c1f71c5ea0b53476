import type * as file from "../schema/generated/run.js";

/** The keys of values that JSON stores as null where they are not finite numbers. */
export const MEASURED = [
  ...(["loss", "imagesPerSecond", "value", "penalties"] as const),
  ...(["entropy", "levels", "counts", "thresholds"] as const),
];

/** A file's content in memory: read-only, and with NaN instead of null for measured values (`restored`). */
export type Restored<Value, Absent = null> = Value extends readonly (infer Item)[]
  ? readonly Restored<Item, Absent>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Restored<Value[Key], Key extends Measured ? number : Absent> }
    : Value extends null
      ? Absent
      : Value;
type Measured = (typeof MEASURED)[number];

/** Losses are means over images; accuracies are percentages. */
export type Metrics = RunRecord["final"];

/** The environment of a run, sufficient to reproduce it. */
export type Environment = Restored<file.Environment>;

/**
 * Hardware and settings that affect the last bits of a result, besides the engine (docs/reproducibility.md).
 */
export type Machine = NonNullable<Environment["machine"]>;

/** The full-precision network to compare with. */
export type FullPrecision = NonNullable<RunRecord["fullPrecision"]>;

/** A quantizer whose output has a single level, or a parameter at its bound. */
export type DeadLayer = NonNullable<RunRecord["deadLayers"]>[number];

/**
 * `result.json`: the result of a finished run. Everything but `timing` and `environment` is bit-reproducible.
 */
export interface RunRecord extends Restored<Omit<file.Result, "environment">> {
  readonly environment: Environment;
}

/** `analysis.json`: an analysis of the best weights of a finished run. Bit-reproducible. */
export type Analysis = Restored<file.Analysis>;

/** The quantized weights of a layer. n2uq's levels are in units of the output channel's scale. */
export type WeightAnalysis = Analysis["weights"][number];

/** How often each level is used, and the Shannon entropy in bits (at most `bits`). */
export type LevelUse = Omit<WeightAnalysis, "layer">;

/**
 * An activation quantizer: its first and last threshold curve, and its level counts on the first validation
 * images.
 */
export type ActivationAnalysis = Analysis["activations"][number];

/** `start.json`: threshold curves at the start of training, by node id. */
export type StartRecord = Restored<file.StartRecord>;

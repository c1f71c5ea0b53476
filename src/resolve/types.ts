import type {
  ResolvedLayerRule as LayerRule,
  Method,
  ResolvedArchitecture,
  ResolvedData,
  ResolvedSections,
  ResolvedQuantization as WrittenQuantization,
} from "../schema/generated/resolved.js";
import type { OptionsOf } from "../schema/options.js";

export type {
  Method,
  ResolvedArchitecture,
  ResolvedAugmentation,
  ResolvedData,
  ResolvedLoss,
  ResolvedOptimizer,
  ResolvedSchedule,
  ResolvedStage,
  ResolvedStem,
  ResolvedTraining,
} from "../schema/generated/resolved.js";

/**
 * An experiment with every value determined: written in the YAML, a default, or derived. Values without
 * effect are omitted. Frozen plain JSON. Keys are those of the YAML, types come from the schemas. `engine` is
 * never `auto` when it is hashed.
 */
export interface ResolvedExperiment
  extends Omit<ResolvedSections, "quantization" | "teacher" | "init" | "engine"> {
  readonly quantization: ResolvedQuantization;
  readonly teacher: ResolvedTeacher | null;
  readonly init: ResolvedInit | null;
  /** sha256 of the resolved quantization of all layers, and of the optimizer settings of all parameters. */
  readonly decided: { readonly layers: string; readonly groups: string };
  /**
   * Fingerprints of the input files' content, independent of their paths. Null if they can't be read on this
   * machine; absent if the recipe identifies them (data sets with a checksum, named weights).
   */
  readonly content: Readonly<Partial<Record<ContentKey, string | null>>>;
  /**
   * The plug-in parts that it uses, such as `quantizers/ternary`, each with the sha256 of its module; absent
   * if it uses none.
   */
  readonly plugins?: Readonly<Record<string, string>>;
  readonly engine: string;
}

/** The inputs of an experiment that are files of the user. */
export type ContentKey = "data" | "teacher" | "init";

/**
 * Order of the operations in a block: `n2uq` is pre-activation with RPReLU, `torchvision` is convolution →
 * BatchNorm → ReLU.
 */
export type NetworkLayout = ResolvedArchitecture["layout"];

/** The architectures of one model family. */
export type ArchitectureOf<Family extends ResolvedArchitecture["family"]> = Extract<
  ResolvedArchitecture,
  { family: Family }
>;

/** The options of all data sets, for code that checks whether an option is set. */
export type DataOptions = OptionsOf<ResolvedData>;

export interface Bits {
  readonly weights: number;
  readonly activations: number;
}

/** `place`: the index of the rule in the list as written; the resolved list lacks rules without effect. */
export type ResolvedLayerRule = LayerRule & { readonly place?: number };

/** The quantization. A setting is absent if no layer of the network depends on it. */
export interface ResolvedQuantization extends Omit<WrittenQuantization, "layers"> {
  readonly method: Method;
  readonly layers: readonly ResolvedLayerRule[];
}

/** The name (`torchvision:resnet18`) or absolute path of weights. */
export type WeightsReference = string;

/** The teacher: another experiment, or an architecture with a weights file. */
export type ResolvedTeacher =
  | { readonly experiment: ResolvedExperiment; readonly hash: string }
  | { readonly architecture: ResolvedArchitecture; readonly weights: WeightsReference };

/** The source of the initial weights. `strict`: every tensor must be found. */
export type ResolvedInit =
  | { readonly experiment: ResolvedExperiment; readonly hash: string; readonly strict: boolean }
  | { readonly weights: WeightsReference; readonly strict: boolean };

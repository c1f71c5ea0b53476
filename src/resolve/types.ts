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
 * An experiment with every value decided: what the YAML said, the defaults, and what follows from them; only what takes effect.
 * Frozen plain JSON; keys are the YAML's own, and their types come from the schemas. `engine` is concrete by the time it is hashed.
 */
export interface ResolvedExperiment
  extends Omit<ResolvedSections, "quantization" | "teacher" | "init" | "engine"> {
  readonly quantization: ResolvedQuantization;
  readonly teacher: ResolvedTeacher | null;
  readonly init: ResolvedInit | null;
  /** What quantization and the optimizer's groups come to, layer by layer and parameter by parameter: sha256 of each. */
  readonly decided: { readonly layers: string; readonly groups: string };
  /**
   * Fingerprints of the files that are read: of their content, never of their place. Null where they can't be read here; absent
   * where the recipe identifies them (data sets with a checksum, named weights).
   */
  readonly content: Readonly<Partial<Record<ContentKey, string | null>>>;
  /** The plug-ins' parts that it uses, `quantizers/ternary`, each with the sha256 of its module; absent where it uses none. */
  readonly plugins?: Readonly<Record<string, string>>;
  readonly engine: string;
}

/** What of an experiment is read from files of the user's. */
export type ContentKey = "data" | "teacher" | "init";

/** Where the activations sit: `n2uq` is pre-activation with RPReLU, `torchvision` is convolution → BatchNorm → ReLU. */
export type NetworkLayout = ResolvedArchitecture["layout"];

/** The architectures of one model family. */
export type ArchitectureOf<Family extends ResolvedArchitecture["family"]> = Extract<
  ResolvedArchitecture,
  { family: Family }
>;

/** The options of any data set, for whoever asks whether there is one. */
export type DataOptions = OptionsOf<ResolvedData>;

export interface Bits {
  readonly weights: number;
  readonly activations: number;
}

/** `place`: its index in the list as written, where rules without effect were left out. */
export type ResolvedLayerRule = LayerRule & { readonly place?: number };

/** Each part is absent where no layer of the network depends on it. */
export interface ResolvedQuantization extends Omit<WrittenQuantization, "layers"> {
  readonly method: Method;
  readonly layers: readonly ResolvedLayerRule[];
}

/** Weights by name (`torchvision:resnet18`) or absolute path. */
export type WeightsReference = string;

/** The teacher: an experiment of its own, or an architecture with a weights file. */
export type ResolvedTeacher =
  | { readonly experiment: ResolvedExperiment; readonly hash: string }
  | { readonly architecture: ResolvedArchitecture; readonly weights: WeightsReference };

/** The source of the initial weights. `strict`: every tensor must be found. */
export type ResolvedInit =
  | { readonly experiment: ResolvedExperiment; readonly hash: string; readonly strict: boolean }
  | { readonly weights: WeightsReference; readonly strict: boolean };

import type { CompleteArchitecture } from "../schema/generated/complete.js";
import type {
  Method,
  NetworkLayout,
  ResolvedOptimizer,
  ResolvedQuantization,
  ResolvedStem,
} from "./types.js";

/** The defaults of a model family, for the resolver. */
export interface FamilyDefaults<Architecture extends CompleteArchitecture = CompleteArchitecture> {
  /** The default layout. If absent: `n2uq` for method n2uq, `torchvision` for every other method. */
  layout?(method: Method): NetworkLayout;
  /** The complete stem; `inputSize` is `[height, width]` in pixels. */
  stem(architecture: Architecture, inputSize: readonly [number, number]): ResolvedStem;
  /** Defaults of options that depend on other options. */
  options?(architecture: Architecture): object;
}

/** A network as the resolver needs it: it shows which settings change the network. */
export interface Network {
  /** The resolved settings of each layer as a text; equal texts mean equal networks. */
  decisions(quantization: ResolvedQuantization): string;
  /** @throws N2uqError N2UQ_RULE_MATCHES_NOTHING for a glob that matches no layer */
  checkGlobs(quantization: ResolvedQuantization): void;
  /** The resolved groups of an optimizer. @throws N2uqError N2UQ_RULE_MATCHES_NOTHING */
  groups(quantization: ResolvedQuantization, optimizer: ResolvedOptimizer): GroupAssignment;
}

/** The resolved groups of an optimizer. */
export interface GroupAssignment {
  /** The parameters with group settings, one per line; equal texts mean equal updates. */
  readonly text: string;
  readonly idle: readonly IdleGlob[];
}

/** A glob of a group that matches no parameter, or only parameters of earlier groups. */
export interface IdleGlob {
  readonly group: number;
  /** Its index in the group's list. */
  readonly glob: number;
  readonly match: string;
  /** Similar names; empty if earlier groups have all parameters that it matches. */
  readonly close: readonly string[];
}

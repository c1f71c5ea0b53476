import type { CompleteArchitecture } from "../schema/generated/complete.js";
import type {
  Method,
  NetworkLayout,
  ResolvedOptimizer,
  ResolvedQuantization,
  ResolvedStem,
} from "./types.js";

/** What the resolver asks of a model family: the values that follow from it. */
export interface FamilyDefaults<Architecture extends CompleteArchitecture = CompleteArchitecture> {
  /** Not given: `n2uq` for method n2uq, `torchvision` for every other. */
  layout?(method: Method): NetworkLayout;
  /** The complete stem; `inputSize` is `[height, width]` in pixels. */
  stem(architecture: Architecture, inputSize: readonly [number, number]): ResolvedStem;
  /** Options that follow from others. */
  options?(architecture: Architecture): object;
}

/** What the resolver asks of a network, which it does not know how to build: which settings change something. */
export interface Network {
  /** What every layer comes to under a quantization; equal texts mean equal networks. */
  decisions(quantization: ResolvedQuantization): string;
  /** @throws N2uqError N2UQ_RULE_MATCHES_NOTHING for a glob that names no layer */
  checkGlobs(quantization: ResolvedQuantization): void;
  /** What an optimizer's groups come to. @throws N2uqError N2UQ_RULE_MATCHES_NOTHING */
  groups(quantization: ResolvedQuantization, optimizer: ResolvedOptimizer): GroupAssignment;
}

/** What an optimizer's groups come to. */
export interface GroupAssignment {
  /** The parameters with settings of their own, one line each: equal texts mean equal steps. */
  readonly text: string;
  readonly idle: readonly IdleGlob[];
}

/** A glob of a group that matches no parameter, or only parameters that an earlier group has taken. */
export interface IdleGlob {
  readonly group: number;
  /** Its place in the group's list. */
  readonly glob: number;
  readonly match: string;
  /** Names that are like it; empty where earlier groups took all that it matches. */
  readonly close: readonly string[];
}

import type { Tensor } from "@tensorflow/tfjs-core";
import { add, mul, scalar, tidy } from "@tensorflow/tfjs-core";
import type { ResolvedOptimizer } from "../../resolve/types.js";

/** Moments of one parameter by PyTorch's names (`exp_avg`, `momentum_buffer` …); empty before its first step. */
export type OptimizerState = Readonly<Record<string, Tensor>>;

export interface StepSettings {
  readonly lr: number;
  readonly weightDecay: number;
  /** This step's number, from 1. */
  readonly step: number;
}

/** What a parameter's step starts from. */
export interface Given {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly state: OptimizerState;
}

/** Both are the caller's; what came in stays the caller's too. */
export interface Updated {
  readonly parameter: Tensor;
  readonly state: OptimizerState;
}

/** One step of several parameters, in their order. */
export type Update<Options = never> = (
  given: readonly Given[],
  settings: StepSettings,
  options: Options,
) => readonly Updated[];

type OptionsOf<Kind> = Extract<ResolvedOptimizer, { kind: Kind }>;

/** Everything about one optimizer; its options are in `schemas/optimizers/<name>.json`. */
export interface OptimizerPart<Kind extends ResolvedOptimizer["kind"]> {
  readonly name: Kind;
  readonly reference: string;
  /** The moments that it keeps of every parameter from its first step on, by PyTorch's names. */
  readonly moments: readonly string[];
  readonly update: Update<OptionsOf<Kind>>;
}

/** An optimizer, with the types of its own options. */
export function defineOptimizer<Kind extends ResolvedOptimizer["kind"]>(
  optimizer: OptimizerPart<Kind>,
): OptimizerPart<Kind> {
  return optimizer;
}

/** A step of each parameter in a scope of its own. */
export function eachOf(
  given: readonly Given[],
  compute: (one: Given) => { parameter: Tensor } & Record<string, Tensor>,
): Updated[] {
  return given.map((one) => {
    const { parameter, ...state } = tidy(() => compute(one));
    return { parameter, state };
  });
}

/** The gradient with an L2 penalty: g + weightDecay·θ. */
export function withPenalty({ gradient, parameter }: Given, weightDecay: number): Tensor {
  return weightDecay === 0 ? gradient : add(gradient, mul(parameter, scalar(weightDecay)));
}

/** old·β + now·(1 - β), with an old value of zero before the first step. */
export function blend(old: Tensor | undefined, now: Tensor, beta: number): Tensor {
  const fresh = mul(now, scalar(1 - beta));
  return old === undefined ? fresh : add(mul(old, scalar(beta)), fresh);
}

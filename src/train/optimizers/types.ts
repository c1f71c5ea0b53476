import { add, mul, scalar, type Tensor, tidy } from "@tensorflow/tfjs-core";
import type { ResolvedOptimizer } from "../../resolve/types.js";

/**
 * Moments of one parameter by PyTorch's names (`exp_avg`, `momentum_buffer`, …); empty before its first step.
 */
export type OptimizerState = Readonly<Record<string, Tensor>>;

/** The settings of one optimizer step. */
export interface StepSettings {
  readonly lr: number;
  readonly weightDecay: number;
  /** The number of this step, from 1. */
  readonly step: number;
}

/** The inputs of a parameter's update. */
export interface Given {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly state: OptimizerState;
}

/** The result of a parameter's update. The caller owns the new tensors; the inputs are not disposed. */
export interface Updated {
  readonly parameter: Tensor;
  readonly state: OptimizerState;
}

/** Updates several parameters by one step. Returns the results in the order of the parameters. */
export type Update<Options = never> = (
  given: readonly Given[],
  settings: StepSettings,
  options: Options,
) => readonly Updated[];

/** The options of one kind of optimizer. */
export type OptionsOf<Kind> = Extract<ResolvedOptimizer, { kind: Kind }>;

/** An optimizer with its metadata; its options are in `schemas/optimizers/<name>.json`. */
export interface OptimizerPart<Kind extends ResolvedOptimizer["kind"]>
  extends PluginOptimizer<OptionsOf<Kind>> {
  readonly name: Kind;
}

/** An optimizer of a plug-in; `Options` is the type of its options. */
export interface PluginOptimizer<Options = never> {
  readonly name: string;
  readonly reference: string;
  /** Names of the moments that it stores for every parameter, as in PyTorch. */
  readonly moments: readonly string[];
  readonly update: Update<Options>;
}

/** Defines an optimizer, with the types of its options. */
export function defineOptimizer<Kind extends ResolvedOptimizer["kind"]>(
  optimizer: OptimizerPart<Kind>,
): OptimizerPart<Kind> {
  return optimizer;
}

/** Updates the parameters one after the other, each in a separate `tf.tidy`. */
export function eachOf(
  given: readonly Given[],
  compute: (one: Given) => { parameter: Tensor } & Record<string, Tensor>,
): Updated[] {
  return given.map((one) => {
    const { parameter, ...state } = tidy(() => compute(one));
    return { parameter, state };
  });
}

/** The gradient with L2 weight decay: g + weightDecay·θ. */
export function withPenalty({ gradient, parameter }: Given, weightDecay: number): Tensor {
  return weightDecay === 0 ? gradient : add(gradient, mul(parameter, scalar(weightDecay)));
}

/** old·β + now·(1 - β); `old` counts as zero before the first step. */
export function blend(old: Tensor | undefined, now: Tensor, beta: number): Tensor {
  const fresh = mul(now, scalar(1 - beta));
  return old === undefined ? fresh : add(mul(old, scalar(beta)), fresh);
}

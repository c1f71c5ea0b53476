import { dispose, type Tensor, zerosLike } from "@tensorflow/tfjs-core";
import type { Given, StepSettings, Update, Updated } from "../../train/optimizers/types.js";
import { several } from "./kernel.js";

interface AdamOptions {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
}

/**
 * Inputs and attributes of the kernel `AdamStep`. The kernel `AdamSteps` takes these inputs for each
 * parameter.
 */
export type AdamInput = "parameter" | "gradient" | "exp_avg" | "exp_avg_sq";
export type AdamAttributes = Readonly<
  Record<"beta1" | "beta2" | "epsilon" | "lr" | "weightDecay" | "step", number>
>;

/** Adam with the kernel `AdamSteps`: one call for all parameters. */
export const adamOfAll: Update<AdamOptions> = (given, settings, options) =>
  fused("AdamSteps", given, settings, options);

/** Adam with the kernel `AdamStep`: one call per parameter. */
export const adamOfEach: Update<AdamOptions> = (given, settings, options) =>
  given.flatMap((one) => fused("AdamStep", [one], settings, options));

function fused(
  kernel: string,
  given: readonly Given[],
  { lr, weightDecay, step }: StepSettings,
  { betas: [beta1, beta2], epsilon }: AdamOptions,
): Updated[] {
  if (given.length === 0) return [];
  const fresh: Tensor[] = [];
  const momentOf = ({ parameter, state }: Given, name: string) => {
    const known = state[name];
    if (known !== undefined) return known;
    const zeros = zerosLike(parameter);
    fresh.push(zeros);
    return zeros;
  };
  const inputs = given.flatMap((one, at) => {
    const own: Record<AdamInput, Tensor> = {
      parameter: one.parameter,
      gradient: one.gradient,
      exp_avg: momentOf(one, "exp_avg"),
      exp_avg_sq: momentOf(one, "exp_avg_sq"),
    };
    return Object.entries(own).map(([name, tensor]) => [at === 0 ? name : `${name}${at}`, tensor] as const);
  });
  const attributes: AdamAttributes = { lr, weightDecay, step, beta1, beta2, epsilon };
  const outputs = several(kernel, Object.fromEntries(inputs), attributes);
  dispose(fresh);
  return given.map((_, at) => {
    const [parameter, exp_avg, exp_avg_sq] = outputs.slice(3 * at, 3 * at + 3) as [Tensor, Tensor, Tensor];
    return { parameter, state: { exp_avg, exp_avg_sq } };
  });
}

import type { AdamAttributes, AdamInput } from "../overrides/adam.js";
import { allocate, wasmKernel } from "./calls.js";
import { teamOf } from "./ownModule.js";
import { address } from "./sumsOf.js";

/** One step of Adam (src/train/optimizers.ts) in one pass: new parameter, exp_avg and exp_avg_sq. */
export const adam = wasmKernel<AdamInput, AdamAttributes>("AdamStep", ({ inputs, attrs, backend }) => {
  const { parameter, gradient, exp_avg, exp_avg_sq } = inputs;
  const { shape } = parameter;
  const outputs = [allocate(backend, shape), allocate(backend, shape), allocate(backend, shape)];
  const { beta1, beta2, epsilon, weightDecay, step } = attrs;
  const tensors = [parameter, gradient, exp_avg, exp_avg_sq, ...outputs];
  const [rate, correction] = [attrs.lr / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)];
  const count = shape.reduce((product, n) => product * n, 1);
  teamOf(backend).run(
    "adamStep",
    [
      ...tensors.map((tensor) => address(backend, tensor)),
      rate,
      correction,
      beta1,
      beta2,
      epsilon,
      weightDecay,
    ],
    count,
    8 * count,
  );
  return outputs;
});

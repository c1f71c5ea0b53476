import type { KernelConfig } from "@tensorflow/tfjs-core";
import type { AdamAttributes, AdamInput } from "../../overrides/adam.js";
import type { Handle } from "../device.js";
import { kernel } from "../kernel.js";

/** One step of Adam (src/train/optimizers/adam.ts). Outputs: the new parameter, exp_avg and exp_avg_sq. */
export const adam: readonly KernelConfig[] = [
  kernel<AdamInput, AdamAttributes>("AdamStep", ({ inputs, attrs, tf }) => {
    const { beta1, beta2, epsilon, lr, weightDecay, step } = attrs;
    const run = (name: string, ...of: Handle[]) => tf.run(name, of);
    const blend = (old: Handle, now: Handle, beta: number) =>
      tf.scope(() =>
        run("AddV2", run("Mul", old, tf.constant(beta)), run("Mul", now, tf.constant(1 - beta))),
      );
    const decay = () => run("Mul", inputs.parameter, tf.number(weightDecay));
    const gradient = weightDecay === 0 ? inputs.gradient : run("AddV2", inputs.gradient, decay());
    const mean = blend(inputs.exp_avg, gradient, beta1);
    const square = blend(inputs.exp_avg_sq, run("Square", gradient), beta2);
    // lr/(1 - β₁ᵗ)·m / (√v/√(1 - β₂ᵗ) + ε) with √(1 - β₂ᵗ) moved out of the denominator.
    const correction = Math.sqrt(1 - beta2 ** step);
    const denominator = run("AddV2", run("Sqrt", square), tf.number(epsilon * correction));
    const rate = tf.number((lr * correction) / (1 - beta1 ** step));
    const move = run("Mul", run("RealDiv", mean, denominator), rate);
    return [run("Sub", inputs.parameter, move), mean, square];
  }),
];

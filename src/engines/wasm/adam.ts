import type { AdamAttributes, AdamInput } from "../overrides/adam.js";
import { allocate, view, wasmKernel } from "./calls.js";

/** One step of Adam (src/train/optimizers.ts) in one pass: new parameter, exp_avg and exp_avg_sq. */
export const adam = wasmKernel<AdamInput, AdamAttributes>("AdamStep", ({ inputs, attrs, backend }) => {
  const { shape } = inputs.parameter;
  const outputs = [allocate(backend, shape), allocate(backend, shape), allocate(backend, shape)] as const;
  const [newP, newM, newV] = [
    view(backend, outputs[0]),
    view(backend, outputs[1]),
    view(backend, outputs[2]),
  ];
  const [p, g] = [view(backend, inputs.parameter), view(backend, inputs.gradient)];
  const [m, v] = [view(backend, inputs.exp_avg), view(backend, inputs.exp_avg_sq)];
  const { beta1, beta2, epsilon, weightDecay, step } = attrs;
  const rate = attrs.lr / (1 - beta1 ** step);
  const correction = 1 / Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < p.length; i++) {
    const parameter = p[i] as number;
    const gradient = (g[i] as number) + weightDecay * parameter;
    const mean = beta1 * (m[i] as number) + (1 - beta1) * gradient;
    const square = beta2 * (v[i] as number) + (1 - beta2) * gradient * gradient;
    newM[i] = mean;
    newV[i] = square;
    newP[i] = parameter - (rate * mean) / (Math.sqrt(square) * correction + epsilon);
  }
  return [...outputs];
});

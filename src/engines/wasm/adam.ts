import type { TensorInfo } from "@tensorflow/tfjs-core";
import { allocate, view, wasmKernel } from "./calls.js";

interface Inputs {
  readonly parameter: TensorInfo;
  readonly gradient: TensorInfo;
  readonly exp_avg: TensorInfo;
  readonly exp_avg_sq: TensorInfo;
}

interface Attributes {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly lr: number;
  readonly weightDecay: number;
  readonly step: number;
}

/** One step of Adam (src/train/optimizers.ts) in one pass: new parameter, exp_avg and exp_avg_sq. */
export const adam = wasmKernel<Inputs, Attributes>("AdamStep", ({ inputs, attrs, backend }) => {
  const { shape } = inputs.parameter;
  const outputs = [allocate(backend, shape), allocate(backend, shape), allocate(backend, shape)] as const;
  const [newP, newM, newV] = outputs.map((output) => view(backend, output)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const p = view(backend, inputs.parameter);
  const g = view(backend, inputs.gradient);
  const m = view(backend, inputs.exp_avg);
  const v = view(backend, inputs.exp_avg_sq);
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

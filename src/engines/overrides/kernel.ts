import type { Tensor } from "@tensorflow/tfjs-core";
import { engine } from "@tensorflow/tfjs-core";

/** Runs a kernel of our own that gives one tensor. */
export function one(
  kernel: string,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: Readonly<Record<string, number | boolean>> = {},
): Tensor {
  return engine().runKernel(kernel, { ...inputs }, { ...attributes }) as Tensor;
}

/** Runs a kernel of our own that gives several tensors. */
export function several(
  kernel: string,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: Readonly<Record<string, number | boolean>> = {},
): Tensor[] {
  return engine().runKernel(kernel, { ...inputs }, { ...attributes }) as Tensor[];
}

import { engine, type Tensor } from "@tensorflow/tfjs-core";

/** Runs a custom kernel with one output. */
export function one(
  kernel: string,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: Readonly<Record<string, number | boolean>> = {},
): Tensor {
  return engine().runKernel(kernel, { ...inputs }, { ...attributes }) as Tensor;
}

/** Runs a custom kernel with several outputs. */
export function several(
  kernel: string,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: Readonly<Record<string, number | boolean>> = {},
): Tensor[] {
  return engine().runKernel(kernel, { ...inputs }, { ...attributes }) as Tensor[];
}

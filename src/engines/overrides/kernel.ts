import { engine, type NamedTensorMap, type Tensor } from "@tensorflow/tfjs-core";

/** Runs a custom kernel with one output. */
export function one(kernel: string, inputs: NamedTensorMap, attributes: object = {}): Tensor {
  return engine().runKernel(kernel, inputs, { ...attributes }) as Tensor;
}

/** Runs a custom kernel with several outputs. */
export function several(kernel: string, inputs: NamedTensorMap, attributes: object = {}): Tensor[] {
  return engine().runKernel(kernel, inputs, { ...attributes }) as Tensor[];
}

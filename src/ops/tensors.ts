import type { Tensor } from "@tensorflow/tfjs-core";
import { N2uqError } from "../errors.js";
import type { TensorStore } from "./types.js";

/** The tensor of a full name. @throws N2uqError N2UQ_INTERNAL if the store does not have it */
export function tensorOf(store: TensorStore, name: string): Tensor {
  const tensor = store.get(name);
  if (tensor === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: `no tensor ${name}` });
  return tensor;
}

/** The first tensor of a list, or the tensor at `index`. @throws N2uqError N2UQ_INTERNAL if it is missing */
export function at(tensors: readonly Tensor[], index = 0): Tensor {
  const tensor = tensors[index];
  if (tensor === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: `no tensor at ${index}` });
  return tensor;
}

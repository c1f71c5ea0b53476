import type { Tensor } from "@tensorflow/tfjs-core";
import { N2uqError } from "../errors.js";
import type { TensorStore } from "./types.js";

/** The tensor of a full name. @throws N2uqError N2UQ_INTERNAL if the store does not have it */
export function tensorOf(store: TensorStore, name: string): Tensor {
  const tensor = store.get(name);
  if (tensor === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: `no tensor ${name}` });
  return tensor;
}

/**
 * The first tensor or shape of a list, or the one at `index`. @throws N2uqError N2UQ_INTERNAL if it is missing
 */
export function at<Value>(list: readonly Value[], index = 0): Value {
  const value = list[index];
  if (value === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: `no tensor at ${index}` });
  return value;
}

/** The size of the last axis: channels or features. A scalar has one. */
export function channelsOf({ shape }: Tensor): number {
  return shape.at(-1) ?? 1;
}

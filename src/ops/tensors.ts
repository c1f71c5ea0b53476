import type { Tensor } from "@tensorflow/tfjs-core";
import { fill, matMul, reshape, tidy } from "@tensorflow/tfjs-core";
import { N2uqError } from "../errors.js";
import type { TensorStore } from "./types.js";

/** @throws N2uqError N2UQ_INTERNAL where the store lacks the tensor */
export function tensorOf(store: TensorStore, name: string): Tensor {
  const tensor = store.get(name);
  if (tensor === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: `no tensor ${name}` });
  return tensor;
}

/** The node's only input, or the one at `index`. */
export function at(tensors: readonly Tensor[], index = 0): Tensor {
  const tensor = tensors[index];
  if (tensor === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: `no tensor at ${index}` });
  return tensor;
}

/**
 * Sums `[batch, height, width, channels]` or `[batch, channels]` to `[channels]`. A product with ones, image by image and
 * then over the batch: the fastest reduction on every engine, and short partial sums keep float32 accurate.
 */
export function sumToChannels(x: Tensor): Tensor {
  return tidy(() => {
    const batch = x.shape[0] ?? 1;
    const channels = x.shape.at(-1) ?? 1;
    const pixels = x.size / (batch * channels);
    const perImage =
      pixels === 1
        ? reshape(x, [batch, channels])
        : reshape(matMul(fill([batch, 1, pixels], 1), reshape(x, [batch, pixels, channels])), [
            batch,
            channels,
          ]);
    return reshape(matMul(fill([1, batch], 1), perImage as never), [channels]);
  });
}

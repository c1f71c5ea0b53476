import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Geometry } from "../geometry.js";
import { allocate, reshaped } from "./calls.js";
import { teamOf } from "./ownModule.js";
import { address } from "./sumsOf.js";

/** Images with a border of zeros, in which every window of a convolution is. The caller releases `tensor`. */
export interface Bordered {
  readonly tensor: TensorInfo;
  readonly height: number;
  readonly width: number;
}

/**
 * Images `[batch, height, width, channels]`, `top` rows and `left` columns away from the border's beginning.
 * A negative number omits rows or columns.
 */
export function bordered(
  backend: BackendWasm,
  x: TensorInfo,
  place: { readonly top: number; readonly left: number },
  size: { readonly height: number; readonly width: number },
): Bordered {
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const { top, left } = place;
  if (top === 0 && left === 0 && size.height <= height && size.width <= width)
    return { tensor: reshaped(backend, x, x.shape), height, width };
  const tensor = allocate(backend, [batch, size.height, size.width, channels]);
  teamOf(backend).run(
    "writeBordered",
    [
      ...[address(backend, x), address(backend, tensor), height, width, channels],
      ...[top, left, size.height, size.width],
    ],
    batch,
    batch * size.height * size.width * channels,
  );
  return { tensor, ...size };
}

/** The border that the windows of a convolution need, and the size of images with it. */
export function borderOf(geometry: Geometry) {
  const { outHeight, outWidth, kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft } = geometry;
  const height = (outHeight - 1) * strideY + kernelHeight;
  const width = (outWidth - 1) * strideX + kernelWidth;
  return { top: padTop, left: padLeft, height, width };
}

/** The images that the windows of a convolution read. */
export function inputWithBorder(backend: BackendWasm, x: TensorInfo, geometry: Geometry): Bordered {
  const { top, left, height, width } = borderOf(geometry);
  return bordered(backend, x, { top, left }, { height, width });
}

import { type ConvAttributes, geometryOf, undilated } from "../geometry.js";
import { inputWithBorder } from "./bordered.js";
import { allocate, callOriginal, release, wasmKernel } from "./calls.js";
import { convolve, panels } from "./convolve.js";
import { convolveCodes } from "./convolveCodes.js";

/** The convolution in native/wasm/convolution.cpp, of integer codes if both tensors have them. Dilated and NCHW convolutions use tfjs's kernel. */
export const conv2d = wasmKernel<"x" | "filter", ConvAttributes>("Conv2D", ({ inputs, attrs, backend }) => {
  const { x, filter } = inputs;
  if (!undilated(attrs)) return callOriginal(backend, "Conv2D", inputs, attrs);
  const geometry = geometryOf(x.shape, filter.shape, attrs, false);
  const exact = convolveCodes(backend, x, filter, geometry);
  if (exact !== null) return exact;
  const { batch, channels, outHeight, outWidth, outChannels, kernelHeight, kernelWidth } = geometry;
  const { tensor, height, width } = inputWithBorder(backend, x, geometry);
  const y = allocate(backend, [batch, outHeight, outWidth, outChannels]);
  const window = kernelHeight * kernelWidth * channels;
  const packed = panels(backend, window, outChannels, "packWeights", filter, [window, outChannels]);
  const line = width * channels;
  convolve(backend, {
    x: {
      tensor,
      first: 0,
      image: height * line,
      row: geometry.strideY * line,
      pixel: geometry.strideX * channels,
    },
    y: {
      ...{ tensor: y, first: 0, image: outHeight * outWidth * outChannels },
      ...{ row: outWidth * outChannels, pixel: outChannels },
    },
    window: { lines: kernelHeight, line, run: kernelWidth * channels },
    pixels: [batch, outHeight, outWidth],
    packed,
    channels: outChannels,
  });
  release(backend, tensor, packed);
  return y;
});

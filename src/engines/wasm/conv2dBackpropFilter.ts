import { type ConvAttributes, geometryOf } from "../geometry.js";
import { inputWithBorder } from "./bordered.js";
import { allocate, release, wasmKernel } from "./calls.js";
import { teamOf } from "./ownModule.js";
import { address } from "./sumsOf.js";

/** Values of a run that are one item (native/wasm/convolution.cpp). */
const ITEM = 4;

/** dW[ky, kx, c, o] = Σ x[n, s·oy + ky, s·ox + kx, c]·dy[n, oy, ox, o]. */
export const conv2dBackpropFilter = wasmKernel<"x" | "dy", ConvAttributes & { filterShape: number[] }>(
  "Conv2DBackpropFilter",
  ({ inputs: { x, dy }, attrs, backend }) => {
    const geometry = geometryOf(x.shape, attrs.filterShape, attrs, false);
    const { batch, channels, kernelHeight, kernelWidth, outHeight, outWidth, outChannels } = geometry;
    const { tensor, height, width } = inputWithBorder(backend, x, geometry);
    const dFilter = allocate(backend, attrs.filterShape);
    const [line, run] = [width * channels, kernelWidth * channels];
    teamOf(backend).run(
      "filterGradient",
      [
        ...[tensor, dy, dFilter].map((each) => address(backend, each)),
        ...[batch, outHeight, outWidth],
        ...[height * line, geometry.strideY * line, geometry.strideX * channels, line, run, outChannels],
      ],
      kernelHeight * Math.ceil(run / ITEM),
      batch * outHeight * outWidth * kernelHeight * run * outChannels,
    );
    release(backend, tensor);
    return dFilter;
  },
);

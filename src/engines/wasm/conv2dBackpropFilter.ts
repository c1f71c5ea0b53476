import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { allocate, call, product, release, view, wasmKernel } from "./calls.js";
import type { ConvAttributes, Geometry } from "./geometry.js";
import { geometryOf } from "./geometry.js";
import { transpose } from "./transpose.js";

/** Floats of unfolded input in one piece: enough for long products, small enough for the second cache to help. */
const pieceSize = 1 << 20;

interface Inputs {
  readonly x: TensorInfo;
  readonly dy: TensorInfo;
}

/**
 * dW = col(x)ᵀ·dy: the unfolded input, one row for each filter tap and input channel, times the gradient of the output,
 * a few images at a time (their partial sums also keep float32 accurate).
 */
export const conv2dBackpropFilter = wasmKernel<Inputs, ConvAttributes & { filterShape: number[] }>(
  "Conv2DBackpropFilter",
  ({ inputs: { x, dy }, attrs, backend }) => {
    const geometry = geometryOf(x.shape, attrs.filterShape, attrs, false);
    const { batch, outChannels } = geometry;
    const rows = geometry.kernelHeight * geometry.kernelWidth * geometry.channels;
    const pixels = geometry.outHeight * geometry.outWidth;
    const images = Math.max(1, Math.min(batch, Math.floor(pieceSize / (rows * pixels))));
    let sum: TensorInfo | undefined;
    for (let first = 0; first < batch; first += images) {
      const count = Math.min(images, batch - first);
      const unfolded = unfold(backend, x, geometry, first, count);
      const gradient = call(
        backend,
        "Slice",
        { x: dy },
        { begin: [first, 0, 0, 0], size: [count, ...dy.shape.slice(1)] },
      );
      gradient.shape = [count * pixels, outChannels];
      const part = product(backend, unfolded, gradient);
      release(backend, unfolded, gradient);
      sum = sum === undefined ? part : addInto(backend, sum, part);
    }
    const dFilter = sum ?? allocate(backend, [rows, outChannels]);
    return { ...dFilter, shape: [...attrs.filterShape] };
  },
);

/** `[kernelHeight·kernelWidth·channels, count·outHeight·outWidth]` of the images from `first` on. */
function unfold(
  backend: BackendWasm,
  x: TensorInfo,
  geometry: Geometry,
  first: number,
  count: number,
): TensorInfo {
  const { height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
  const planes = allocate(backend, [channels, count * height * width]);
  const plain =
    kernelHeight * kernelWidth === 1 && outHeight === height && outWidth === width && geometry.padTop === 0;
  const columns = count * outHeight * outWidth;
  const unfolded = plain ? planes : allocate(backend, [kernelHeight * kernelWidth * channels, columns]);
  const offset = first * height * width * channels;
  transpose(view(backend, x), view(backend, planes), count * height * width, channels, offset);
  if (plain) return planes;
  const [from, to] = [view(backend, planes), view(backend, unfolded)];
  let row = 0;
  for (let ky = 0; ky < kernelHeight; ky++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      for (let channel = 0; channel < channels; channel++, row++) {
        const plane = channel * count * height * width;
        for (let image = 0; image < count; image++) {
          const source = plane + image * height * width;
          copyShifted(from, source, to, row * columns + image * outHeight * outWidth, geometry, ky, kx);
        }
      }
    }
  }
  release(backend, planes);
  return unfolded;
}

/** Copies what one filter tap sees of one image's channel; zeros where it looks beyond the edge. */
function copyShifted(
  from: Float32Array,
  source: number,
  to: Float32Array,
  start: number,
  { height, width, outHeight, outWidth, strideX, strideY, padTop, padLeft }: Geometry,
  ky: number,
  kx: number,
): void {
  const firstX = Math.min(outWidth, Math.max(0, Math.ceil((padLeft - kx) / strideX)));
  const endX = Math.max(firstX, Math.min(outWidth, Math.ceil((width + padLeft - kx) / strideX)));
  let target = start;
  for (let oy = 0; oy < outHeight; oy++, target += outWidth) {
    const y = oy * strideY + ky - padTop;
    if (y < 0 || y >= height) {
      for (let ox = 0; ox < outWidth; ox++) to[target + ox] = 0;
      continue;
    }
    let at = source + y * width + firstX * strideX + kx - padLeft;
    for (let ox = 0; ox < firstX; ox++) to[target + ox] = 0;
    for (let ox = firstX; ox < endX; ox++, at += strideX) to[target + ox] = from[at] as number;
    for (let ox = endX; ox < outWidth; ox++) to[target + ox] = 0;
  }
}

function addInto(backend: BackendWasm, sum: TensorInfo, part: TensorInfo): TensorInfo {
  const [into, from] = [view(backend, sum), view(backend, part)];
  for (let index = 0; index < into.length; index++) {
    into[index] = (into[index] as number) + (from[index] as number);
  }
  release(backend, part);
  return sum;
}

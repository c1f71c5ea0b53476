import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Geometry } from "../geometry.js";
import { borderOf } from "./bordered.js";
import { allocate, release, view } from "./calls.js";
import { codesOf } from "./codes.js";
import { PANEL } from "./convolve.js";
import { teamOf } from "./ownModule.js";
import { address, tensorOf } from "./sumsOf.js";

/**
 * The convolution of quantized activations and weights: exact sums of their integer codes, times both units per
 * output channel. Null if a tensor has no codes, a value is none of them (NaN), or a sum could exceed int32.
 */
export function convolveCodes(
  backend: BackendWasm,
  x: TensorInfo,
  filter: TensorInfo,
  geometry: Geometry,
): TensorInfo | null {
  const [activations, weights] = [codesOf(x), codesOf(filter)];
  const { batch, channels, kernelHeight, kernelWidth, outHeight, outWidth, outChannels } = geometry;
  const window = kernelHeight * kernelWidth * channels;
  if (activations === undefined || weights === undefined || activations.signed || !weights.signed)
    return null;
  if (channels % 2 === 1 || window * activations.most * weights.most >= 2 ** 31) return null;
  const team = teamOf(backend);
  const count = Math.ceil(outChannels / PANEL);
  const unit = activations.units[0] ?? Number.NaN;
  const ownUnit = (c: number) => (c < outChannels ? (weights.units[c % weights.units.length] ?? 0) : 0);
  const perChannel = (of: (unit: number) => number) =>
    tensorOf(
      backend,
      Array.from({ length: count * PANEL }, (_, c) => of(ownUnit(c))),
    );
  const inverse = perChannel((own) => (own === 0 ? 0 : 1 / own));
  const scale = perChannel((own) => unit * own);
  const border = borderOf(geometry);
  // Two codes for each float.
  const images = allocate(backend, [(batch * border.height * border.width * channels) / 2]);
  const packed = allocate(backend, [(count * PANEL * window) / 2]);
  const wrong = allocate(backend, [batch + count]);
  const y = allocate(backend, [batch, outHeight, outWidth, outChannels]);
  const at = (tensor: TensorInfo) => address(backend, tensor);
  const sizes = [
    geometry.height,
    geometry.width,
    channels,
    border.top,
    border.left,
    border.height,
    border.width,
  ];
  team.run(
    "writeBorderedCodes",
    [at(x), at(images), ...sizes, 1 / unit, activations.most, at(wrong)],
    batch,
    batch * border.height * border.width * channels,
  );
  team.run(
    "packCodes",
    [at(filter), at(packed), window, outChannels, at(inverse), weights.most, at(wrong) + 4 * batch],
    count,
    count * PANEL * window,
  );
  const line = border.width * channels;
  const from = [border.height * line, geometry.strideY * line, geometry.strideX * channels];
  const to = [outHeight * outWidth * outChannels, outWidth * outChannels, outChannels];
  // Zero is the same number as int32 and as float32.
  const whole = view(backend, wrong).every((found) => found === 0);
  if (whole)
    team.run(
      "convolveCodes",
      [
        ...[at(images), at(packed), at(y), outHeight, outWidth, ...from],
        ...[kernelHeight, line, kernelWidth * channels, ...to, outChannels, at(scale)],
      ],
      batch * outHeight * outWidth,
      (batch * outHeight * outWidth * window * outChannels) / 2,
    );
  release(backend, inverse, scale, images, packed, wrong);
  if (whole) return y;
  release(backend, y);
  return null;
}

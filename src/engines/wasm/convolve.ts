import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { allocate } from "./calls.js";
import { teamOf } from "./ownModule.js";
import { address } from "./sumsOf.js";

/** Channels of a panel of packed weights (native/wasm/convolution.cpp). */
export const PANEL = 8;

/** Where the values of pixels are: the index of the first one, and the distances between images, rows, pixels. */
interface Places {
  readonly tensor: TensorInfo;
  readonly first: number;
  readonly image: number;
  readonly row: number;
  readonly pixel: number;
}

interface Convolution {
  readonly x: Places;
  readonly y: Places;
  /** The window of a pixel: `lines` runs of `run` values, at a distance of `line` values. */
  readonly window: { readonly lines: number; readonly line: number; readonly run: number };
  /** Images, rows, columns. */
  readonly pixels: readonly [number, number, number];
  readonly packed: TensorInfo;
  readonly channels: number;
}

/** Writes all pixels of a convolution: those of the output, or some of those of the input's gradient. */
export function convolve(
  backend: BackendWasm,
  { x, y, window, pixels, packed, channels }: Convolution,
): void {
  const [images, rows, columns] = pixels;
  const count = images * rows * columns;
  const { lines, line, run } = window;
  teamOf(backend).run(
    "convolve",
    [
      ...[
        address(backend, x.tensor) + 4 * x.first,
        address(backend, packed),
        address(backend, y.tensor) + 4 * y.first,
      ],
      ...[rows, columns, x.image, x.row, x.pixel, lines, line, run, y.image, y.row, y.pixel, channels],
    ],
    count,
    count * lines * run * channels,
  );
}

/** Packs weights of `inputs` values per channel with a function of native/wasm, whose arguments are `values`. */
export function panels(
  backend: BackendWasm,
  inputs: number,
  channels: number,
  name: "packWeights" | "packTurned",
  filter: TensorInfo,
  values: readonly number[],
): TensorInfo {
  const count = Math.ceil(channels / PANEL);
  const packed = allocate(backend, [count, inputs, PANEL]);
  const all = [address(backend, filter), address(backend, packed), ...values];
  teamOf(backend).run(
    name,
    all,
    count,
    packed.shape.reduce((a, b) => a * b, 1),
  );
  return packed;
}

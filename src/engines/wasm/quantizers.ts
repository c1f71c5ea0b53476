import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { type KernelConfig, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { allocate, call, release, view, wasmKernel } from "./calls.js";
import { rememberCodes } from "./codes.js";
import { teamOf } from "./ownModule.js";
import { address, sumsOf, tensorOf } from "./sumsOf.js";

interface Uniform {
  readonly low: number;
  readonly high: number;
  readonly k: number;
  readonly closed: boolean;
}

/** The kernels' tensors `divisor` and `offset`, and the range, as arguments of native/wasm/quantizers.cpp. */
function rangeOf(
  backend: BackendWasm,
  { divisor, offset }: { readonly divisor: TensorInfo; readonly offset?: TensorInfo | undefined },
  { low, high, k }: Uniform,
): number[] {
  return [number(backend, divisor), offset === undefined ? 0 : number(backend, offset), low, high, k];
}

/** round(clip(v, low, high)·k)·divisor/k + offset with v = (x - offset)/divisor. */
const uniformQuantize = wasmKernel<"x" | "divisor", Uniform, "offset">(
  "UniformQuantize",
  ({ inputs, attrs, backend }) => {
    const { x } = inputs;
    const y = allocate(backend, x.shape);
    const range = rangeOf(backend, inputs, attrs);
    elementwise(backend, "uniformQuantize", [address(backend, x), address(backend, y), ...range], x);
    const { low, high, k } = attrs;
    const codes = { most: Math.max(-low, high) * k, signed: low < 0 };
    // The zeros around an image would have no code if the levels did not begin at 0.
    if (inputs.offset === undefined)
      rememberCodes(y, { ...codes, units: [Math.fround(number(backend, inputs.divisor) / k)] });
    return y;
  },
);

/** The gradient of x, and `[4]` sums for those of the quantizer's parameters (overrides/uniformQuantizers.ts). */
const uniformGradient = wasmKernel<"dy" | "x" | "divisor", Uniform, "offset">(
  "UniformQuantizeGradient",
  ({ inputs, attrs, backend }) => {
    const { dy, x } = inputs;
    const dx = allocate(backend, x.shape);
    const count = util.sizeFromShape(x.shape);
    const given = [dy, x, dx].map((tensor) => address(backend, tensor));
    const range = [...rangeOf(backend, inputs, attrs), Number(attrs.closed)];
    const sums = sumsOf(backend, 4, [count, 1], (at, segments) =>
      teamOf(backend).run(
        "uniformGradient",
        [...given, at, ...range, count, segments.rows],
        segments.count,
        8 * count,
      ),
    );
    return [dx, tensorOf(backend, sums)];
  },
);

/** N2UQ's weights `[fan, channels]` with the scale γ·mean|w|, and the inverse of the scale per channel. */
const entropyWeight = wasmKernel<"w", { steps: number; gamma: number }>(
  "EntropyWeight",
  ({ inputs: { w }, attrs: { steps, gamma }, backend }) => {
    const [rows = 0, channels = 1] = w.shape;
    const team = teamOf(backend);
    const sums = sumsOf(backend, channels, [rows, channels], (at, segments) =>
      team.run(
        "channelMagnitudes",
        [address(backend, w), at, channels, rows, segments.rows],
        segments.count,
        2 * rows * channels,
      ),
    );
    const scales = Float32Array.from(sums, (sum) => Math.fround(sum / rows) * gamma);
    // A channel of zeros stays zero.
    const inverses = scales.map((scale) => (scale === 0 ? 0 : 1 / scale));
    const [scale, inverse] = [tensorOf(backend, scales), tensorOf(backend, inverses)];
    const y = allocate(backend, w.shape);
    const [from, at, by, to] = [w, inverse, scale, y].map((tensor) => address(backend, tensor)) as Four;
    team.run("rescaledQuantize", [from, at, by, steps, to, channels], rows, 4 * rows * channels);
    release(backend, scale);
    rememberCodes(y, { units: scales.map((each) => each / steps), most: steps, signed: true });
    return [y, inverse];
  },
);

type Four = [number, number, number, number];

/** Work that is too little to be divided. */
const UNDIVIDED = 0;

/** DoReFa's weights, t = tanh w, and 1/max|t| `[]`; for a layer of zeros, zeros and 0. */
const tanhWeight = wasmKernel<"w", { steps: number }>(
  "TanhWeight",
  ({ inputs: { w }, attrs: { steps }, backend }) => {
    const t = call(backend, "Tanh", { x: w });
    const count = util.sizeFromShape(w.shape);
    const found = allocate(backend, [1]);
    teamOf(backend).run("largestMagnitude", [address(backend, t), address(backend, found)], count, UNDIVIDED);
    const largest = number(backend, found);
    release(backend, found);
    const inverse = largest === 0 ? 0 : Math.fround(1 / largest);
    const y = allocate(backend, w.shape);
    if (largest === 0) view(backend, y).fill(0);
    else elementwise(backend, "tanhQuantize", [address(backend, t), inverse, steps, address(backend, y)], w);
    rememberCodes(y, { units: [Math.fround(1 / steps)], most: steps, signed: true });
    const single = tensorOf(backend, [inverse]);
    return [y, t, { ...single, shape: [] }];
  },
);

/** dq·(1 - t²)/max|t|. */
const tanhGradient = wasmKernel<"dq" | "t" | "inverse">(
  "TanhWeightGradient",
  ({ inputs: { dq, t, inverse }, backend }) => {
    const dx = allocate(backend, dq.shape);
    const [from, at, to] = [dq, t, dx].map((tensor) => address(backend, tensor)) as [number, number, number];
    elementwise(backend, "tanhGradient", [from, at, number(backend, inverse), to], dq);
    return dx;
  },
);

/** Quantizers with uniform levels: the kernels of `overrides/uniformQuantizers.ts` and `entropyWeight.ts`. */
export const quantizerKernels: readonly KernelConfig[] = [
  uniformQuantize,
  uniformGradient,
  entropyWeight,
  tanhWeight,
  tanhGradient,
];

function elementwise(backend: BackendWasm, name: string, values: readonly number[], like: TensorInfo): void {
  const count = util.sizeFromShape(like.shape);
  teamOf(backend).run(name, values, count, 4 * count);
}

function number(backend: BackendWasm, tensor: TensorInfo): number {
  return view(backend, tensor)[0] ?? Number.NaN;
}

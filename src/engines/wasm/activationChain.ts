import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { allocate, release, view, wasmKernel } from "./calls.js";
import { rememberCodes } from "./codes.js";
import { teamOf } from "./ownModule.js";
import { address, sumsOf, tensorOf } from "./sumsOf.js";
import { type ThresholdCurve, thresholdCurve } from "./thresholdCurve.js";

type RPRelu = "bias1" | "alpha" | "bias2";
type Quantizer = "start" | "a" | "scale1" | "scale2";
type Inputs = Readonly<Partial<Record<RPRelu | Quantizer, TensorInfo>>>;

/** RPReLU and N2UQ's quantizer after it, in one pass (native/wasm/chain.cpp); either part may be absent. */
const forward = wasmKernel<"x", object, RPRelu | Quantizer>("ActivationChain", ({ inputs, backend }) => {
  const { x } = inputs;
  const y = allocate(backend, x.shape);
  const call = callOf(backend, x, inputs);
  const { rectifier, table, intervals } = call;
  for (const { first, channels, rows } of call.pieces) {
    const [from, to] = [x, y].map((tensor) => address(backend, tensor) + 4 * first) as [number, number];
    const values = [from, ...rectifier, table, to, channels, intervals];
    teamOf(backend).run("chainForward", values, rows, workOf(call, rows * channels));
  }
  release(backend, ...call.owned);
  if (call.curve !== null) rememberCodes(y, { units: [call.curve.unit], most: intervals, signed: false });
  return y;
});

/** The gradients of x and of the parameters, in their order. */
const gradient = wasmKernel<"dy" | "x", object, RPRelu | Quantizer>(
  "ActivationChainGradient",
  ({ inputs, backend }) => {
    const { dy, x, bias1 } = inputs;
    const dx = allocate(backend, x.shape);
    const call = callOf(backend, x, inputs);
    const { rectifier, table, intervals, curve } = call;
    const perChannel = bias1 === undefined ? 0 : 3 * (x.shape.at(-1) ?? 1);
    const count = perChannel + 2 * intervals + 1;
    const sums = new Float64Array(count);
    for (const { first, channels, rows } of call.pieces) {
      const found = sumsOf(backend, count, [rows, channels], (held, segments) => {
        const [dys, xs, dxs] = [dy, x, dx].map((tensor) => address(backend, tensor) + 4 * first);
        const given = [dys, xs, ...rectifier, table, dxs, held] as number[];
        const sizes = [channels, rows, intervals, segments.rows, count];
        teamOf(backend).run(
          "chainGradient",
          [...given, ...sizes],
          segments.count,
          2 * workOf(call, rows * channels),
        );
      });
      for (const [at, value] of found.entries()) sums[at] = (sums[at] as number) + value;
    }
    release(backend, ...call.owned);
    const channels = perChannel / 3;
    const parts =
      perChannel === 0 ? [] : [0, 1, 2].map((at) => sums.subarray(at * channels, (at + 1) * channels));
    const own = curve === null ? [] : curve.gradients(sums.subarray(perChannel));
    return [dx, ...[...parts, ...own].map((values) => tensorOf(backend, values))];
  },
);

export const activationChain: readonly KernelConfig[] = [forward, gradient];

/** A part of the values: from index `first`, as `[rows, channels]`. */
interface Piece {
  readonly first: number;
  readonly channels: number;
  readonly rows: number;
}

/** Each value is compared with every threshold. */
function workOf({ intervals }: Call, values: number): number {
  return values * (2 + intervals);
}

interface Call {
  /** Addresses of bias1, alpha and bias2, or zeros. */
  readonly rectifier: readonly number[];
  readonly curve: ThresholdCurve | null;
  /** The address of the curve's table. */
  readonly table: number;
  readonly intervals: number;
  readonly pieces: readonly Piece[];
  /** Tensors to release after the call. */
  readonly owned: readonly TensorInfo[];
}

function callOf(backend: BackendWasm, x: TensorInfo, inputs: Inputs): Call {
  const { bias1, alpha, bias2, start, a, scale1, scale2 } = inputs;
  const rectifies = bias1 !== undefined && alpha !== undefined && bias2 !== undefined;
  const quantizes = start !== undefined && a !== undefined && scale1 !== undefined && scale2 !== undefined;
  const number = (tensor: TensorInfo) => view(backend, tensor)[0] ?? Number.NaN;
  const curve = quantizes
    ? thresholdCurve(number(start), view(backend, a), number(scale1), number(scale2))
    : null;
  const owned = curve === null ? [] : [tensorOf(backend, curve.table)];
  return {
    rectifier: rectifies ? [bias1, alpha, bias2].map((tensor) => address(backend, tensor)) : [0, 0, 0],
    curve,
    table: owned[0] === undefined ? 0 : address(backend, owned[0]),
    intervals: curve === null ? 0 : curve.intervals,
    pieces: piecesOf(x, rectifies),
    owned,
  };
}

/** Without parameters per channel, the values are rows of four, and the rest is one row. */
function piecesOf({ shape }: TensorInfo, rectifies: boolean): Piece[] {
  const size = shape.reduce((product, n) => product * n, 1);
  const channels = rectifies ? (shape.at(-1) ?? 1) : 4;
  const rows = channels === 0 ? 0 : Math.floor(size / channels);
  const rest = size - rows * channels;
  const all = { first: 0, channels, rows };
  return [all, { first: rows * channels, channels: rest, rows: 1 }].filter(
    (one) => one.channels * one.rows > 0,
  );
}

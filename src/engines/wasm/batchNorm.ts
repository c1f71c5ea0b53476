import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { allocate, release, reshaped, view, wasmKernel } from "./calls.js";
import { teamOf } from "./ownModule.js";
import { address, sumsOf, tensorOf } from "./sumsOf.js";

/**
 * BatchNorm in training: y, the batch's mean and unbiased variance, and three tensors for the gradient: the
 * mean, 1/√(σ² + ε), and the mean again, which is not used. Moments are computed relative to the first row,
 * because moments about zero lose digits if the mean is large.
 */
const training = wasmKernel<"x" | "gamma" | "beta", { epsilon: number }>(
  "BatchNormTraining",
  ({ inputs: { x, gamma, beta }, attrs: { epsilon }, backend }) => {
    const { channels, rows } = sizesOf(x, gamma);
    const team = teamOf(backend);
    const values = 2 * rows * channels;
    const sums = sumsOf(backend, 2 * channels, [rows, channels], (at, segments) =>
      team.run(
        "channelMoments",
        [address(backend, x), address(backend, x), at, channels, rows, segments.rows],
        segments.count,
        values,
      ),
    );
    const [first, gammas, betas] = [view(backend, x), view(backend, gamma), view(backend, beta)];
    const found = { mean: [], variance: [], inverse: [], k: [], offset: [] } as Record<Statistic, number[]>;
    for (let c = 0; c < channels; c++) {
      const sum = at(sums, c);
      const mean = at(first, c) + sum / rows;
      const squares = Math.max(0, at(sums, channels + c) - (sum * sum) / rows);
      const inverse = 1 / Math.sqrt(squares / rows + epsilon);
      const k = at(gammas, c) * inverse;
      found.mean.push(mean);
      found.variance.push(squares / Math.max(1, rows - 1));
      found.inverse.push(inverse);
      found.k.push(k);
      found.offset.push(at(betas, c) - mean * k);
    }
    const [mean, variance, inverse] = [found.mean, found.variance, found.inverse].map((values) =>
      tensorOf(backend, values),
    ) as [TensorInfo, TensorInfo, TensorInfo];
    const y = allocate(backend, x.shape);
    withTensors(backend, [found.k, found.offset], (k = 0, offset = 0) =>
      team.run(
        "channelAffine",
        [address(backend, x), k, offset, address(backend, y), channels],
        rows,
        values,
      ),
    );
    const again = () => reshaped(backend, mean, mean.shape);
    return [y, mean, variance, again(), inverse, again()];
  },
);

type Statistic = "mean" | "variance" | "inverse" | "k" | "offset";

/** The gradients of x, γ and β: dx = k·(dy - (Σdy + x̂·Σdy·x̂)/rows) with k = γ/√(σ² + ε). */
const gradient = wasmKernel<"dy" | "x" | "gamma" | "saved1" | "saved2">(
  "BatchNormGradient",
  ({ inputs: { dy, x, gamma, saved1: mean, saved2: inverse }, backend }) => {
    const { channels, rows } = sizesOf(x, gamma);
    const team = teamOf(backend);
    const values = 2 * rows * channels;
    const given = [dy, x, mean].map((tensor) => address(backend, tensor));
    const sums = sumsOf(backend, 2 * channels, [rows, channels], (at, segments) =>
      team.run("channelGradients", [...given, at, channels, rows, segments.rows], segments.count, values),
    );
    const [means, inverses, gammas] = [view(backend, mean), view(backend, inverse), view(backend, gamma)];
    const [ks, slopes, offsets, dGamma, dBeta] = [[], [], [], [], []] as number[][] as FiveLists;
    for (let c = 0; c < channels; c++) {
      const [sum, own] = [at(sums, c), at(inverses, c)];
      const ofGamma = at(sums, channels + c) * own;
      const k = at(gammas, c) * own;
      const slope = (-k * own * ofGamma) / rows;
      ks.push(k);
      slopes.push(slope);
      offsets.push((-k * sum) / rows - slope * at(means, c));
      dGamma.push(ofGamma);
      dBeta.push(sum);
    }
    const dx = allocate(backend, x.shape);
    withTensors(backend, [ks, slopes, offsets], (k = 0, slope = 0, offset = 0) =>
      team.run(
        "channelCombination",
        [address(backend, dy), address(backend, x), k, slope, offset, address(backend, dx), channels],
        rows,
        values,
      ),
    );
    return [dx, tensorOf(backend, dGamma), tensorOf(backend, dBeta)];
  },
);

type FiveLists = [number[], number[], number[], number[], number[]];

/** The new running mean and variance: (1 - m)·running + m·batch, in float32. */
const running = wasmKernel<"mean" | "variance" | "runningMean" | "runningVariance", { momentum: number }>(
  "RunningStatistics",
  ({ inputs: { mean, variance, runningMean, runningVariance }, attrs: { momentum }, backend }) => {
    const [share, rest] = [Math.fround(momentum), Math.fround(1 - momentum)];
    const blend = (old: TensorInfo, now: TensorInfo) => {
      const values = view(backend, now);
      return tensorOf(
        backend,
        Array.from(
          view(backend, old),
          (value, c) => Math.fround(value * rest) + Math.fround(at(values, c) * share),
        ),
      );
    };
    return [blend(runningMean, mean), blend(runningVariance, variance)];
  },
);

export const batchNormKernels: readonly KernelConfig[] = [training, gradient, running];

function sizesOf(x: TensorInfo, gamma: TensorInfo): { channels: number; rows: number } {
  const [channels = 1] = gamma.shape;
  return { channels, rows: x.shape.slice(0, -1).reduce((product, n) => product * n, 1) };
}

/** Calls `work` with the addresses of tensors of these values, and releases them. */
function withTensors(
  backend: BackendWasm,
  values: readonly (readonly number[])[],
  work: (...addresses: number[]) => void,
): void {
  const tensors = values.map((list) => tensorOf(backend, list));
  work(...tensors.map((tensor) => address(backend, tensor)));
  release(backend, ...tensors);
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? Number.NaN;
}

import { type KernelConfig, util } from "@tensorflow/tfjs-core";
import type { Device, Handle } from "../device.js";
import { type KernelArguments, kernel } from "../kernel.js";
import { channelSums } from "./activations.js";
import { biased } from "./elementwise.js";

type TrainingInput = "x" | "gamma" | "beta";
/** `saved` are the last three outputs of the training kernel. */
type GradientInput = "dy" | "x" | "gamma" | "saved1" | "saved2" | "saved3";

interface Settings {
  readonly epsilon: number;
  /**
   * 1: TensorFlow's fused operation, which takes one pass on a GPU. 0: separate operations, which take half
   * of the fused operation's time on a CPU. Default: 1 on a GPU, else 0.
   */
  readonly whole?: 0 | 1;
}

/** TensorFlow's arithmetic operations as functions, to keep formulas short. */
function arithmetic(tf: Device) {
  const two = (name: "Mul" | "AddV2" | "Sub") => (a: Handle, b: Handle) => tf.run(name, [a, b]);
  return { mul: two("Mul"), add: two("AddV2"), sub: two("Sub") };
}

function rsqrt(tf: Device, variance: Handle, epsilon: number): Handle {
  return tf.run("Rsqrt", [tf.run("AddV2", [variance, tf.constant(epsilon)])]);
}

/** Number of values per channel. */
function countOf(x: Handle, gamma: Handle): number {
  return util.sizeFromShape([...x.shape]) / util.sizeFromShape([...gamma.shape]);
}

function isWhole(tf: Device, { whole }: Settings): boolean {
  return whole === undefined ? tf.gpu : whole === 1;
}

/**
 * Returns y, μ, the unbiased σ², and three tensors for the gradient: in this variant μ, 1/√(σ² + ε) and a
 * copy of the latter, which is not used.
 */
function trainByParts({ inputs, attrs, tf }: KernelArguments<TrainingInput, Settings>): Handle[] {
  const { x, gamma, beta } = inputs;
  const { mul, sub } = arithmetic(tf);
  const count = countOf(x, gamma);
  const mean = mul(channelSums(tf, x), tf.constant(1 / count));
  const centred = sub(x, mean);
  const squares = tf.scope(() => channelSums(tf, tf.run("Square", [centred])));
  const inverse = rsqrt(tf, mul(squares, tf.constant(1 / count)), attrs.epsilon);
  const y = biased(tf, mul(centred, mul(inverse, gamma)), beta);
  const unbiased = mul(squares, tf.constant(1 / Math.max(1, count - 1)));
  return [y, mean, unbiased, tf.run("Identity", [mean]), inverse, tf.run("Identity", [inverse])];
}

/** dx = k·dy - k/count·(dβ + x̂·dγ): per channel, the sum of an affine function of dy and a multiple of x. */
function gradientByParts({ inputs, tf }: KernelArguments<GradientInput, Settings>): Handle[] {
  const { dy, x, gamma, saved1: mean, saved2: inverse } = inputs;
  const { mul, add, sub } = arithmetic(tf);
  const count = countOf(x, gamma);
  const dBeta = channelSums(tf, dy);
  const sumDyX = tf.scope(() => channelSums(tf, mul(dy, x)));
  const dGamma = mul(sub(sumDyX, mul(mean, dBeta)), inverse);
  const k = mul(gamma, inverse);
  const slope = mul(mul(k, mul(inverse, dGamma)), tf.constant(-1 / count));
  const offset = sub(mul(mul(k, dBeta), tf.constant(-1 / count)), mul(slope, mean));
  const scaled = tf.scope(() => add(mul(dy, k), mul(x, slope)));
  return [biased(tf, scaled, offset), dGamma, dBeta];
}

/** BatchNorm over channels: inference, training, and its gradient. */
export const batchNorm: readonly KernelConfig[] = [
  /** γ·(x - μ)/√(σ² + ε) + β. */
  kernel<"x" | "mean" | "variance", { varianceEpsilon: number }, "scale" | "offset">(
    "FusedBatchNorm",
    ({ inputs: { x, mean, variance, scale, offset }, attrs, tf }) => {
      const { mul, add, sub } = arithmetic(tf);
      const inverse = rsqrt(tf, variance, attrs.varianceEpsilon);
      const k = scale === undefined ? inverse : mul(inverse, scale);
      const shift = mul(mean, k);
      const b = offset === undefined ? tf.run("Neg", [shift]) : sub(offset, shift);
      return mean.shape.length === 1 ? biased(tf, mul(x, k), b) : add(mul(x, k), b);
    },
  ),
  /** y, the batch's μ and unbiased σ², and the tensors for the gradient. */
  kernel<TrainingInput, Settings>("BatchNormTraining", (args) => {
    const { inputs, attrs, tf } = args;
    if (!isWhole(tf, attrs)) return trainByParts(args);
    const none = [tf.values([], [0]), tf.values([], [0])];
    const all = [inputs.x, inputs.gamma, inputs.beta, ...none];
    return tf.runAll("FusedBatchNormV3", all, { epsilon: { float: attrs.epsilon } }, 6);
  }),
  /** The new running mean and variance: (1 - m)·running + m·batch. */
  kernel<"mean" | "variance" | "runningMean" | "runningVariance", { momentum: number }>(
    "RunningStatistics",
    ({ inputs: { mean, variance, runningMean, runningVariance }, attrs: { momentum }, tf }) => {
      const { mul, add } = arithmetic(tf);
      const [share, rest] = [tf.constant(momentum), tf.constant(1 - momentum)];
      const blend = (old: Handle, now: Handle) => add(mul(old, rest), mul(now, share));
      return [blend(runningMean, mean), blend(runningVariance, variance)];
    },
  ),
  /** dx, dγ, dβ. */
  kernel<GradientInput, Settings>("BatchNormGradient", (args) => {
    const { inputs, attrs, tf } = args;
    if (!isWhole(tf, attrs)) return gradientByParts(args);
    const { dy, x, gamma, saved1, saved2, saved3 } = inputs;
    const all = [dy, x, gamma, saved1, saved2, saved3];
    return tf.runAll("FusedBatchNormGradV3", all, { epsilon: { float: attrs.epsilon } }, 5).slice(0, 3);
  }),
];

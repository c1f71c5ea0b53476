import type { KernelConfig } from "@tensorflow/tfjs-core";
import type { Attributes, Device, Handle } from "../device.js";
import { kernel, sizeOf, typed } from "../kernel.js";
import { channelSums } from "./activations.js";
import { biased } from "./elementwise.js";

interface Inputs {
  readonly x: Handle;
  readonly mean: Handle;
  readonly variance: Handle;
  readonly scale?: Handle;
  readonly offset?: Handle;
}

interface TrainingInputs {
  readonly x: Handle;
  readonly gamma: Handle;
  readonly beta: Handle;
}

interface GradientInputs {
  readonly dy: Handle;
  readonly x: Handle;
  readonly gamma: Handle;
  /** The last three outputs of the training kernel. */
  readonly saved1: Handle;
  readonly saved2: Handle;
  readonly saved3: Handle;
}

interface Settings {
  readonly epsilon: number;
  /**
   * 1: TensorFlow's fused operation, in one pass on a GPU. 0: separate operations, which take half its time
   * on a CPU.
   */
  readonly whole?: 0 | 1;
}

type Operation = "Mul" | "AddV2" | "Sub";

/** Short notation for float32. */
function arithmetic(tf: Device) {
  const two = (name: Operation) => (a: Handle, b: Handle) => tf.run(name, [a, b], { T: { type: "float32" } });
  return { mul: two("Mul"), add: two("AddV2"), sub: two("Sub") };
}

function rsqrt(tf: Device, variance: Handle, epsilon: number): Handle {
  const shifted = tf.run("AddV2", [variance, tf.constant(epsilon)], typed(variance));
  return tf.run("Rsqrt", [shifted], typed(variance));
}

function attributes(epsilon: number): Attributes {
  return {
    T: { type: "float32" },
    U: { type: "float32" },
    epsilon: { float: epsilon },
    data_format: { string: "NHWC" },
    is_training: { bool: true },
  };
}

function isWhole(tf: Device, { whole }: Settings): boolean {
  return whole === undefined ? tf.gpu : whole === 1;
}

/** y, μ, the unbiased σ², and three tensors for the gradient: μ and 1/√(σ² + ε) in this variant. */
function trainByParts(tf: Device, { x, gamma, beta }: TrainingInputs, epsilon: number): Handle[] {
  const { mul, sub } = arithmetic(tf);
  const count = sizeOf(x.shape) / sizeOf(gamma.shape);
  const mean = mul(channelSums(tf, x), tf.constant(1 / count));
  const centred = sub(x, mean);
  const squares = tf.scope(() => channelSums(tf, tf.run("Square", [centred], typed(x))));
  const inverse = rsqrt(tf, mul(squares, tf.constant(1 / count)), epsilon);
  const y = biased(tf, mul(centred, mul(inverse, gamma)), beta);
  const unbiased = mul(squares, tf.constant(1 / Math.max(1, count - 1)));
  const again = tf.run("Identity", [mean], typed(mean));
  return [y, mean, unbiased, again, inverse, tf.run("Identity", [inverse], typed(mean))];
}

/** dx = k·dy - k/count·(dβ + x̂·dγ): per channel, an affine function of dy plus one of x. */
function gradientByParts(
  tf: Device,
  { dy, x, gamma, saved1: mean, saved2: inverse }: GradientInputs,
): Handle[] {
  const { mul, add, sub } = arithmetic(tf);
  const count = sizeOf(x.shape) / sizeOf(gamma.shape);
  const dBeta = channelSums(tf, dy);
  const sumDyX = tf.scope(() => channelSums(tf, mul(dy, x)));
  const dGamma = mul(sub(sumDyX, mul(mean, dBeta)), inverse);
  const k = mul(gamma, inverse);
  const slope = mul(mul(k, mul(inverse, dGamma)), tf.constant(-1 / count));
  const offset = sub(mul(mul(k, dBeta), tf.constant(-1 / count)), mul(slope, mean));
  const dx = biased(
    tf,
    tf.scope(() => add(mul(dy, k), mul(x, slope))),
    offset,
  );
  return [dx, dGamma, dBeta];
}

/** BatchNorm over channels: inference, training, and its gradient. */
export const batchNorm: readonly KernelConfig[] = [
  /** γ·(x - μ)/√(σ² + ε) + β. */
  kernel<Inputs, { varianceEpsilon: number }>("FusedBatchNorm", ({ inputs, attrs, tf }) => {
    const { mul, sub } = arithmetic(tf);
    const { x, mean, variance, scale, offset } = inputs;
    const inverse = rsqrt(tf, variance, attrs.varianceEpsilon);
    const k = scale === undefined ? inverse : mul(inverse, scale);
    const shift = mul(mean, k);
    const b = offset === undefined ? tf.run("Neg", [shift], typed(x)) : sub(offset, shift);
    return mean.shape.length === 1 ? biased(tf, mul(x, k), b) : tf.run("AddV2", [mul(x, k), b], typed(x));
  }),
  /** y, the batch's μ and unbiased σ², and the tensors for the gradient. */
  kernel<TrainingInputs, Settings>("BatchNormTraining", ({ inputs, attrs, tf }) => {
    if (!isWhole(tf, attrs)) return trainByParts(tf, inputs, attrs.epsilon);
    const { x, gamma, beta } = inputs;
    const none = [tf.values([], [0]), tf.values([], [0])];
    return tf.runAll("FusedBatchNormV3", [x, gamma, beta, ...none], attributes(attrs.epsilon), 6);
  }),
  /** dx, dγ, dβ. */
  kernel<GradientInputs, Settings>("BatchNormGradient", ({ inputs, attrs, tf }) => {
    if (!isWhole(tf, attrs)) return gradientByParts(tf, inputs);
    const { dy, x, gamma, saved1, saved2, saved3 } = inputs;
    const all = [dy, x, gamma, saved1, saved2, saved3];
    return tf.runAll("FusedBatchNormGradV3", all, attributes(attrs.epsilon), 5).slice(0, 3);
  }),
];

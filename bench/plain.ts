import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  concat,
  cumsum,
  div,
  greater,
  lessEqual,
  logicalAnd,
  mean,
  moments,
  mul,
  neg,
  reshape,
  rsqrt,
  scalar,
  slice,
  sub,
  sum,
  tidy,
  zerosLike,
} from "@tensorflow/tfjs-core";
import type { ActivationQuantizer, QuantizerTensors } from "../src/core/quantizer.js";
import { registerKernels } from "../src/engines/kernels.js";
import { primitivesOf } from "../src/engines/overrides/primitives.js";
import { BACKEND } from "../src/engines/tensorflow/backend.js";
import { kernel } from "../src/engines/tensorflow/kernel.js";
import { at, tensorOf } from "../src/ops/tensors.js";
import type { NodeOp } from "../src/ops/types.js";
import { setOverrides } from "../src/overrides.js";

/**
 * Makes the training step use only operations of tfjs, each of which is one operation of TensorFlow, as in
 * tfjs-node: no kernels of n2uq, one comparison per threshold in quantizers, BatchNorm from moments, Adam by
 * its formula.
 */
export function makePlain(): void {
  registerKernels([plainAdd, plainRound, plainInputGradient]);
  setOverrides(BACKEND, {
    primitives: primitivesOf(BACKEND),
    ops: { "batch-norm": batchNorm },
    quantizers: { n2uq: { activation: n2uq } },
  });
}

const plainAdd = kernel<"a" | "b">("Add", ({ inputs: { a, b }, tf }) => tf.run("AddV2", [a, b]));

const plainRound = kernel<"x">("Round", ({ inputs: { x }, tf }) => tf.run("Round", [x]));

interface InputGradient {
  readonly inputShape: number[];
  readonly strides: [number, number];
  readonly pad: number;
}

const plainInputGradient = kernel<"dy" | "filter", InputGradient>(
  "Conv2DBackpropInput",
  ({ inputs: { dy, filter }, attrs: { inputShape, strides, pad }, tf }) => {
    const [batch = 1, height = 1, width = 1, channels = 1] = inputShape;
    const size = [batch, height + 2 * pad, width + 2 * pad, channels];
    const dx = tf.run("Conv2DBackpropInput", [tf.ints(size), filter, dy], {
      strides: { int: [1, ...strides, 1] },
      padding: { string: "VALID" },
    });
    const [begin, extent] = [tf.ints([0, pad, pad, 0]), tf.ints(inputShape)];
    return tf.run("Slice", [dx, begin, extent]);
  },
);

const AXES = [0, 1, 2];

const batchNorm: NodeOp<"batch-norm"> = {
  forward(node, inputs, store) {
    const x = at(inputs);
    const of = (leaf: string) => tensorOf(store, `${node.id}.${leaf}`);
    const [output, normal, inverse, average, spread] = tidy(() => {
      const { mean: average, variance } = moments(x, AXES);
      const inverse = rsqrt(add(variance, scalar(node.attrs.epsilon)));
      const normal = mul(sub(x, average), inverse);
      return [add(mul(normal, of("weight")), of("bias")), normal, inverse, average, variance] as const;
    });
    const running = (leaf: string, now: Tensor) =>
      tidy(() => add(mul(of(leaf), scalar(0.9)), mul(now, scalar(0.1))));
    const buffers = {
      [`${node.id}.running_mean`]: running("running_mean", average),
      [`${node.id}.running_var`]: running("running_var", spread),
    };
    average.dispose();
    spread.dispose();
    return { output, saved: [normal, inverse], buffers };
  },
  backward(node, dy, store, { saved }) {
    const [normal, inverse] = [at(saved), at(saved, 1)];
    const gamma = tensorOf(store, `${node.id}.weight`);
    const [dx, dGamma, dBeta] = tidy(() => {
      const product = mul(dy, normal);
      const rest = sub(sub(dy, mean(dy, AXES)), mul(normal, mean(product, AXES)));
      return [mul(mul(gamma, inverse), rest), sum(product, AXES), sum(dy, AXES)] as const;
    });
    return { inputs: [dx], gradients: { [`${node.id}.weight`]: dGamma, [`${node.id}.bias`]: dBeta } };
  },
};

const n2uq: Pick<ActivationQuantizer, "forward" | "backward"> = {
  forward(x, parameters, { bits }) {
    const y = tidy(() => {
      const { scaled, middle, levels } = placed(x, parameters, bits);
      let count: Tensor = zerosLike(x);
      for (let i = 0; i < levels; i++) {
        count = add(count, cast(greater(scaled, slice(middle, [i], [1])), "float32"));
      }
      return mul(count, mul(parameter(parameters, "scale2"), scalar(2 / levels)));
    });
    return { y, saved: [x.clone(), y.clone()] };
  },
  backward(dy, [x, y], parameters, { bits }) {
    if (x === undefined || y === undefined) throw new RangeError("no activations");
    const { dx, ...gradients } = tidy(() => {
      const { scaled, edges, lengths, levels } = placed(x, parameters, bits);
      const [beta1, beta2] = [parameter(parameters, "scale1"), parameter(parameters, "scale2")];
      const slopes = div(mul(beta2, scalar(2 / levels)), lengths);
      let dScaled: Tensor = zerosLike(x);
      const [flows, owns]: [Tensor[], Tensor[]] = [[], []];
      for (let i = 0; i < levels; i++) {
        const [low, high] = [slice(edges, [i], [1]), slice(edges, [i + 1], [1])];
        const inside = cast(logicalAnd(greater(scaled, low), lessEqual(scaled, high)), "float32");
        const flow = mul(mul(dy, inside), slice(slopes, [i], [1]));
        dScaled = add(dScaled, flow);
        flows.push(reshape(sum(flow), [1]));
        owns.push(div(reshape(sum(mul(flow, sub(scaled, low))), [1]), slice(lengths, [i], [1])));
      }
      const flow = concat(flows as never);
      return {
        dx: mul(dScaled, beta1),
        start: reshape(neg(sum(flow)), [1]),
        a: neg(add(cumsum(flow, 0, true, true), concat(owns as never))),
        scale1: reshape(sum(mul(dScaled, x)), [1]),
        scale2: reshape(div(sum(mul(dy, y)), beta2), [1]),
      };
    });
    return { dx, gradients };
  },
};

function placed(x: Tensor, parameters: QuantizerTensors, bits: number) {
  const lengths = parameter(parameters, "a");
  const ends = cumsum(lengths);
  const edges = add(
    parameter(parameters, "start"),
    concat([zerosLike(slice(ends, [0], [1])), ends] as never),
  );
  const middle = add(slice(edges, [0], [lengths.size]), mul(lengths, scalar(0.5)));
  return { scaled: mul(x, parameter(parameters, "scale1")), edges, middle, lengths, levels: 2 ** bits - 1 };
}

function parameter(parameters: QuantizerTensors, name: string): Tensor {
  const tensor = parameters[name];
  if (tensor === undefined) throw new RangeError(`no ${name}`);
  return tensor;
}

import { mul, type Tensor, tensor, tensor1d, tensor2d, zeros } from "@tensorflow/tfjs-core";
import t from "tap";
import { engines } from "../../src/engines/engines.js";
import type { BatchNormNode, NodeKind } from "../../src/graph/types.js";
import { batchNorm, checkValues } from "../../src/ops/batchNorm.js";
import { ops } from "../../src/ops/ops.js";
import { at, channelsOf, tensorOf } from "../../src/ops/tensors.js";
import type { NodeOp, TensorStore } from "../../src/ops/types.js";
import { flatten } from "../../src/ops/weights.js";
import { agrees, onEveryEngine } from "../helpers/golden.js";

await engines.cpu.load();

const values = (one: Tensor) => Array.from(one.dataSync());
/** Output and input gradients of a node in training; `attrs` and `params` are its own. */
function pass<Kind extends NodeKind>(
  kind: Kind,
  inputs: Tensor[],
  dy: Tensor,
  attrs: object = {},
  store: TensorStore = new Map(),
) {
  const node = { id: "n", kind, attrs } as never;
  const op = ops[kind] as unknown as NodeOp<never>;
  const { output, saved } = op.forward(node, inputs, store, "training");
  const inputShapes = inputs.map(({ shape }) => shape);
  const back = op.backward(node, dy, store, { saved, inputShapes, needsInputGradient: true });
  return { output, dx: back.inputs.map((one) => one!), gradients: back.gradients };
}

onEveryEngine("activations and their gradients, at the corners too", async (t) => {
  const x = tensor([-2, -0, 0, 1, 5, 6, 7, 3], [2, 1, 2, 2]);
  const dy = tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 2, 2]);
  const relu = pass("relu", [x], dy);
  agrees(t, relu.output, [0, 0, 0, 1, 5, 6, 7, 3], 0, "ReLU");
  agrees(t, relu.dx[0]!, [0, 0, 0, 4, 5, 6, 7, 8], 0, "ReLU: dx");
  const relu6 = pass("relu", [x], dy, { max: 6 });
  agrees(t, relu6.output, [0, 0, 0, 1, 5, 6, 6, 3], 0, "ReLU6");
  agrees(t, relu6.dx[0]!, [0, 0, 0, 4, 5, 0, 0, 8], 0, "ReLU6: dx");
  const prelu = pass("prelu", [x], dy, {}, new Map([["n.weight", tensor1d([0.5, -3])]]));
  agrees(t, prelu.output, [-1, 0, 0, 1, 5, 6, 7, 3], 0, "PReLU");
  agrees(t, prelu.dx[0]!, [0.5, -6, 1.5, 4, 5, 6, 7, 8], 0, "PReLU: the slope at 0");
  agrees(t, prelu.gradients["n.weight"]!, [-2, 0], 0, "PReLU: dα");
  const bias = pass("bias", [x], dy, {}, new Map([["n.bias", tensor1d([10, 20])]]));
  agrees(t, bias.output, [8, 20, 10, 21, 15, 26, 17, 23], 0, "bias");
  agrees(t, bias.gradients["n.bias"]!, [1 + 3 + 5 + 7, 2 + 4 + 6 + 8], 0, "dbias");
  const sum = pass("add", [x, dy], dy);
  agrees(t, sum.output, [-1, 2, 3, 5, 10, 12, 14, 11], 0, "sum");
  for (const dx of [bias.dx[0]!, ...sum.dx]) agrees(t, dx, dy.dataSync(), 0, "the gradient passes");
  t.equal(sum.dx.length, 2);
});

onEveryEngine("poolings and flattening", async (t) => {
  const x = tensor(
    Array.from({ length: 24 }, (_, i) => i),
    [2, 2, 3, 2],
  );
  const dy = tensor([1, 2, 3, 4], [2, 2]);
  const mean = pass("global-average-pool", [x], dy);
  agrees(t, mean.output, [5, 6, 17, 18], 1e-6, "mean");
  agrees(
    t,
    mean.dx[0]!,
    Array.from({ length: 24 }, (_, i) => ([1, 2, 3, 4][2 * Math.floor(i / 12) + (i % 2)] ?? 0) / 6),
    1e-6,
    "mean: dx",
  );
  const flat = pass(
    "flatten",
    [x],
    tensor2d(
      Array.from({ length: 24 }, (_, i) => i),
      [2, 12],
    ),
  );
  const channelFirst = [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11];
  t.same(flat.output.shape, [2, 12]);
  agrees(t, flat.output, [...channelFirst, ...channelFirst.map((i) => i + 12)], 0, "flatten");
  t.same(flat.dx[0]!.shape, [2, 2, 3, 2]);
  const back = [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11];
  agrees(t, flat.dx[0]!, [...back, ...back.map((i) => i + 12)], 0, "flatten: dx");
  const window = { kernel: 2, stride: 1, padding: 0 };
  const most = pass("max-pool", [x], tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 2, 2]), window);
  agrees(t, most.output, [8, 9, 10, 11, 20, 21, 22, 23], 0, "maximum");
  const zerosTo = (...last: number[]) => [...Array.from({ length: 8 }, () => 0), ...last];
  agrees(t, most.dx[0]!, [...zerosTo(1, 2, 3, 4), ...zerosTo(5, 6, 7, 8)], 0, "maximum: dx");
});

const norm = (attrs = { epsilon: 0.5, momentum: 0.25 }) =>
  ({ id: "bn", kind: "batch-norm", attrs }) as unknown as BatchNormNode;
const normStore = () =>
  new Map<string, Tensor>([
    ["bn.weight", tensor1d([2, 3])],
    ["bn.bias", tensor1d([0.5, -1])],
    ["bn.running_mean", tensor1d([4, -4])],
    ["bn.running_var", tensor1d([1, 8])],
    ["bn.num_batches_tracked", tensor(6, [], "int32")],
  ]);

onEveryEngine("BatchNorm by hand: statistics of the batch, of all ranks, and running ones", async (t) => {
  const x = tensor([1, 10, 3, 20, 5, 60], [3, 1, 1, 2]);
  const [means, variances] = [
    [3, 30],
    [8 / 3, 1400 / 3],
  ];
  const node = norm();
  const normal = (values: readonly number[], mean: readonly number[], variance: readonly number[]) =>
    values.map((v, i) => {
      const c = i % 2;
      return ([2, 3][c]! * (v - mean[c]!)) / Math.sqrt(variance[c]! + 0.5) + [0.5, -1][c]!;
    });
  for (const world of [1, 4]) {
    // Ranks with the same values: sums grow with their number, means do not.
    const across = { world, allReduceSum: (sum: Tensor) => mul(sum, world) };
    const found = batchNorm.forward(node, [x], normStore(), "training", world === 1 ? undefined : across);
    const what = `${world} ranks`;
    agrees(t, found.output, normal(values(x), means, variances), 1e-5, `${what}: y`);
    const buffers = found.buffers!;
    agrees(t, buffers["bn.running_mean"]!, [3 + 0.75, -3 + 7.5], 1e-6, `${what}: running mean`);
    const unbiased = variances.map((variance) => (variance * 3 * world) / (3 * world - 1));
    const wanted = [0.75 + unbiased[0]! / 4, 6 + unbiased[1]! / 4];
    agrees(t, buffers["bn.running_var"]!, wanted, 1e-6, `${what}: running variance`);
    agrees(t, buffers["bn.num_batches_tracked"]!, [7], 0, `${what}: counter`);
    t.equal(buffers["bn.num_batches_tracked"]!.dtype, "int32");

    const dy = [1, -2, 4, 0.5, 2, 3];
    const request = { saved: found.saved, inputShapes: [x.shape], needsInputGradient: true };
    const back = batchNorm.backward(node, tensor(dy, [3, 1, 1, 2]), normStore(), {
      ...request,
      ...(world > 1 && { across }),
    });
    const std = variances.map((variance) => Math.sqrt(variance + 0.5));
    const unit = values(x).map((v, i) => (v - means[i % 2]!) / std[i % 2]!);
    const sum = (of: readonly number[], c: number) =>
      of.reduce((all, v, i) => all + (i % 2 === c ? v : 0), 0);
    const dGamma = [0, 1].map((c) =>
      sum(
        dy.map((g, i) => g * unit[i]!),
        c,
      ),
    );
    const dBeta = [0, 1].map((c) => sum(dy, c));
    agrees(t, back.gradients["bn.weight"]!, dGamma, 1e-5, `${what}: dγ`);
    agrees(t, back.gradients["bn.bias"]!, dBeta, 1e-5, `${what}: dβ`);
    const dx = dy.map((g, i) => {
      const c = i % 2;
      return ([2, 3][c]! / std[c]!) * (g - dBeta[c]! / 3 - (unit[i]! * dGamma[c]!) / 3);
    });
    agrees(t, back.inputs[0]!, dx, 1e-5, `${what}: dx`);
  }
  const inference = batchNorm.forward(node, [x], normStore(), "inference");
  agrees(t, inference.output, normal(values(x), [4, -4], [1, 8]), 1e-5, "inference");
  t.same([inference.saved, inference.buffers], [[], undefined]);
});

t.test("BatchNorm needs two values per channel", async (t) => {
  const fails = (shape: number[], world?: number) => {
    try {
      checkValues(norm(), zeros(shape), world);
      return false;
    } catch (error) {
      t.match(error, {
        code: "N2UQ_TRAIN_ONE_VALUE",
        details: { layer: "bn", shape: `[${shape.join(", ")}]`, path: ["training", "batchSize"] },
      });
      return true;
    }
  };
  t.ok(fails([1, 1, 1, 8]));
  t.notOk(fails([2, 1, 1, 8]), "two are enough");
  t.notOk(fails([1, 1, 2, 8]));
  t.notOk(fails([1, 1, 1, 8], 2), "one on each of two ranks");
  t.ok(fails([1, 8]));
  t.throws(() => batchNorm.forward(norm(), [zeros([1, 1, 1, 2])], normStore(), "training"), {
    code: "N2UQ_TRAIN_ONE_VALUE",
  });
});

t.test("a missing tensor is named", async (t) => {
  const one = tensor1d([1]);
  t.equal(tensorOf(new Map([["a", one]]), "a"), one);
  t.throws(() => tensorOf(new Map(), "a"), { code: "N2UQ_INTERNAL", message: /no tensor a/ });
  t.equal(at([one, zeros([1])]), one);
  t.equal(at([zeros([1]), one], 1), one);
  t.throws(() => at([one], 1), { code: "N2UQ_INTERNAL", message: /no tensor at 1/ });
  t.equal(channelsOf(zeros([2, 3, 4, 5])), 5);
});

t.test("weights are flattened to a column per output channel", async (t) => {
  t.same(flatten(zeros([3, 3, 4, 6]), false).shape, [36, 6]);
  t.same(flatten(zeros([3, 3, 4, 1]), false).shape, [36, 1], "one output channel");
  t.same(flatten(zeros([3, 3, 4, 1]), true).shape, [9, 4], "depthwise");
  t.same(flatten(zeros([5, 1]), false).shape, [5, 1], "a linear layer with one output");
  t.same(flatten(zeros([5, 7]), false).shape, [5, 7]);
  const column = flatten(tensor([1, 2, 3, 4, 5, 6], [1, 1, 2, 3]), false);
  t.same(await column.array(), [
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

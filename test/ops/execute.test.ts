import { getBackend, memory, mul, type Tensor, tensor, zeros } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import { N2uqError } from "../../src/errors.js";
import { GraphBuilder } from "../../src/graph/builder.js";
import type { TrainingGraph } from "../../src/graph/types.js";
import { backward, disposeTape, type ForwardOptions, forward } from "../../src/ops/execute.js";
import type { Fusion } from "../../src/ops/fusion.js";
import { ops } from "../../src/ops/ops.js";
import { type Overrides, overrides, setOverrides } from "../../src/overrides.js";
import { createStore, disposeStore } from "../../src/train/store.js";
import { quantization } from "../helpers/experiments.js";

await cpu.load();

const training = { mode: "training" } as const;

/** input → conv → bias → relu → sum of relu and bias → mean → fc. */
function network(): TrainingGraph {
  const b = new GraphBuilder(quantization({ method: "none" }), quantizers);
  b.input(3, 3, 2);
  b.conv("conv", "input", { channels: 4, kernel: 3 });
  b.bias("bias", "conv");
  b.relu("relu", "bias");
  b.add("sum", "bias", "relu");
  b.globalAveragePool("mean", "sum");
  b.linear("fc", "mean", 2);
  return b.finish("test");
}

/** Runs `work` with changed overrides of the engine. */
function overridden<Result>(change: Partial<Overrides>, work: () => Result): Result {
  const before = overrides();
  setOverrides(getBackend(), { ...before, ...change });
  try {
    return work();
  } finally {
    setOverrides(getBackend(), before);
  }
}

/** A fusion of bias and relu that counts its passes; its values are those of the two nodes. */
function fusion() {
  const passes: string[] = [];
  let searches = 0;
  const fuse: Fusion = (graph) => {
    searches += 1;
    const nodes = graph.nodes.filter(({ id }) => id === "relu" || id === "fc");
    const [relu, fc] = nodes as never as [never, never];
    return [
      {
        nodes: [nodes[0]!],
        forward(inputs, store, mode) {
          passes.push("forward");
          return ops.relu.forward(relu, inputs, store, mode);
        },
        backward(dOutput, store, saved) {
          passes.push("backward");
          const request = { saved, inputShapes: [], needsInputGradient: true };
          return ops.relu.backward(relu, dOutput, store, request);
        },
      },
      {
        nodes: [graph.nodes.find(({ id }) => id === "mean")!, nodes[1]!],
        forward(inputs, store, mode) {
          passes.push("forward of two");
          const { output } = ops["global-average-pool"].forward({} as never, inputs, store, mode);
          const last = ops.linear.forward(fc, [output], store, mode);
          output.dispose();
          return { ...last, saved: [...last.saved, ...(mode === "training" ? [inputs[0]!.clone()] : [])] };
        },
        backward(dOutput, store, saved) {
          passes.push("backward of two");
          const last = saved.at(-1)!;
          const request = { saved: saved.slice(0, -1), inputShapes: [], needsInputGradient: true };
          const { inputs, gradients } = ops.linear.backward(fc, dOutput, store, request);
          const own = { ...request, inputShapes: [last.shape] };
          const first = ops["global-average-pool"].backward({} as never, inputs[0]!, store, own);
          inputs[0]!.dispose();
          return { inputs: first.inputs, gradients };
        },
      },
    ];
  };
  return { fuse, passes, searched: () => searches };
}

const [graph, images] = [
  network(),
  tensor(
    Array.from({ length: 36 }, (_, i) => Math.sin(i)),
    [2, 3, 3, 2],
  ),
];
const store = createStore(graph, 1);
const dLogits = tensor([1, -2, 3, 4], [2, 2]);
const values = (one: Tensor) => Array.from(one.dataSync());

/** Logits and gradients of one training step. */
function stepped(options: ForwardOptions = training) {
  const pass = forward(graph, store, images, options);
  const gradients = backward(graph, store, pass, dLogits);
  const found = {
    logits: values(pass.logits),
    gradients: [...gradients].map(([name, gradient]) => [name, values(gradient)]),
  };
  for (const one of [pass.logits, ...gradients.values()]) one.dispose();
  return found;
}

t.test("a fusion runs in place of its nodes, and not if a hook needs each node's output", async (t) => {
  const wanted = stepped();
  t.equal(wanted.gradients.length, 4);
  const before = memory().numTensors;
  const { fuse, passes, searched } = fusion();
  const both = ["forward", "forward of two"];
  overridden({ fusions: [fuse] }, () => {
    t.same(stepped(), wanted);
    t.same(passes, [...both, "backward of two", "backward"]);
    const { logits } = forward(graph, store, images, { mode: "inference" });
    t.same(values(logits), wanted.logits);
    logits.dispose();
    t.same(passes.slice(4), both);
    const seen: string[] = [];
    t.same(stepped({ ...training, observe: ({ id }) => seen.push(id) }), wanted);
    t.same(seen, ["conv", "bias", "relu", "sum", "mean", "fc"]);
    t.same(stepped({ ...training, before: ({ id }) => seen.push(id) }), wanted);
    t.equal(passes.length, 6, "no hook sees a fusion");
    t.equal(searched(), 1, "a graph is searched once");
    const other = fusion();
    overridden({ fusions: [other.fuse] }, () => t.same(stepped(), wanted));
    t.equal(other.passes.length, 4, "other fusions, another search");
  });
  t.same(stepped(), wanted);
  t.equal(passes.length, 6);
  t.equal(memory().numTensors, before, "nothing leaks");
});

t.test("an engine's override of a node takes precedence", async (t) => {
  const wanted = stepped();
  let calls = 0;
  const relu: typeof ops.relu = {
    forward: (...given) => {
      calls += 1;
      return ops.relu.forward(...given);
    },
    backward: (...given) => {
      calls += 10;
      return ops.relu.backward(...given);
    },
  };
  t.same(
    overridden({ ops: { relu } }, () => stepped()),
    wanted,
  );
  t.equal(calls, 11);
});

t.test("the images get no gradient, and every other input does", async (t) => {
  const before = overrides();
  let computed = 0;
  const { convolveInputGradient } = before.primitives;
  const primitives: Overrides["primitives"] = {
    ...before.primitives,
    convolveInputGradient: (...given) => {
      computed += 1;
      return convolveInputGradient(...given);
    },
  };
  const b = new GraphBuilder(quantization({ method: "none" }), quantizers);
  b.conv("second", b.conv("first", b.input(3, 3, 2), { channels: 2, kernel: 1 }), { channels: 2, kernel: 1 });
  b.globalAveragePool("mean", "second");
  const two = b.finish("two");
  const own = createStore(two, 1);
  overridden({ primitives }, () => {
    const pass = forward(two, own, images, training);
    const taken: string[] = [];
    const observed: string[] = [];
    const rest = backward(two, own, pass, dLogits, {
      take: (name, gradient) => {
        taken.push(name);
        gradient.dispose();
      },
      observe: ({ id }) => observed.push(id),
    });
    t.same(taken, ["second.weight", "first.weight"]);
    t.same(observed, ["mean", "second", "first"]);
    t.equal(rest.size, 0, "gradients that were taken are not returned");
    pass.logits.dispose();
  });
  t.equal(computed, 1);
  disposeStore(own);
});

t.test("a pass that throws frees its tensors; only a lack of memory gets the batch size", async (t) => {
  const failing = (error: Error, side: "forward" | "backward"): typeof ops.relu => ({
    ...ops.relu,
    [side]: () => {
      throw error;
    },
  });
  const memoryError = new N2uqError("N2UQ_OUT_OF_MEMORY", { what: "test" } as never);
  const other = new N2uqError("N2UQ_INTERNAL", { message: "test" });
  const before = memory().numTensors;
  for (const side of ["forward", "backward"] as const) {
    t.throws(() => overridden({ ops: { relu: failing(memoryError, side) } }, () => stepped()), {
      ...{ code: "N2UQ_OUT_OF_MEMORY", details: { what: "test", batch: " with a batch of 2 images" } },
    });
    for (const error of [other, new TypeError("test")])
      t.throws(() => overridden({ ops: { relu: failing(error, side) } }, () => stepped()), error);
  }
  // The caller owns the logits of a pass whose backward throws.
  t.equal(memory().numTensors - before, 3);
});

t.test("activations are freed after their last use, and the tape by disposeTape", async (t) => {
  const before = memory().numTensors;
  const held: number[] = [];
  const observe = () => held.push(memory().numTensors - before);
  const { logits } = forward(graph, store, images, { mode: "inference", observe });
  // The images and the output; bias and relu are held together until their sum.
  t.same(held, [2, 2, 2, 3, 2, 2]);
  t.equal(memory().numTensors - before, 1);
  logits.dispose();
  const pass = forward(graph, store, images, training);
  t.ok(memory().numTensors - before > 3);
  disposeTape(pass);
  t.equal(memory().numTensors - before, 1);
  pass.logits.dispose();
});

t.test("the input of a node that is used twice gets the sum of both gradients", async (t) => {
  const b = new GraphBuilder(quantization({ method: "none" }), quantizers);
  b.bias("bias", b.input(1, 1, 2));
  b.add("double", "bias", "bias");
  b.add("triple", "double", "bias");
  const thrice = b.finish("thrice");
  const own = createStore(thrice, 1);
  const one = tensor([1, 2, 3, 4], [2, 1, 1, 2]);
  const pass = forward(thrice, own, one, training);
  t.same(values(pass.logits), values(mul(one, 3)));
  const gradients = backward(thrice, own, pass, one);
  t.same(values(gradients.get("bias.bias")!), [3 * (1 + 3), 3 * (2 + 4)]);
});

t.test("an input is fed, not run, and a graph has nodes", async (t) => {
  t.throws(() => ops.input.forward({} as never, [], new Map(), "training"), { code: "N2UQ_INTERNAL" });
  const empty = { ...graph, nodes: [] };
  t.throws(() => forward(empty, store, zeros([1]), training), {
    code: "N2UQ_INTERNAL",
    message: /empty graph/,
  });
});

import { getBackend, memory, tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import { GraphBuilder } from "../../src/graph/builder.js";
import { groupParameters } from "../../src/graph/groups.js";
import { ops } from "../../src/ops/ops.js";
import { overrides, setOverrides } from "../../src/overrides.js";
import { INITIAL_PROGRESS, train } from "../../src/train/loop.js";
import { createStore, replace } from "../../src/train/store.js";
import { timeStep } from "../../src/train/timing.js";
import { quantization } from "../helpers/experiments.js";
import { failure } from "../helpers/failure.js";
import { batchAt, line, loop, only, STEPS_PER_EPOCH, training } from "../helpers/lineLoop.js";
import { mirroredRanks } from "../helpers/mirroredRanks.js";

await cpu.load();

/** Runs `work` with a clock that does not move unless `advance` is called. */
async function atPace<Result>(work: (advance: (ms: number) => void) => Promise<Result>): Promise<Result> {
  let now = 5000;
  const { performance } = globalThis;
  const real = performance.now;
  performance.now = () => now;
  try {
    return await work((ms) => {
      now += ms;
    });
  } finally {
    performance.now = real;
  }
}

/** Runs `work` with an engine whose linear layers call `onForward` in training. */
async function withLinear<Result>(onForward: () => void, work: () => Promise<Result>): Promise<Result> {
  const before = overrides();
  const linear: typeof ops.linear = {
    ...ops.linear,
    forward: (node, inputs, store, mode) => {
      onForward();
      return ops.linear.forward(node, inputs, store, mode);
    },
  };
  setOverrides(getBackend(), { ...before, ops: { ...before.ops, linear } });
  try {
    return await work();
  } finally {
    setOverrides(getBackend(), before);
  }
}

t.test("time per step, images per second, time left, and the wait for batches", async (t) => {
  await atPace(async (advance) => {
    const run = loop({
      async *batches(epoch, firstBatch) {
        for (let index = firstBatch; index < STEPS_PER_EPOCH; index++) {
          advance(100 * (index + 1));
          yield batchAt(epoch, index, 4);
        }
      },
      validate: async () => {
        advance(1400);
        return { loss: 1, top1: 50, top5: 90 };
      },
    });
    // A step takes 900 ms, and the batches of an epoch 100, 200 and 300 ms.
    const end = await withLinear(
      () => advance(900),
      () => train(run.context, { ...INITIAL_PROGRESS, seconds: 50 }),
    );
    const steps = only(run.events, "step");
    const round = (values: number[]) => values.map((value) => Math.round(1e6 * value) / 1e6);
    t.same(round(steps.map(({ waitedMs }) => waitedMs)), [100, 200, 300, 100, 200, 300]);
    const elapsed = [1, 2.1, 3.3, 5.7, 6.8, 8];
    t.same(round(steps.map((one) => one.imagesPerSecond)), round(elapsed.map((s, i) => (4 * (i + 1)) / s)));
    t.same(round(steps.map((one) => one.secondsLeft)), round(elapsed.map((s, i) => (s / (i + 1)) * (5 - i))));
    t.same(round(run.checkpoints.map(({ seconds }) => seconds)), [54.7, 59.4]);
    t.same(round([end.seconds]), [59.4], "and the seconds before a restart");
  });
});

t.test("the median of three steps, without the first", async (t) => {
  const before = memory().numTensors;
  const timeOf = (...durations: number[]) =>
    atPace((advance) => {
      const waiting = [...durations];
      return withLinear(
        () => advance(waiting.shift()!),
        () => timeStep(line, training, 4),
      );
    });
  t.equal(await timeOf(100, 30, 2, 9), 9);
  t.equal(await timeOf(0, 2, 9, 30), 9);
  t.equal(await timeOf(0, 9, 30, 2), 9);
  t.equal(memory().numTensors, before, "no tensor stays");
});

/** `line` with a quantizer of N2UQ whose scale is zero from the start and does not learn. */
function deadLine() {
  const b = new GraphBuilder(quantization({ method: "none" }), quantizers);
  b.quantize("quan", b.globalAveragePool("pool", b.input(1, 1, 2)), { method: "n2uq", bits: 2 });
  b.linear("fc", "quan", 7);
  const graph = b.finish("dead");
  const store = createStore(graph, 1);
  replace(store, "quan.scale1", tensor([0], [1]));
  const optimizer = { ...training.optimizer, groups: [{ match: ["quan.*"], lrScale: 0 }] };
  return {
    state: { graph, store, optimizerState: new Map(), step: 0 },
    groups: groupParameters(graph, optimizer),
  };
}

t.test("rank 0 warns of a dead layer once, and keeps its counts in checkpoints", async (t) => {
  const firstStep = 1;
  const counts = (steps: number) => ({ "quan.scale1": { steps, firstStep } });
  for (const ranks of [undefined, mirroredRanks(2)]) {
    const run = loop({
      ...deadLine(),
      ...(ranks && { ranks }),
      training: { ...training, checkpoint: { everySteps: 2, everyEpochs: 1 } },
    });
    const end = await train(run.context, INITIAL_PROGRESS);
    const warnings = only(run.events, "warning");
    t.match(warnings, [
      { run: "line", message: /^dead layer: quan\.scale1 is 0\.00 after step 1, not above 0: / },
    ]);
    t.equal(warnings.length, 1);
    t.same(
      run.checkpoints.map(({ clamped }) => clamped),
      [2, 3, 4, 6].map(counts),
    );
    t.same(end.clamped, counts(6));
    const again = loop({ ...deadLine(), ...(ranks && { ranks }) });
    const more = await train(again.context, { ...INITIAL_PROGRESS, clamped: counts(6) });
    t.same([only(again.events, "warning"), more.clamped], [[], counts(12)], "nor in another sitting");
  }
  const words = new Set(["validated/3", "validated/6"]);
  const second = loop({ ...deadLine(), ranks: mirroredRanks(2, words, 1) });
  t.equal((await train(second.context, INITIAL_PROGRESS)).clamped, undefined);
  t.same(only(second.events, "warning"), []);
});

t.test("an interrupted run keeps its counts and its time", async (t) => {
  await atPace(async (advance) => {
    const controller = new AbortController();
    const run = loop({
      ...deadLine(),
      signal: controller.signal,
      emit: (event) => {
        if (event.type !== "step" || event.step < 2) return;
        advance(2500);
        controller.abort();
      },
    });
    t.match(await failure(train(run.context, INITIAL_PROGRESS)), { code: "N2UQ_TRAIN_INTERRUPTED" });
    t.match(run.checkpoints, [
      { step: 2, batch: 2, seconds: 2.5, clamped: { "quan.scale1": { steps: 2, firstStep: 1 } } },
    ]);
  });
});

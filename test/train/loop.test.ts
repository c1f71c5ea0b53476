import { memory, tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { cpu } from "../../src/engines/cpu/engine.js";
import type { TrainEvent } from "../../src/runs/events.js";
import { INITIAL_PROGRESS, train } from "../../src/train/loop.js";
import { disposeState } from "../../src/train/step.js";
import { createStore, replace } from "../../src/train/store.js";
import { failure } from "../helpers/failure.js";
import {
  answer,
  batchAt,
  CLASSES,
  line,
  loop,
  only,
  STEPS_PER_EPOCH,
  training,
} from "../helpers/lineLoop.js";
import { mirroredRanks } from "../helpers/mirroredRanks.js";

await cpu.load();

const metrics = (top1: number) => ({ loss: 1, top1, top5: 90 });
const weightsOf = ({ state }: ReturnType<typeof loop>) =>
  [...state.store.values()].map((one) => [...one.dataSync()]);
const close = ({ state }: ReturnType<typeof loop>) => disposeState(state);

t.test("steps, epochs, validations and checkpoints come in their order, and nothing leaks", async (t) => {
  const before = memory().numTensors;
  const run = loop();
  const end = await train(run.context, INITIAL_PROGRESS);
  const { events, checkpoints } = run;
  t.same(
    events.map(({ type }) => type),
    ["step", "step", "step", "epoch", "step", "step", "step", "epoch"],
  );
  t.same(
    only(events, "step").map(({ step, totalSteps, epoch, epochs }) => [step, totalSteps, epoch, epochs]),
    [1, 2, 3, 4, 5, 6].map((step) => [step, 6, step <= 3 ? 1 : 2, 2]),
  );
  const wanted = { loss: 1, top1: 50, top5: 90 };
  t.match(end, {
    step: 6,
    epoch: 2,
    batch: 0,
    gradientNorm: null,
    best: { epoch: 1, ...wanted },
    last: wanted,
  });
  t.same(end.sums, { images: 0, loss: 0, top1: 0, top5: 0 }, "an epoch's sums end with it");
  t.ok(end.seconds > 0 && end.seconds < 60);
  t.same(
    checkpoints.map(({ step, epoch }) => [step, epoch]),
    [
      [3, 1],
      [6, 2],
    ],
  );
  t.same(checkpoints.at(-1), end);
  close(run);
  t.equal(memory().numTensors, before);
});

t.test("the learning rate follows the schedule by step and by epoch", async (t) => {
  const rates = async (per: "step" | "epoch") => {
    const run = loop({ training: { ...training, schedule: { kind: "linear", per, warmupEpochs: 0 } } });
    await train(run.context, INITIAL_PROGRESS);
    close(run);
    const steps = only(run.events, "step").map(({ lr }) => lr / 0.1);
    t.same(
      only(run.events, "epoch").map(({ lr }) => lr / 0.1),
      [steps[2], steps[5]],
      "an epoch tells its last step's",
    );
    return steps.map((rate) => Math.round(1e6 * rate) / 1e6);
  };
  t.same(
    await rates("step"),
    [6, 5, 4, 3, 2, 1].map((left) => Math.round((1e6 * left) / 6) / 1e6),
  );
  t.same(await rates("epoch"), [0.5, 0.5, 0.5, 0, 0, 0]);
});

t.test("training's metrics are those of the logits before each update", async (t) => {
  const still = { ...training, optimizer: { ...training.optimizer, lr: 0 } };
  const run = loop({
    training: still,
    async *batches() {
      for (let index = 0; index < STEPS_PER_EPOCH; index++) {
        yield { ...batchAt(0, index, CLASSES), labels: Int32Array.from({ length: CLASSES }, (_, i) => i) };
      }
    },
  });
  const logits = [6, 5, 4, 3, 2, 1, 0];
  answer(run.state.store, logits);
  await train(run.context, INITIAL_PROGRESS);
  const normalizer = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  const loss = logits.reduce((sum, logit) => sum + normalizer - logit, 0) / CLASSES;
  for (const { train } of only(run.events, "epoch")) {
    t.ok(Math.abs(train.loss - loss) < 1e-5, `loss ${train.loss}, ${loss} by hand`);
    t.equal(train.top1, 100 / CLASSES);
    t.equal(train.top5, 500 / CLASSES);
  }
  for (const { top1, loss: own } of only(run.events, "step")) {
    t.equal(top1, 100 / CLASSES);
    t.ok(Math.abs(own - loss) < 1e-5);
  }
  close(run);
});

t.test("the best epoch is the first of those with the highest top-1", async (t) => {
  const run = loop({
    training: { ...training, epochs: 5 },
    validations: [40, 60, 60, 55, 61].map(metrics),
  });
  const end = await train(run.context, INITIAL_PROGRESS);
  t.same(run.bestAt, [3, 6, 15], "not at an equal one");
  t.same(
    only(run.events, "epoch").map(({ best }) => best),
    [true, true, false, false, true],
  );
  t.match(end.best, { epoch: 5, top1: 61 });
  t.match(
    run.checkpoints.map(({ best }) => best?.epoch),
    [1, 2, 2, 2, 5],
  );
  close(run);
});

t.test("checkpoints come every so many steps and epochs, the last one at the end", async (t) => {
  const at = async (everySteps: number | null, everyEpochs: number, epochs: number) => {
    const run = loop({ training: { ...training, epochs, checkpoint: { everySteps, everyEpochs } } });
    await train(run.context, INITIAL_PROGRESS);
    close(run);
    return run.checkpoints.map(({ step, epoch, batch }) => [step, epoch, batch].join("/"));
  };
  t.same(await at(2, 1, 2), ["2/0/2", "3/1/0", "4/1/1", "6/2/0"]);
  t.same(await at(null, 2, 3), ["6/2/0", "9/3/0"]);
  t.same(await at(null, 5, 1), ["3/1/0"]);
});

t.test("interrupted at any step and resumed, a run ends as one that was not", async (t) => {
  const whole = loop();
  const end = await train(whole.context, INITIAL_PROGRESS);
  for (let step = 1; step <= 6; step++) {
    const controller = new AbortController();
    const events: TrainEvent[] = [];
    const cut = loop({
      signal: controller.signal,
      emit: (event) => {
        events.push(event);
        if (event.type === "step" && event.step === step) controller.abort();
      },
    });
    const error = await failure(train(cut.context, INITIAL_PROGRESS));
    t.match(error, { code: "N2UQ_TRAIN_INTERRUPTED", details: { step, totalSteps: 6 } });
    t.match(events.at(-1), { type: "interrupted", step });
    const kept = cut.checkpoints.at(-1)!;
    const done = { epoch: Math.floor((step - 1) / 3), batch: ((step - 1) % 3) + 1 };
    t.match(kept, { step, ...done, sums: { images: 4 * done.batch } });

    const resumed = loop({ state: cut.state });
    t.match(await train(resumed.context, kept), { ...end, seconds: Number });
    t.same(weightsOf(resumed), weightsOf(whole), `from step ${step}`);
    t.same(only(resumed.events, "epoch"), only(whole.events, "epoch").slice(done.epoch));
    t.equal(only(resumed.events, "step").length, 6 - step);
    close(cut);
  }
  close(whole);
});

t.test("interrupted while it validates, a run validates again when it is resumed", async (t) => {
  const controller = new AbortController();
  const cut = loop({
    signal: controller.signal,
    validate: async () => {
      controller.abort();
      return metrics(99);
    },
  });
  t.equal((await failure(train(cut.context, INITIAL_PROGRESS))).code, "N2UQ_TRAIN_INTERRUPTED");
  t.match(cut.checkpoints, [{ step: 3, epoch: 0, batch: 3, best: null, last: null }]);
  t.same(cut.bestAt, []);
  const resumed = loop({ state: cut.state });
  const epochs: number[] = [];
  const batches: typeof resumed.context.batches = (epoch, first) => {
    epochs.push(epoch);
    return resumed.context.batches(epoch, first);
  };
  t.match(await train({ ...resumed.context, batches }, cut.checkpoints[0]!), {
    ...{ step: 6, best: { epoch: 1, top1: 50 } },
  });
  t.same(epochs, [1], "no batch of a finished epoch is read");
  close(resumed);
});

t.test("a number of steps may cut the last epoch short", async (t) => {
  const run = loop();
  const end = await train({ ...run.context, totalSteps: 4 }, INITIAL_PROGRESS);
  t.match(end, { step: 4, epoch: 2, batch: 0 });
  const shortest = loop();
  t.match(await train({ ...shortest.context, totalSteps: 1 }, INITIAL_PROGRESS), { step: 1, epoch: 1 });
  t.equal(only(shortest.events, "step").length, 1);
  close(shortest);
  t.same(
    only(run.events, "epoch").map(({ step }) => step),
    [3, 4],
  );
  t.ok(only(run.events, "epoch").every(({ gradientNorm }) => gradientNorm! > 0));
  close(run);
});

t.test(
  "interrupted while it validates a last epoch that is cut short, a run takes no more steps",
  async (t) => {
    const controller = new AbortController();
    const validate = async () => {
      if (cut.state.step === 4) controller.abort();
      return metrics(50);
    };
    const cut = loop({ signal: controller.signal, totalSteps: 4, validate });
    t.match(await failure(train(cut.context, INITIAL_PROGRESS)), { code: "N2UQ_TRAIN_INTERRUPTED" });
    const resumed = loop({ state: cut.state, totalSteps: 4 });
    t.match(await train(resumed.context, cut.checkpoints.at(-1)!), { step: 4, epoch: 2, batch: 0 });
    t.same(only(resumed.events, "step"), []);
    close(resumed);
  },
);

t.test("about fifty steps of an epoch are recorded", async (t) => {
  const recorded = async (stepsPerEpoch: number) => {
    const run = loop({
      ...{ stepsPerEpoch, totalSteps: stepsPerEpoch, epochs: 1 },
      async *batches() {
        for (let index = 0; index < stepsPerEpoch; index++) yield batchAt(0, index, 1);
      },
    });
    await train(run.context, INITIAL_PROGRESS);
    close(run);
    return only(run.events, "step").flatMap(({ step, recorded }) => (recorded ? [step] : []));
  };
  t.same(await recorded(3), [1, 2, 3]);
  t.equal((await recorded(99)).length, 99);
  t.same((await recorded(100)).slice(0, 3), [2, 4, 6]);
});

t.test("a NaN loss ends the run with its location, unless stopOnNaN is false", async (t) => {
  const spoil = (run: ReturnType<typeof loop>) =>
    replace(run.state.store, "fc.bias", tensor(new Float32Array(CLASSES).fill(Number.NaN), [CLASSES]));
  const before = memory().numTensors;
  const run = loop();
  spoil(run);
  const error = await failure(train(run.context, INITIAL_PROGRESS));
  t.match(
    error,
    { code: "N2UQ_TRAIN_NAN", details: { step: 1, what: "parameter fc.weight" } },
    "the first that its own update spoiled",
  );
  t.same(run.checkpoints, [], "no checkpoint of it");
  close(run);
  t.equal(memory().numTensors, before);
  const onward = loop({ training: { ...training, stopOnNaN: false } });
  spoil(onward);
  t.match(await train(onward.context, INITIAL_PROGRESS), { step: 6 });
  close(onward);
});

/** What a run of these batches gives, its failure included. */
async function outcome(more: Parameters<typeof loop>[0]) {
  const run = loop(more);
  const events: unknown[] = [];
  const emit = (event: TrainEvent) => {
    const clocks = { imagesPerSecond: 0, secondsLeft: 0, waitedMs: 0 };
    events.push(event.type === "step" ? { ...event, ...clocks } : event);
  };
  const end = await train({ ...run.context, emit }, INITIAL_PROGRESS).catch((error) => ({
    message: error.message,
    details: error.details,
  }));
  const withoutTime = <Value extends object>(value: Value) => ({ ...value, seconds: 0 });
  const { bestAt, checkpoints } = run;
  const found = { end: withoutTime(end), events, bestAt, checkpoints: checkpoints.map(withoutTime) };
  return { run, found };
}

t.test("read one step late, a run gives the same events, checkpoints and weights", async (t) => {
  const before = memory().numTensors;
  for (const everySteps of [null, 1, 2]) {
    for (const totalSteps of [1, 4, 6]) {
      const settings = { totalSteps, training: { ...training, checkpoint: { everySteps, everyEpochs: 1 } } };
      const [now, late] = [await outcome(settings), await outcome({ ...settings, readsLate: true })];
      t.same(late.found, now.found);
      t.same(weightsOf(late.run), weightsOf(now.run));
      close(now.run);
      close(late.run);
    }
  }
  t.equal(memory().numTensors, before);
});

t.test("a step is read when the next one has been queued, the last ones before a checkpoint", async (t) => {
  const pairs = async (readsLate: boolean) => {
    const found: string[] = [];
    const run = loop({
      readsLate,
      training: { ...training, epochs: 1, checkpoint: { everySteps: 4, everyEpochs: 1 } },
      ...{ stepsPerEpoch: 6, totalSteps: 6, epochs: 1 },
      async *batches() {
        for (let index = 0; index < 6; index++) yield batchAt(0, index);
      },
      emit: (event) => {
        if (event.type === "step") found.push(`${event.step} after ${run.state.step}`);
      },
    });
    await train(run.context, INITIAL_PROGRESS);
    close(run);
    return found;
  };
  t.same(await pairs(true), ["1 after 2", "2 after 3", "3 after 4", "4 after 4", "5 after 6", "6 after 6"]);
  t.same(
    await pairs(false),
    [1, 2, 3, 4, 5, 6].map((step) => `${step} after ${step}`),
  );
});

t.test("read one step late, a spoiled step ends the run with the same error and files", async (t) => {
  const before = memory().numTensors;
  const nan = Number.NaN;
  for (const spoiled of [0, 1, 2, 4]) {
    for (const [value, maxLoss] of [
      [nan, null],
      [3e38, null],
      [1e4, 50],
    ] as const) {
      const settings = {
        training: { ...training, maxLoss, checkpoint: { everySteps: 2, everyEpochs: 1 } },
        async *batches(epoch: number, first: number) {
          for (let index = first; index < STEPS_PER_EPOCH; index++) {
            const batch = batchAt(epoch, index);
            // The weights of later steps are spoiled too, and in other places.
            const isSpoiled = epoch * STEPS_PER_EPOCH + index >= spoiled;
            yield isSpoiled ? { ...batch, images: batch.images.map((one) => one * value) } : batch;
          }
        },
      };
      const [now, late] = [await outcome(settings), await outcome({ ...settings, readsLate: true })];
      const { details } = now.found.end as { details: { step: number } };
      t.ok(details.step > spoiled && details.step <= spoiled + 2, `it ends at step ${details.step}`);
      t.same(late.found, now.found, `step ${spoiled + 1}, ${value}`);
      close(now.run);
      close(late.run);
    }
  }
  t.equal(memory().numTensors, before);
});

t.test("read one step late, an interrupted run resumes to the same end", async (t) => {
  const whole = loop();
  const end = await train(whole.context, INITIAL_PROGRESS);
  for (let step = 1; step <= 6; step++) {
    const controller = new AbortController();
    const cut = loop({
      readsLate: true,
      signal: controller.signal,
      emit: (event) => {
        if (event.type === "step" && event.step === step) controller.abort();
      },
    });
    const error = await failure(train(cut.context, INITIAL_PROGRESS));
    const stoppedAt = step % STEPS_PER_EPOCH === 0 ? step : step + 1;
    t.match(error, { code: "N2UQ_TRAIN_INTERRUPTED", details: { step: stoppedAt } });
    const kept = cut.checkpoints.at(-1)!;
    t.match(kept, { step: stoppedAt, sums: { images: 4 * (((stoppedAt - 1) % 3) + 1) } });
    const resumed = loop({ state: cut.state, readsLate: true });
    t.match(await train(resumed.context, kept), { ...end, seconds: Number });
    t.same(weightsOf(resumed), weightsOf(whole), `from step ${stoppedAt}`);
    close(cut);
  }
  close(whole);
});

t.test("ranks stop together at the step before which one of them was asked to", async (t) => {
  for (const readsLate of [false, true]) {
    const controller = new AbortController();
    const cut = loop({
      ...{ readsLate, ranks: mirroredRanks(2), signal: controller.signal },
      training: { ...training, epochs: 1 },
      ...{ stepsPerEpoch: 6, totalSteps: 6, epochs: 1 },
      async *batches() {
        for (let index = 0; index < 6; index++) {
          if (index === 2) controller.abort();
          yield batchAt(0, index);
        }
      },
    });
    const error = await failure(train(cut.context, INITIAL_PROGRESS));
    t.match(error, { code: "N2UQ_TRAIN_INTERRUPTED", details: { step: readsLate ? 4 : 3 } });
    close(cut);
  }
});

t.test("a loss above the limit ends the run, one at the limit does not", async (t) => {
  const limited = async (maxLoss: number) => {
    const run = loop({ training: { ...training, maxLoss, optimizer: { ...training.optimizer, lr: 0 } } });
    answer(run.state.store, [0, 0, 0, 0, 0, 0, 0]);
    const found = await train(run.context, INITIAL_PROGRESS).catch((error) => error);
    const [first] = only(run.events, "step");
    close(run);
    return [found, first?.loss] as const;
  };
  const [, loss = 0] = await limited(100);
  t.ok(Math.abs(loss - Math.log(CLASSES)) < 1e-6);
  t.match((await limited(loss))[0], { step: 6 });
  t.match((await limited(loss - 1e-3))[0], {
    code: "N2UQ_TRAIN_EXPLODED",
    details: { step: 1, maxLoss: loss - 1e-3, loss: "1.946" },
  });
});

t.test("the loss uses the teacher's logits and frees them", async (t) => {
  const before = memory().numTensors;
  const loss = { kind: "distillation", temperature: 1 } as const;
  const logits = Array.from({ length: CLASSES }, (_, i) => i / 2);
  const run = loop({
    training: { ...training, loss, epochs: 1 },
    teacher: (images) => tensor(Array.from({ length: images.shape[0]! }, () => logits)),
  });
  answer(run.state.store, logits);
  await train(run.context, INITIAL_PROGRESS);
  for (const step of only(run.events, "step")) {
    t.ok(step.loss >= 0 && step.loss < 1.9, `${step.loss}: it does not ask for the labels`);
  }
  const bias = [...run.state.store.get("fc.bias")!.dataSync()];
  t.ok(
    bias.every((value, i) => Math.abs(value - logits[i]!) < 1e-5),
    "whoever agrees with the teacher stays",
  );
  close(run);
  t.equal(memory().numTensors, before);
});

t.test("ranks with equal parts train as one process, and count the whole batch", async (t) => {
  const [alone, first] = [loop(), loop({ ranks: mirroredRanks(3) })];
  const end = await train(alone.context, INITIAL_PROGRESS);
  t.match(await train(first.context, INITIAL_PROGRESS), { ...end, seconds: Number });
  t.same(weightsOf(first), weightsOf(alone));
  const rounded = ({ events }: ReturnType<typeof loop>) =>
    only(events, "step").map(({ loss, top1 }) => [loss.toFixed(5), top1]);
  t.same(rounded(first), rounded(alone));
  close(alone);
  close(first);
});

t.test("a rank that is not the first waits for its validation, and has no metrics of its own", async (t) => {
  const words = new Set<string>();
  const first = loop({ ranks: mirroredRanks(2, words) });
  await train(first.context, INITIAL_PROGRESS);
  t.same([...words], ["validated/3", "validated/6"]);
  let validated = 0;
  const second = loop({
    ranks: mirroredRanks(2, words, 1),
    validate: async () => {
      validated += 1;
      return metrics(1);
    },
  });
  t.match(await train(second.context, INITIAL_PROGRESS), { step: 6, best: { epoch: 1, top1: Number.NaN } });
  t.equal(validated, 0);
  close(first);
  close(second);
});

t.test("ranks that begin at different steps say so", async (t) => {
  const ranks = mirroredRanks(2);
  const sum: typeof ranks.allReduceSum = () => tensor([3]);
  const run = loop({ ranks: { ...ranks, allReduceSum: sum } });
  const error = await failure(train(run.context, INITIAL_PROGRESS));
  t.match(error, { code: "N2UQ_RANKS_LOST", message: /another step than rank 0 \(step 0\)/ });
  close(run);
});

t.test("all ranks begin with the first one's weights", async (t) => {
  const wanted = createStore(line, 5);
  const ranks = mirroredRanks(2);
  const run = loop({
    ranks: { ...ranks, broadcast: () => [...wanted.values()].map((one) => one.clone()) },
    totalSteps: 0,
  });
  await train(run.context, INITIAL_PROGRESS);
  t.same(
    weightsOf(run),
    [...wanted.values()].map((one) => [...one.dataSync()]),
  );
  close(run);
});

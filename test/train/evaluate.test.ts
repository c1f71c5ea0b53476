import { memory } from "@tensorflow/tfjs-core";
import t from "tap";
import type { Batch } from "../../src/data/types.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import { evaluate, meanMetrics, uploadImages } from "../../src/train/evaluate.js";
import { topProbabilities } from "../../src/train/metrics.js";
import { createStore, disposeStore } from "../../src/train/store.js";
import { onEveryEngine } from "../helpers/golden.js";
import { answer, batchAt, CLASSES, line } from "../helpers/lineLoop.js";

await cpu.load();

const logits = [6, 5, 4, 3, 2, 1, 0];
const normalizer = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
const lossOf = (label: number) => normalizer - logits[label]!;

/** Batches with these labels. */
async function* of(...labels: number[][]): AsyncGenerator<Batch> {
  for (const [index, own] of labels.entries()) {
    yield { ...batchAt(0, index, own.length), labels: Int32Array.from(own) };
  }
}

t.test("loss, top-1 and top-5 are means over images, however they are cut into batches", async (t) => {
  const before = memory().numTensors;
  const store = createStore(line, 0);
  answer(store, logits);
  const all = Array.from({ length: CLASSES }, (_, label) => label);
  for (const batches of [[all], [all.slice(0, 2), all.slice(2)]]) {
    const done: number[] = [];
    const found = await evaluate(line, store, of(...batches), (images, score) => {
      done.push(images);
      t.same([...score.logits.slice(0, CLASSES)], logits);
      t.equal(score.labels.length, score.numbers.length);
    });
    const loss = all.reduce((sum, label) => sum + lossOf(label), 0) / CLASSES;
    t.ok(Math.abs(found.loss - loss) < 1e-5);
    t.equal(found.top1, 100 / CLASSES);
    t.equal(found.top5, 500 / CLASSES);
    t.equal(done.at(-1), CLASSES);
    t.equal(done.length, batches.length);
  }
  t.match(await evaluate(line, store, of([4])), { top1: 0, top5: 100 }, "the fifth is among five");
  t.match(await evaluate(line, store, of([5])), { top1: 0, top5: 0 }, "the sixth is not");
  const controller = new AbortController();
  const stopped = await evaluate(line, store, of([0], [5]), () => controller.abort(), controller.signal);
  t.match(stopped, { top1: 100 }, "what comes after the signal does not count");
  disposeStore(store);
  t.equal(memory().numTensors, before);
});

t.test("sums become means and percentages", async (t) => {
  t.same(meanMetrics({ images: 4, loss: 2, top1: 1, top5: 3 }), { loss: 0.5, top1: 25, top5: 75 });
  t.same(meanMetrics({ images: 0, loss: 0, top1: 0, top5: 0 }), { loss: 0, top1: 0, top5: 0 });
});

t.test("the likeliest classes come first, equal ones by their index", async (t) => {
  const found = topProbabilities(Float32Array.from([0, Math.log(3), 0, Math.log(4)]), 3);
  t.same(
    found.map(({ class: index, probability }) => [index, Math.round(1e6 * probability)]),
    [
      [3, 444444],
      [1, 333333],
      [0, 111111],
    ],
  );
  const large = topProbabilities(Float32Array.from([1e4, 1e4 - 1]), 2);
  t.ok(Math.abs(large[0]!.probability - 1 / (1 + Math.exp(-1))) < 1e-6, "large logits do not overflow");
});

t.test("the most likely classes, ties by index", async (t) => {
  const classes = (logits: number[], count: number) =>
    topProbabilities(Float32Array.from(logits), count).map(({ class: index }) => index);
  t.same(classes([1, 3, 2, 3, 1], 5), [1, 3, 2, 0, 4]);
  t.same(classes([-5, -7], 1), [0]);
  t.same(classes([0, 0], 9), [0, 1], "no more than there are");
});

onEveryEngine("pixels are normalized to the bits of the table", async (t) => {
  const before = memory().numTensors;
  for (const [height, width, channels] of [
    [16, 16, 3],
    [7, 5, 1],
    [3, 1, 2],
  ] as const) {
    const values = Float32Array.from({ length: 256 * channels }, (_, i) => Math.sin(i) / 3 - 0.1 * i);
    const count = 5;
    const images = Uint8Array.from(
      { length: count * height * width * channels },
      (_, i) => (i * i + 7 * i) % 256,
    );
    const graph = { ...line, input: [height, width, channels] as const };
    const batch: Batch = { ...batchAt(0, 0, count), images, values };
    const uploaded = uploadImages(graph, batch);
    t.same(uploaded.shape, [count, height, width, channels]);
    t.equal(uploaded.dtype, "float32");
    const wanted = Float32Array.from(images, (pixel, i) => values[pixel * channels + (i % channels)]!);
    t.same([...uploaded.dataSync()], [...wanted]);
    uploaded.dispose();
  }
  t.equal(memory().numTensors, before);
});

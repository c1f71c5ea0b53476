import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { readMetrics } from "../../src/runs/metricsFile.js";

const step = (number: number, more: object = {}) =>
  JSON.stringify({
    ...{ type: "step", step: number, totalSteps: 99, epoch: 1, epochs: 3, loss: number, top1: 2 * number },
    ...{ lr: 0.1, imagesPerSecond: 9, secondsLeft: 1, waitedMs: 0, recorded: true },
    ...more,
  });
const epoch = (number: number, more: object = {}) =>
  JSON.stringify({
    ...{ type: "epoch", step: 4 * number, epoch: number, epochs: 3, best: true, lr: 0.1, gradientNorm: null },
    ...{ train: { loss: 1, top1: 2, top5: 3 }, validation: { loss: 4, top1: 5, top5: 6 } },
    ...more,
  });

/** What is read from a file with this text, and what is noted. */
function read(folder: string, text: string, most?: number) {
  writeFileSync(join(folder, "metrics.jsonl"), text);
  const notes: string[] = [];
  return { ...readMetrics(folder, notes, most), notes };
}

t.test("steps and epochs come in their order, a loss that was no number as NaN", async (t) => {
  const lines = [step(1), step(2, { loss: null }), epoch(1), step(3), epoch(2)];
  const { steps, epochs, notes } = read(t.testdir(), `${lines.join("\n")}\n`);
  t.same(
    steps.map(({ step, loss, top1, lr }) => [step, loss, top1, lr]),
    [
      [1, 1, 2, 0.1],
      [2, Number.NaN, 4, 0.1],
      [3, 3, 6, 0.1],
    ],
  );
  t.same(
    epochs.map(({ epoch, train, validation }) => [epoch, train.loss, validation.loss]),
    [
      [1, 1, 4],
      [2, 1, 4],
    ],
  );
  t.same(notes, []);
  const odd = epoch(1, {
    train: { loss: null, top1: 2, top5: 3 },
    validation: { loss: null, top1: 5, top5: 6 },
  });
  const [only] = read(t.testdir(), odd).epochs;
  t.same([only?.train.loss, only?.validation.loss], [Number.NaN, Number.NaN]);
});

t.test("damaged lines are skipped and counted, including a truncated last one", async (t) => {
  const folder = t.testdir();
  const text = [step(1), "", "words", '{"type":"epoch"}', "7", step(2), epoch(1), step(3).slice(0, -9)].join(
    "\n",
  );
  const { steps, epochs, notes } = read(folder, text);
  t.same([steps.length, epochs.length], [2, 1]);
  t.same(notes, ["4 lines of metrics.jsonl are damaged and skipped."]);
  t.same(read(folder, `${step(1)}\n${step(2)}`).steps.length, 2, "a last line needs no end");
  t.same(read(folder, ""), { steps: [], epochs: [], notes: [] });
});

t.test("a file is read in blocks, with any characters at their ends", async (t) => {
  const folder = t.testdir();
  const line = step(1, { note: "ä".repeat(1000) });
  const count = Math.ceil((3 * 2 ** 20) / line.length);
  const { steps, notes } = read(folder, `${line}\n`.repeat(count));
  t.equal(steps.length, count);
  t.same(notes, []);
  const long = read(folder, `${step(1)}\n"${"x".repeat(3 * 2 ** 20)}"\n${step(2)}\n`);
  t.same(
    long.steps.map(({ step }) => step),
    [1, 2],
  );
  t.same(long.notes, ["1 lines of metrics.jsonl are damaged and skipped."]);
  const valid = read(folder, `${step(1)}\n${step(2, { note: "x".repeat(3 * 2 ** 20) })}\n${step(3)}\n`);
  t.same(
    valid.steps.map(({ step }) => step),
    [1, 3],
    "a line that is too long is not kept in memory",
  );
});

t.test("if there are too many steps, neighbors become one point with their mean", async (t) => {
  const folder = t.testdir();
  const text = (count: number) => Array.from({ length: count }, (_, i) => `${step(i + 1)}\n`).join("");
  const points = (count: number) =>
    read(folder, text(count), 4).steps.map(({ step, loss, top1 }) => [step, loss, top1]);
  t.same(
    points(7).map(([step]) => step),
    [1, 2, 3, 4, 5, 6, 7],
    "fewer than twice as many stay",
  );
  t.same(points(8), [
    [2, 1.5, 3],
    [4, 3.5, 7],
    [6, 5.5, 11],
    [8, 7.5, 15],
  ]);
  t.same(points(11).at(-1), [10, 9.5, 19], "an unfinished point waits for its others");
  t.same(
    points(16).map(([step, loss]) => [step, loss]),
    [
      [4, 2.5],
      [8, 6.5],
      [12, 10.5],
      [16, 14.5],
    ],
  );
});

t.test("where there is no file, or none that can be read, no curve is shown", async (t) => {
  const notes: string[] = [];
  const folder = t.testdir({ file: "" });
  t.same(readMetrics(join(folder, "none"), notes), { steps: [], epochs: [] });
  readMetrics(join(folder, "file"), notes);
  mkdirSync(join(folder, "metrics.jsonl"));
  t.same(readMetrics(folder, notes), { steps: [], epochs: [] });
  t.same(notes, [
    "There is no metrics.jsonl: curves are not shown.",
    "There is no metrics.jsonl: curves are not shown.",
    "metrics.jsonl can't be read (not a regular file): curves are not shown.",
  ]);
});

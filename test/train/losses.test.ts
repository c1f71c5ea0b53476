import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { memory, scalar, tensor1d, tensor2d } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import t from "tap";
import { N2uqError } from "../../src/errors.js";
import { stream } from "../../src/random.js";
import type { ResolvedLoss } from "../../src/resolve/types.js";
import { computeLoss } from "../../src/train/losses/losses.js";
import type { Targets } from "../../src/train/losses/types.js";
import { countTopK, countTopKOnDevice, stepNumbers } from "../../src/train/metrics.js";
import { agrees, golden, onEveryEngine } from "../helpers/golden.js";

interface Distillation {
  student_logits: number[];
  teacher_logits: number[];
  shape: [number, number];
  loss: [number];
  grad_student: number[];
}

type Rows = readonly (readonly number[])[];

/** A batch on the host in float64. */
interface Batch {
  readonly logits: Rows;
  readonly teacher: Rows;
  readonly labels: readonly number[];
}

function softmax(z: readonly number[], temperature = 1): number[] {
  const largest = Math.max(...z);
  const powers = z.map((value) => Math.exp((value - largest) / temperature));
  const sum = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / sum);
}

/** Mean over the batch of -Σ p·log q. */
function entropyOf(p: Rows, q: Rows): number {
  const each = p.map((row, i) => row.reduce((sum, value, c) => sum - value * Math.log(q[i]![c]!), 0));
  return each.reduce((sum, value) => sum + value, 0) / p.length;
}

/** The losses in float64, written down from their definitions. */
function reference({ logits, teacher, labels }: Batch, settings: ResolvedLoss): number {
  const classes = logits[0]!.length;
  const hard = (smoothing: number) => {
    const target = labels.map((label) =>
      Array.from({ length: classes }, (_, c) => (c === label ? 1 - smoothing : 0) + smoothing / classes),
    );
    const q = logits.map((row) => softmax(row));
    return entropyOf(target, q);
  };
  const soft = (temperature: number) => {
    const [p, q] = [teacher, logits].map((rows) => rows.map((row) => softmax(row, temperature)));
    return temperature ** 2 * entropyOf(p!, q!);
  };
  if (settings.kind === "cross-entropy") return hard(settings.labelSmoothing);
  if (settings.kind === "distillation") return soft(settings.temperature);
  const { distillationWeight: w, temperature, labelSmoothing } = settings;
  return w * soft(temperature) + (1 - w) * hard(labelSmoothing);
}

/** The gradient of `reference` by central differences. */
function numericGradient(batch: Batch, settings: ResolvedLoss): number[] {
  const step = 1e-5;
  const moved = (i: number, c: number, by: number) =>
    reference(
      {
        ...batch,
        logits: batch.logits.map((row, n) => row.map((v, k) => v + (n === i && k === c ? by : 0))),
      },
      settings,
    );
  return batch.logits.flatMap((row, i) =>
    row.map((_, c) => (moved(i, c, step) - moved(i, c, -step)) / (2 * step)),
  );
}

function randomBatch(images: number, classes: number, seed: number): Batch {
  const next = stream(seed, "losses");
  const rows = (scale: number) =>
    Array.from({ length: images }, () =>
      Array.from({ length: classes }, () => Math.fround(scale * (2 * next() - 1))),
    );
  const labels = Array.from({ length: images }, () => Math.floor(classes * next()));
  return { logits: rows(4), teacher: rows(6), labels };
}

function compute(batch: Batch, settings: ResolvedLoss) {
  const upload = (rows: Rows) => tensor2d(rows.map((row) => [...row])) as Tensor2D;
  const [logits, teacherLogits] = [upload(batch.logits), upload(batch.teacher)];
  const labels = tensor1d([...batch.labels], "int32") as Tensor1D;
  const targets: Targets = settings.kind === "cross-entropy" ? { labels } : { labels, teacherLogits };
  const before = memory().numTensors;
  const { loss, dLogits } = computeLoss(logits, targets, settings);
  const left = memory().numTensors - before;
  const found = { loss: loss.dataSync()[0]!, gradient: dLogits.dataSync(), shape: dLogits.shape, left };
  for (const held of [logits, teacherLogits, labels, loss, dLogits]) held.dispose();
  return found;
}

const settings: ResolvedLoss[] = [
  { kind: "cross-entropy", labelSmoothing: 0 },
  { kind: "cross-entropy", labelSmoothing: 0.1 },
  { kind: "cross-entropy", labelSmoothing: 1 },
  { kind: "distillation", temperature: 1 },
  { kind: "distillation", temperature: 4 },
  { kind: "distillation", temperature: 0.5 },
  { kind: "mixed", temperature: 1, labelSmoothing: 0, distillationWeight: 0 },
  { kind: "mixed", temperature: 1, labelSmoothing: 0, distillationWeight: 1 },
  { kind: "mixed", temperature: 3, labelSmoothing: 0.2, distillationWeight: 0.3 },
];

onEveryEngine("distillation is the released code's loss", async (t) => {
  const { student_logits, teacher_logits, shape, loss, grad_student } = golden<Distillation>("distillation");
  const rows = (flat: number[]) =>
    Array.from({ length: shape[0] }, (_, i) => flat.slice(i * shape[1], (i + 1) * shape[1]));
  const batch = { logits: rows(student_logits), teacher: rows(teacher_logits), labels: [0, 0, 0, 0] };
  const found = compute(batch, { kind: "distillation", temperature: 1 });
  agrees(t, [found.loss], loss, 1e-5, "loss");
  agrees(t, found.gradient, grad_student, 1e-5, "gradient");
});

onEveryEngine("every loss and gradient agrees with float64", async (t) => {
  for (const [seed, setting] of settings.entries()) {
    const batch = randomBatch(5, 7, seed);
    const found = compute(batch, setting);
    const what = JSON.stringify(setting);
    agrees(t, [found.loss], [reference(batch, setting)], 2e-6, `${what} loss`);
    agrees(t, found.gradient, numericGradient(batch, setting), 1e-5, `${what} gradient`);
    t.same(found.shape, [5, 7], what);
    t.equal(found.left, 2, `${what} leaves only what it returns`);
  }
});

onEveryEngine("logits far apart neither overflow nor lose the loss", async (t) => {
  const batch = { logits: [[1000, 0, -1000]], teacher: [[0, 800, 0]], labels: [1] };
  for (const setting of [settings[0]!, settings[3]!]) {
    const { loss, gradient } = compute(batch, setting);
    agrees(t, [loss], [1000], 1e-6, `${setting.kind} loss`);
    agrees(t, gradient, [1, -1, 0], 1e-6, `${setting.kind} gradient`);
  }
});

t.test("distillation without the teacher's logits is a bug that says so", async (t) => {
  const [logits, labels] = [tensor2d([[1, 2]]), tensor1d([0], "int32")];
  t.throws(() => computeLoss(logits, { labels }, { kind: "distillation", temperature: 1 }), N2uqError);
});

/** Sorts the classes by logit, the label last among equals and NaN first, and looks for the label among the first k. */
function isAmongFirst(row: readonly number[], label: number, k: number): boolean {
  if (Number.isNaN(row[label])) return false;
  const rank = (value: number) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value);
  const order = row
    .map((value, c) => ({ c, value: rank(value) }))
    .sort((a, b) =>
      a.value === b.value ? Number(a.c === label) - Number(b.c === label) : b.value - a.value,
    );
  return order.slice(0, k).some(({ c }) => c === label);
}

t.test("countTopK finds what sorting finds, with ties, infinities and NaN", async (t) => {
  // Few distinct values, so that ties are the rule.
  const logit = fc.constantFrom(
    -1,
    0,
    0.5,
    1,
    2,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  );
  const cases = fc
    .integer({ min: 1, max: 7 })
    .chain((classes) =>
      fc.tuple(
        fc.array(fc.tuple(fc.array(logit, { minLength: classes, maxLength: classes }), fc.nat(classes - 1))),
        fc.constant(classes),
        fc.integer({ min: 1, max: 8 }),
      ),
    );
  fc.assert(
    fc.property(cases, ([images, classes, k]) => {
      const logits = Float32Array.from(images.flatMap(([row]) => row));
      const labels = Int32Array.from(images, ([, label]) => label);
      const wanted = images.filter(([row, label]) => isAmongFirst(row, label, k)).length;
      t.equal(countTopK(logits, labels, classes, k), wanted);
    }),
    { numRuns: 500 },
  );
});

t.test(
  "a dead network is never right: equal logits count as wrong until every class is allowed",
  async (t) => {
    const [logits, labels] = [new Float32Array(30), Int32Array.from([0, 4, 9])];
    t.equal(countTopK(logits, labels, 10, 1), 0);
    t.equal(countTopK(logits, labels, 10, 9), 0);
    t.equal(countTopK(logits, labels, 10, 10), 3);
  },
);

onEveryEngine("the device counts what the host counts, with ties, infinities and NaN", async (t) => {
  const values = [-1, 0, 0.5, 1, 2, Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const next = stream(3, "ranks");
  const draw = (count: number) => Math.floor(count * next());
  const before = memory().numTensors;
  for (const classes of [1, 2, 4, 7, 100]) {
    for (const images of [1, 40]) {
      const flat = Float32Array.from({ length: images * classes }, () => values[draw(values.length)]!);
      const own = Int32Array.from({ length: images }, () => draw(classes));
      const [logits, labels, loss] = [tensor2d(flat, [images, classes]), tensor1d(own, "int32"), scalar(0.7)];
      const wanted = [1, 5].map((k) => countTopK(flat, own, classes, k));
      const found = countTopKOnDevice(logits, labels, [1, 5]);
      t.same(
        found.map((one) => one.dataSync()[0]),
        wanted,
        `${images} images of ${classes} classes`,
      );
      const numbers = stepNumbers(loss, logits, labels, true);
      const mean = Math.fround(0.7);
      t.same([...numbers.dataSync()], [images, Math.fround(mean * images), ...wanted, 1, mean]);
      for (const held of [logits, labels, loss, numbers, ...found]) held.dispose();
    }
  }
  t.equal(memory().numTensors, before);
});

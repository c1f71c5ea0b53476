import t from "tap";
import { resolveAugmentation } from "../../src/resolve/augmentation.js";
import { checkTogether, hasNoRate } from "../../src/resolve/checks.js";
import { limited, resolveData, square } from "../../src/resolve/data.js";
import { effectiveGroups } from "../../src/resolve/groups.js";
import { inTime, lengthOf } from "../../src/resolve/time.js";
import type { ResolvedExperiment, ResolvedTraining } from "../../src/resolve/types.js";
import { training as base } from "../helpers/lineLoop.js";

const training = (rest: object = {}) => ({ ...base, ...rest }) as ResolvedTraining;

t.test("the length of a training", async (t) => {
  const of = (images: number, rest: object) => Object.values(lengthOf(training(rest), images));
  t.same(of(10, { batchSize: 4, epochs: 3 }), [2, 6, 3], "an incomplete batch is left out");
  t.same(of(8, { batchSize: 4, epochs: 3 }), [2, 6, 3]);
  t.same(of(3, { batchSize: 4, epochs: 3 }), [1, 3, 3], "fewer images than a batch");
  t.same(of(10, { batchSize: 4, steps: 5, epochs: 9 }), [2, 5, 3], "steps take precedence");
  t.same(of(10, { batchSize: 4, steps: 4 }), [2, 4, 2]);
});

t.test("a batch is limited to the training images", async (t) => {
  const of = (batchSize: number, train: number | null) => {
    const { training: limited, idle } = inTime(training({ batchSize }), { train, test: 1 });
    return [limited.batchSize, idle.map(({ path, why }) => [path.join("."), why])];
  };
  t.same(of(8, 8), [8, []]);
  t.same(of(8, null), [8, []]);
  t.same(of(9, 8), [8, [["training.batchSize", "beyond 8, the number of training images"]]]);
});

t.test("milestones after the end are left out", async (t) => {
  const of = (milestones: number[], train: number | null, rest: object = {}) => {
    const schedule = { kind: "step", milestones, gamma: 0.1, warmupEpochs: 1 };
    const found = inTime(training({ batchSize: 4, epochs: 5, schedule, ...rest }), { train, test: 1 });
    return [found.training.schedule, found.idle.map(({ path, why }) => [path.at(-1), why])];
  };
  const step = (milestones: number[]) => ({ kind: "step", milestones, gamma: 0.1, warmupEpochs: 1 });
  const why = (epoch: number) => `since training ends with epoch ${epoch}`;
  t.strictSame(of([2, 4], 8), [step([2, 4]), []]);
  t.strictSame(of([2, 5, 7], 8), [
    step([2]),
    [
      [1, why(5)],
      [2, why(5)],
    ],
  ]);
  t.strictSame(of([5], null), [{ kind: "constant", warmupEpochs: 1 }, [[0, why(5)]]], "all of them");
  t.strictSame(of([2, 3], 8, { steps: 5 }), [step([2]), [[1, why(3)]]]);
  t.strictSame(of([2, 9], null, { steps: 5, epochs: 0 }), [step([2, 9]), []], "an unknown length");
  const linear = inTime(training({ batchSize: 4 }), { train: 8, test: 1 });
  t.same([linear.training.schedule, linear.idle], [base.schedule, []]);
});

t.test("globs without effect are left out of the optimizer's groups", async (t) => {
  const groups = [
    { match: ["a", "b"], lrScale: 2 },
    { match: ["c"], lrScale: 3 },
  ];
  const idle = [
    { group: 0, glob: 1, match: "b", close: ["bb", "bc"] },
    { group: 1, glob: 0, match: "c", close: [] },
  ];
  const found = effectiveGroups({ ...base.optimizer, groups }, { text: "", idle });
  t.same(found.optimizer.groups, [{ match: ["a"], lrScale: 2 }]);
  const because = [["quantization"], ["architecture"]];
  t.strictSame(found.idle, [
    {
      path: ["training", "optimizer", "groups", 0, "match", 1],
      why: "since no parameter matches b",
      because,
      code: "N2UQ_RULE_MATCHES_NO_PARAMETER",
      match: "b",
      close: ["bb", "bc"],
    },
    {
      path: ["training", "optimizer", "groups", 1, "match", 0],
      why: "since earlier groups take its parameters",
      because,
      match: "c",
      close: [],
    },
  ]);
  const one = effectiveGroups(
    { ...base.optimizer, groups },
    { text: "", idle: [{ ...idle[0]!, close: ["x"] }] },
  );
  t.match(one.idle, [{ why: "since no parameter matches b" }], "a single close name");
  t.same(effectiveGroups({ ...base.optimizer, groups }, { text: "", idle: [] }).optimizer.groups, groups);
});

t.test("limits of the data, and the name of a folder", async (t) => {
  const of = (trainLimit: number | null, testLimit: number | null, sizes?: object) => {
    const { data, images } = limited({ trainLimit, testLimit } as never, { sizes } as never);
    return [data.trainLimit, data.testLimit, images.train, images.test];
  };
  const sizes = { trainSize: 10, testSize: 5 };
  t.same(of(9, 4, sizes), [9, 4, 9, 4]);
  t.same(of(10, 5, sizes), [null, null, 10, 5]);
  t.same(of(null, 6, sizes), [null, null, 10, 5]);
  t.same(of(9, 4), [9, 4, null, null], "unknown sizes");
  t.same([square(3), square([2, 3]), square(undefined)], [[3, 3], [2, 3], undefined]);
  const name = (more: object) =>
    (resolveData({ dataset: "image-folder", ...more } as never) as { name?: string }).name;
  t.equal(name({ root: "/a/photos/" }), "photos");
  t.equal(name({ root: "C:\\a\\photos" }), "photos");
  t.equal(name({ root: "/a/photos", name: "mine" }), "mine");
  t.equal(name({}), undefined);
  t.notOk("name" in resolveData({ dataset: "mnist" }));
});

t.test("how images are cropped and resized by default", async (t) => {
  const photographs = { imageSize: [500, 300], channels: 3, inFiles: true } as const;
  const of = (
    written: object | undefined,
    inputSize: number | readonly [number, number] | undefined,
    facts: object,
  ) => resolveAugmentation(written as never, { ...(inputSize && { inputSize }) } as never, facts as never);
  t.match(of(undefined, undefined, photographs), {
    kind: "random-resized-crop",
    size: 300,
    validationResize: 343,
  });
  t.match(of(undefined, 224, photographs), { size: 224, validationResize: 256, decode: "exact" });
  t.match(of({ kind: "random-resized-crop", size: 160 }, undefined, photographs), { validationResize: 183 });
  t.match(of(undefined, [112, 224], photographs), { size: 112, validationResize: 224 });
  t.match(of({ kind: "pad-crop-flip" }, 224, photographs), { validationResize: 224 });
  t.match(of({ kind: "none" }, 224, photographs), { kind: "none", validationResize: 256 });
  const memory = { imageSize: [28, 32], channels: 1 };
  t.strictSame(of(undefined, undefined, memory), { kind: "none" });
  t.match(of({ kind: "none", validationResize: 40 }, undefined, memory), { validationResize: 40 });
  const crop = of({ kind: "random-resized-crop", scale: [1, 0.5], ratio: [2, 0.5] }, undefined, memory);
  t.match(crop, { size: 28, validationResize: 28, scale: [0.5, 1], ratio: [0.5, 2] });
  t.notOk("decode" in crop);
  const jitterOf = (channels: number) =>
    Object.keys(
      (of({ kind: "random-resized-crop" }, 8, { ...memory, channels }) as { colorJitter: object })
        .colorJitter,
    );
  t.same([jitterOf(1).includes("saturation"), jitterOf(2).includes("saturation")], [false, true]);
});

const architecture = { classes: 10, inputSize: [32, 32], inputChannels: 3 };
const experiment = {
  ...{ architecture, training: base, teacher: null, augmentation: { kind: "none" }, engine: "wasm" },
  ...{ devices: 1, nodes: 1, data: { dataset: "mnist" } },
};
/** The codes of the errors of an experiment with these sections, and their paths. */
const faults = (rest: object, train: number | null = null) => {
  try {
    checkTogether({ ...experiment, ...rest } as unknown as ResolvedExperiment, { train, test: null });
    return [];
  } catch (error) {
    const { errors } = error as { errors: { code: string; details: { path: string[]; key?: string } }[] };
    return errors.map(({ code, details }) => `${code.replace("N2UQ_", "")} ${details.path.join(".")}`);
  }
};

t.test("teacher, loss and student fit together", async (t) => {
  const soft = { ...base, loss: { kind: "distillation", temperature: 1 } };
  const teacher = { architecture, weights: "x" };
  t.same(faults({}), []);
  t.same(faults({ training: soft }), ["RESOLVE_NO_TEACHER training.loss.kind"]);
  t.same(faults({ teacher }), ["RESOLVE_UNUSED_TEACHER teacher"]);
  t.same(faults({ teacher, training: soft }), []);
  const differs = "RESOLVE_TEACHER_DIFFERS teacher";
  for (const other of [{ classes: 9 }, { inputSize: [32, 31] }, { inputChannels: 1 }]) {
    const different = { ...architecture, ...other };
    t.same(faults({ teacher: { ...teacher, architecture: different }, training: soft }), [differs]);
    t.same(faults({ teacher: { experiment: { architecture: different } }, training: soft }), [differs]);
  }
});

t.test("ranks and precision need torch; rates and momentum must have an effect", async (t) => {
  const many = { devices: 2, nodes: 2, training: { ...base, batchSize: 8 } };
  t.same(faults(many), ["RANKS_ENGINE devices", "RANKS_ENGINE nodes"]);
  t.same(faults({ ...many, engine: "torch" }), []);
  t.same(faults({ ...many, engine: "torch", training: { ...base, batchSize: 7 } }), ["RANKS_BATCH devices"]);
  const precise = { training: { ...base, precision: "tf32" } };
  t.same(faults(precise), ["ENGINE_PRECISION training.precision"]);
  t.same(faults({ ...precise, engine: "torch" }), []);
  const nesterov = (momentum: number) => ({
    training: { ...base, optimizer: { ...base.optimizer, nesterov: true, momentum } },
  });
  t.same(faults(nesterov(0)), ["RESOLVE_NO_EFFECT training.optimizer.nesterov"]);
  t.same(faults(nesterov(0.5)), []);
  const linear = (per: string, epochs: number, steps: number | null = null) => ({
    training: { ...base, epochs, steps, schedule: { kind: "linear", per, warmupEpochs: 0 } },
  });
  const none = ["RESOLVE_ZERO_LR training.schedule"];
  t.same(faults(linear("epoch", 1)), none);
  t.same(faults(linear("epoch", 2)), []);
  t.same(faults(linear("step", 1)), []);
  t.same(faults(linear("epoch", 9, 2), 8), none, "two steps are one epoch of eight images");
  t.same(faults(linear("epoch", 9, 3), 8), []);
  t.notOk(hasNoRate({ kind: "cosine", per: "epoch", warmupEpochs: 0 }, 1));
});

t.test("crops fit the input, and generated images fit the memory", async (t) => {
  const resize = (validationResize: number) => ({ augmentation: { kind: "none", validationResize } });
  t.same(faults(resize(31)), ["RESOLVE_CROP augmentation.validationResize"]);
  t.same(faults(resize(32)), []);
  const crop = (size: number) => ({ augmentation: { kind: "random-resized-crop", size } });
  t.same(faults(crop(31)), ["RESOLVE_CROP_SIZE augmentation.size"]);
  t.same(faults(crop(32)), []);
  const wide = { ...architecture, inputSize: [16, 32] };
  t.same(faults({ ...crop(16), architecture: wide }), []);
  t.same(faults({ ...resize(31), architecture: wide }), ["RESOLVE_CROP augmentation.validationResize"]);
  const synthetic = (trainSize: number, dataset = "synthetic") => ({
    data: { dataset, synthetic: { trainSize, testSize: 2 ** 10, imageSize: [2 ** 6, 2 ** 7], channels: 4 } },
  });
  const most = 2 ** 15 - 2 ** 10;
  t.same(faults(synthetic(most)), []);
  t.same(faults(synthetic(most + 1)), ["RESOLVE_SYNTHETIC_SIZE data.synthetic"]);
  t.same(faults(synthetic(most + 1, "other")), []);
});

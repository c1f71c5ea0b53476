import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import t from "tap";
import { create } from "tar";
import { parse, stringify } from "yaml";
import { trainRequest, validationRequest } from "../../runners/batching.js";
import type { ResolvedFile } from "../../runners/resolve.js";
import { resolveFile } from "../../runners/resolve.js";
import { createSession } from "../../runners/session.js";
import { trainExperiment } from "../../runners/train.js";
import { directoryOf } from "../../runners/weights.js";
import { locateRunning } from "../../src/config/locate.js";
import { loadProject } from "../../src/config/project.js";
import { batches } from "../../src/data/batches.js";
import { N2uqError, N2uqErrors } from "../../src/errors.js";
import { stream } from "../../src/random.js";
import { decidesNoResult } from "../../src/resolve/identity.js";
import { experimentPaths, formatPath, parsePath } from "../../src/schema/paths.js";

/*
 * The rule that a hash rests on: of two values of a key, either the hash changes and so does the network, a batch or the trained
 * weights; or neither changes, and the key is in the one list of keys that decide no result; or one is an error with its place.
 */

/** Keys of list items, which are not in `experimentPaths`. */
const ITEMS = [
  ...["match", "bits", "bits.weights", "bits.activations", "method", "keep"].map(
    (key) => `quantization.layers[0].${key}`,
  ),
  ...["block", "channels", "blocks", "stride", "expansion"].map((key) => `architecture.stages[0].${key}`),
  ...["match", "lrScale", "weightDecay"].map((key) => `training.optimizer.groups[0].${key}`),
];

/** Two legal values of every key. */
const values: Record<string, readonly [unknown, unknown]> = {
  name: ["one", "other"],
  architecture: [
    { family: "stages", stages: [{ block: "basic", channels: 4, blocks: 1 }] },
    { family: "stages", stages: [{ block: "basic", channels: 8, blocks: 1 }] },
  ],
  "architecture.family": ["stages", "cifar-resnet"],
  "architecture.depth": [20, 32],
  "architecture.width": [0.25, 0.5],
  "architecture.stages": [
    [{ block: "basic", channels: 4, blocks: 1 }],
    [{ block: "basic", channels: 6, blocks: 1 }],
  ],
  "architecture.layout": ["n2uq", "torchvision"],
  "architecture.classes": [4, 5],
  "architecture.inputSize": [10, 12],
  "architecture.inputChannels": [1, 3],
  "architecture.stem": [{ channels: 4 }, { channels: 6 }],
  "architecture.stem.kernel": [3, 5],
  "architecture.stem.stride": [1, 2],
  "architecture.stem.channels": [4, 8],
  "architecture.stem.pool": [true, false],
  "architecture.stages[0].block": ["basic", "bottleneck"],
  "architecture.stages[0].channels": [4, 8],
  "architecture.stages[0].blocks": [1, 2],
  "architecture.stages[0].stride": [1, 2],
  "architecture.stages[0].expansion": [2, 3],
  quantization: [
    { method: "n2uq", bits: 2 },
    { method: "lsq", bits: 2 },
  ],
  "quantization.method": ["n2uq", "pact"],
  "quantization.bits": [2, 3],
  "quantization.bits.weights": [2, 4],
  "quantization.bits.activations": [2, 4],
  "quantization.downsample": [true, false],
  "quantization.regularizer": [{ kind: "none" }, { kind: "weight-norm" }],
  "quantization.regularizer.kind": ["entropy", "learnable-scale"],
  "quantization.regularizer.weight": [1, 2],
  "quantization.intervals": [4, 8],
  "quantization.keep": [["conv1", "fc"], ["fc"]],
  "quantization.layers": [[], [{ match: "layer1.0.conv2", bits: 5 }]],
  "quantization.layers[0].match": ["layer1.0.conv1", "layer1.0.conv2"],
  "quantization.layers[0].bits": [4, 5],
  "quantization.layers[0].bits.weights": [4, 5],
  "quantization.layers[0].bits.activations": [4, 5],
  "quantization.layers[0].method": ["dorefa", "lsq"],
  "quantization.layers[0].keep": [true, false],
  teacher: [null, { experiment: "./teacher.yaml" }],
  "teacher.experiment": ["./teacher.yaml", "./other-teacher.yaml"],
  "teacher.architecture": [null, null],
  "teacher.weights": ["./one.safetensors", "./two.safetensors"],
  init: [null, { experiment: "./teacher.yaml" }],
  "init.experiment": ["./teacher.yaml", "./other-teacher.yaml"],
  "init.weights": ["./one.safetensors", "./two.safetensors"],
  "init.strict": [true, false],
  data: [
    { dataset: "synthetic", synthetic: { classes: 4, trainSize: 16 } },
    { dataset: "synthetic", synthetic: { classes: 4, trainSize: 24 } },
  ],
  "data.dataset": ["synthetic", "imagenet"],
  "data.root": ["./one/images", "./two/images"],
  "data.name": ["these", "those"],
  "data.splits": [
    { train: "train", test: "val" },
    { train: "train", test: "more" },
  ],
  "data.splits.train": ["train", "more"],
  "data.splits.test": ["val", "more"],
  "data.shards": [
    { train: "a.tar", test: "b.tar" },
    { train: "b.tar", test: "b.tar" },
  ],
  "data.shards.train": ["a.tar", "b.tar"],
  "data.shards.test": ["a.tar", "b.tar"],
  "data.shards.classes": [4, 5],
  "data.trainLimit": [8, 10],
  "data.testLimit": [5, 6],
  "data.maxUnreadable": [0, 5],
  "data.decodeThreads": [1, 2],
  "data.maxPixels": [10_000, 1_000_000],
  "data.synthetic": [
    { classes: 4, seed: 3 },
    { classes: 4, seed: 4 },
  ],
  "data.synthetic.classes": [4, 3],
  "data.synthetic.imageSize": [
    [8, 8],
    [10, 8],
  ],
  "data.synthetic.channels": [1, 3],
  "data.synthetic.trainSize": [16, 20],
  "data.synthetic.testSize": [8, 9],
  "data.synthetic.seed": [1, 2],
  augmentation: [{ kind: "none" }, { kind: "pad-crop-flip", padding: 2 }],
  "augmentation.kind": ["none", "random-resized-crop"],
  "augmentation.padding": [1, 3],
  "augmentation.horizontalFlip": [true, false],
  "augmentation.size": [10, 12],
  "augmentation.scale": [
    [0.2, 0.4],
    [0.6, 1],
  ],
  "augmentation.ratio": [
    [0.5, 0.6],
    [1.5, 2],
  ],
  "augmentation.validationResize": [14, 20],
  "augmentation.colorJitter": [{ brightness: 0.5 }, { contrast: 0.5 }],
  "augmentation.colorJitter.brightness": [0.3, 0.6],
  "augmentation.colorJitter.contrast": [0.3, 0.6],
  "augmentation.colorJitter.saturation": [0.3, 0.6],
  "augmentation.decode": ["exact", "scaled"],
  training: [
    { steps: 3, batchSize: 4, seed: 1 },
    { steps: 3, batchSize: 4, seed: 2 },
  ],
  "training.epochs": [2, 3],
  "training.steps": [3, 4],
  "training.batchSize": [4, 5],
  "training.optimizer": [
    { kind: "adam", lr: 0.01 },
    { kind: "sgd", lr: 0.01 },
  ],
  "training.optimizer.kind": ["adam", "sgd"],
  "training.optimizer.lr": [0.01, 0.02],
  "training.optimizer.weightDecay": [0, 0.1],
  "training.optimizer.betas": [
    [0.9, 0.999],
    [0.5, 0.9],
  ],
  "training.optimizer.epsilon": [1e-8, 0.1],
  "training.optimizer.momentum": [0.5, 0.9],
  "training.optimizer.nesterov": [true, false],
  "training.optimizer.groups": [[], [{ match: "*.weight", lrScale: 0.1 }]],
  "training.optimizer.groups[0].match": ["conv1.*", "fc.*"],
  "training.optimizer.groups[0].lrScale": [0.5, 2],
  "training.optimizer.groups[0].weightDecay": [0.1, 0.3],
  "training.schedule": [{ kind: "constant" }, { kind: "cosine" }],
  "training.schedule.kind": ["constant", "linear"],
  "training.schedule.per": ["step", "epoch"],
  "training.schedule.milestones": [[1], [2]],
  "training.schedule.gamma": [0.1, 0.5],
  "training.schedule.warmupEpochs": [1, 2],
  "training.loss": [{ kind: "cross-entropy" }, { kind: "cross-entropy", labelSmoothing: 0.2 }],
  "training.loss.kind": ["cross-entropy", "distillation"],
  "training.loss.temperature": [2, 4],
  "training.loss.labelSmoothing": [0.1, 0.3],
  "training.loss.distillationWeight": [0.3, 0.6],
  "training.seed": [1, 2],
  "training.precision": ["float32", "bfloat16"],
  "training.syncBatchNorm": [true, false],
  "training.checkpoint": [{ everySteps: 1 }, { everySteps: 2 }],
  "training.checkpoint.everySteps": [1, 2],
  "training.checkpoint.everyEpochs": [1, 2],
  "training.stopOnNaN": [true, false],
  "training.maxLoss": [500, 1000],
  engine: ["wasm", "cpu"],
  devices: [1, 2],
  nodes: [1, 2],
};

const small = "{ family: stages, stem: { channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }";
const data =
  "data: { dataset: synthetic, synthetic: { classes: 4, imageSize: [8, 8], trainSize: 16, testSize: 8 } }\nengine: wasm";
const bases: Record<string, string> = {
  n2uq: `
architecture: ${small.replace("channels: 4, blocks: 1", "channels: 8, blocks: 1")}
quantization: { method: n2uq, bits: { weights: 2, activations: 3 }, layers: [{ match: layer1.0.conv2, bits: 4, keep: false }] }
augmentation: { kind: pad-crop-flip, padding: 2 }
training: { epochs: 2, batchSize: 4, schedule: { kind: linear }, optimizer: { lr: 0.01, groups: [{ match: "*.bias", lrScale: 0.3 }] } }
${data}`,
  lsq: `
architecture: { family: stages, stem: { channels: 4 }, stages: [{ block: inverted-residual, channels: 8, blocks: 1, expansion: 4 }] }
quantization: { method: lsq, bits: 3, keep: [conv1, fc] }
augmentation: { kind: random-resized-crop, colorJitter: { brightness: 0.2 } }
training:
  { epochs: 3, batchSize: 8, optimizer: { kind: sgd, lr: 0.05, nesterov: true }, schedule: { kind: step, milestones: [1], gamma: 0.2 }, loss: { labelSmoothing: 0.1 } }
${data}`,
  full: `
architecture: ${small}
quantization: { method: none }
training: { steps: 3, batchSize: 4, optimizer: { lr: 0.01, weightDecay: 0.01 }, schedule: { kind: cosine, warmupEpochs: 0.5 } }
${data}`,
  cifar: `
architecture: { family: cifar-resnet, depth: 20, width: 0.25 }
quantization: { method: dorefa, bits: 2, downsample: false }
training: { steps: 3, batchSize: 4, schedule: { kind: constant } }
${data}`,
  companded: `
architecture: ${small}
quantization: { method: lcq, bits: 2, intervals: 16 }
training: { steps: 3, batchSize: 4 }
${data}`,
  taught: `
architecture: ${small.replace("{ family", "{ layout: n2uq, family")}
quantization: { method: n2uq, bits: 2, regularizer: { kind: entropy, weight: 1 } }
teacher: { experiment: ./teacher.yaml }
init: { experiment: ./teacher.yaml }
training: { steps: 3, batchSize: 4, loss: { kind: mixed, temperature: 3 } }
${data}`,
  weights: `
architecture: ${small.replace("{ family", "{ layout: n2uq, family")}
quantization: { method: n2uq, bits: 2 }
init: { weights: ./one.safetensors, strict: true }
training: { steps: 3, batchSize: 4 }
${data}`,
  folder: `
architecture: { family: stages, inputSize: 16, stem: { channels: 4, stride: 2 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: pact, bits: 2 }
data: { dataset: image-folder, root: ./one/images }
augmentation: { kind: random-resized-crop, scale: [0.2, 1] }
training: { steps: 3, batchSize: 4 }
engine: wasm`,
  shards: `
architecture: { family: stages, inputSize: 16, stem: { channels: 4, stride: 2 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: n2uq, bits: 2 }
data: { dataset: shards, root: ./tars, shards: { train: a.tar, test: b.tar } }
training: { steps: 3, batchSize: 4 }
engine: wasm`,
};

interface Attempt {
  readonly hash: string;
  readonly graph: string;
  readonly batches: string;
  /** Null where training ends in a coded error. */
  readonly trained: () => Promise<string | null>;
}

const folder = t.testdir();
const digest = (...parts: readonly (string | Uint8Array)[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};
let count = 0;

function sessionIn(runs: string) {
  return createSession({
    runs: join(folder, runs),
    models: join(folder, "models"),
    emit: () => {},
    signal: new AbortController().signal,
    fresh: new Set(),
  });
}

/** The hash of an experiment, or the code of its error, which must have a location. */
async function attempt(
  base: string,
  path: readonly (string | number)[],
  value: unknown,
): Promise<Attempt | string> {
  const file = join(folder, `${base}.yaml`);
  try {
    const project = await loadProject(folder);
    const set = [`${formatPath(path)}=${stringify(value, { collectionStyle: "flow" }).trim()}`];
    const found = await resolveFile(file, { cwd: folder, project, set });
    return await comesTo(found).catch((error: unknown) => {
      throw locateRunning(error, found.loaded.sources);
    });
  } catch (error) {
    const errors = error instanceof N2uqErrors ? error.errors : [error];
    for (const one of errors) {
      if (!(one instanceof N2uqError) || one.code === "N2UQ_INTERNAL") throw error;
      // What this machine lacks has no place in a file.
      if (one.location === undefined && one.exitCode !== 3)
        throw new Error(`${base}, ${formatPath(path)}: ${one.code} has no place: ${one.message}`);
    }
    return errors.map((one) => (one as N2uqError).code).join(" ");
  }
}

async function comesTo({ resolved, graph, hash }: ResolvedFile): Promise<Attempt> {
  const session = sessionIn("unused");
  const loaded = await session.dataset(resolved.data);
  const seen: Uint8Array[] = [];
  for (const request of [trainRequest(resolved, loaded), validationRequest(resolved)]) {
    let left = 3;
    for await (const { images, labels } of batches(loaded, request)) {
      seen.push(new Uint8Array(images.slice().buffer), new Uint8Array(labels.slice().buffer));
      left -= 1;
      if (left === 0) break;
    }
  }
  // Many values are those that their base has anyway.
  const trained = () => {
    const same = digest(JSON.stringify(resolved));
    const result = results.get(same) ?? train(resolved);
    results.set(same, result);
    return result;
  };
  const { decisions: _from, ...network } = graph;
  return { hash, graph: digest(JSON.stringify(network)), batches: digest(...seen), trained };
}

/** What has been trained, by all of the experiment that was. */
const results = new Map<string, Promise<string | null>>();

async function train(resolved: ResolvedFile["resolved"]): Promise<string | null> {
  count += 1;
  try {
    const { weights, best, final } = await trainExperiment(sessionIn(`runs${count}`), resolved);
    return JSON.stringify([weights, best, final]);
  } catch (error) {
    if (error instanceof N2uqError && error.code !== "N2UQ_INTERNAL") return null;
    throw error;
  }
}

async function images(seed: number): Promise<Buffer> {
  const next = stream(seed, "pixels");
  const small = Uint8Array.from({ length: 12 * 12 * 3 }, () => 256 * next());
  const pixels = sharp(small, { raw: { width: 12, height: 12, channels: 3 } });
  return pixels.resize(160, 160, { kernel: "cubic" }).jpeg().toBuffer();
}

t.before(async () => {
  const teacher = `
name: teacher
architecture: ${small.replace("{ family", "{ layout: n2uq, family")}
quantization: { method: none }
training: { steps: 3, batchSize: 4 }
${data}`;
  writeFileSync(join(folder, "n2uq.config.yaml"), "{}\n");
  writeFileSync(join(folder, "teacher.yaml"), teacher);
  writeFileSync(join(folder, "other-teacher.yaml"), teacher.replace("steps: 3", "steps: 4"));
  for (const [name, text] of Object.entries(bases)) {
    parse(text);
    writeFileSync(join(folder, `${name}.yaml`), `name: ${name}\n${text}`);
  }
  let seed = 0;
  for (const [root, classes] of [
    ["one", ["cat", "dog"]],
    ["two", ["car", "plane"]],
  ] as const) {
    for (const split of ["train", "val", "more"]) {
      for (const name of classes) {
        mkdirSync(join(folder, root, "images", split, name), { recursive: true });
        for (let i = 0; i < 6; i += 1)
          writeFileSync(join(folder, root, "images", split, name, `${i}.jpg`), await images(++seed));
      }
    }
  }
  mkdirSync(join(folder, "tars"));
  for (const name of ["a", "b"]) {
    const names: string[] = [];
    for (let i = 0; i < 12; i += 1) {
      const key = `${name}${String(i).padStart(2, "0")}`;
      writeFileSync(join(folder, "tars", `${key}.jpg`), await images(++seed));
      writeFileSync(join(folder, "tars", `${key}.cls`), String(i % 4));
      names.push(`${key}.cls`, `${key}.jpg`);
    }
    create({ cwd: join(folder, "tars"), file: join(folder, "tars", `${name}.tar`), sync: true }, names);
  }
  // Two weights files of the same network.
  const project = await loadProject(folder);
  for (const [name, from] of [
    ["one", "teacher"],
    ["two", "other-teacher"],
  ] as const) {
    const { resolved } = await resolveFile(join(folder, `${from}.yaml`), { cwd: folder, project });
    const session = sessionIn("weights");
    await trainExperiment(session, resolved);
    copyFileSync(directoryOf(session, resolved).best, join(folder, `${name}.safetensors`));
  }
});

t.test("every key of the schema has two values here", async (t) => {
  const keys = [...experimentPaths.map(formatPath), ...ITEMS];
  // Maps of a teacher's own network are those of the student's.
  const missing = keys.filter((key) => !(key in values) && !/^(extends$|teacher\.architecture)/.test(key));
  t.same(missing, []);
  t.same(
    Object.keys(values).filter((key) => !keys.includes(key)),
    [],
    "and none that the schema lacks",
  );
});

for (const base of Object.keys(bases)) {
  t.test(`${base}: every written key takes effect, is an error, or is in the list`, async (t) => {
    for (const [key, [one, other]] of Object.entries(values)) {
      const path = parsePath(key) ?? [];
      if (one === other) continue;
      const [a, b] = [await attempt(base, path, one), await attempt(base, path, other)];
      if (typeof a === "string" || typeof b === "string") continue;
      const cheap = a.graph !== b.graph || a.batches !== b.batches;
      const trained = cheap ? [] : [await a.trained(), await b.trained()];
      if (trained.includes(null)) continue;
      const changes = cheap || trained[0] !== trained[1];
      if (a.hash !== b.hash) t.ok(changes, `${key}: the hash changes, and so does a result`);
      else
        t.ok(!changes && decidesNoResult(path), `${key}: nothing changes, and the list says so (${changes})`);
    }
  });
}

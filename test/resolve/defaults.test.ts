import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { stringify } from "yaml";
import { resolveFile } from "../../runners/resolve.js";
import { loadProject } from "../../src/config/project.js";
import { N2uqError, N2uqErrors } from "../../src/errors.js";
import { experimentHash, isProvisional, recipeHash } from "../../src/resolve/hash.js";
import { toExperiment } from "../../src/resolve/toExperiment.js";
import type { ResolvedExperiment } from "../../src/resolve/types.js";

const data = "data: { dataset: synthetic, synthetic: { trainSize: 64, testSize: 16 } }";
const stages = "family: stages, inputSize: 8, stages: [{ block: basic, channels: 4, blocks: 1 }]";
const bases = {
  plain: `architecture: { ${stages} }\nquantization: { method: n2uq, bits: 2 }\n${data}\n`,
  lsq: `architecture: { ${stages} }\nquantization: { method: lsq, bits: 2 }\n${data}\n`,
  full: `architecture: { ${stages} }\nquantization: { method: none }\n${data}\n`,
  sgd: `architecture: { ${stages} }\nquantization: { method: lsq, bits: 3 }\ntraining: { optimizer: { kind: sgd } }\n${data}\n`,
  steps: `architecture: { ${stages} }\nquantization: { method: none }\ntraining: { schedule: { kind: step, milestones: [2, 5] } }\n${data}\n`,
  taught: `architecture: { ${stages} }\nquantization: { method: n2uq, bits: 2 }\nteacher: { experiment: ./full.yaml }\n${data}\n`,
  mixed: `architecture: { ${stages} }\nquantization: { method: n2uq, bits: 2 }\nteacher: { experiment: ./full.yaml }\ntraining: { loss: { kind: mixed } }\n${data}\n`,
  resnet: `architecture: { family: resnet, depth: 18 }\nquantization: { method: n2uq, bits: 2 }\ndata: { dataset: cifar10 }\naugmentation: { kind: pad-crop-flip }\n`,
  small: `architecture: { family: cifar-resnet, depth: 20 }\nquantization: { method: lsq, bits: 2 }\ndata: { dataset: cifar10 }\n`,
  crops: `architecture: { family: resnet, depth: 18 }\nquantization: { method: none }\ndata: { dataset: imagenet, root: ./images }\naugmentation: { kind: random-resized-crop }\n`,
  photographs: `architecture: { family: resnet, depth: 18 }\nquantization: { method: none }\ndata: { dataset: imagenet, root: ./images }\n`,
  mobile: `architecture: { family: mobilenet-v2 }\nquantization: { method: none }\ndata: { dataset: imagenet, root: ./images }\n`,
  grey: `architecture: { family: cifar-resnet, depth: 20 }\nquantization: { method: none }\ndata: { dataset: mnist }\naugmentation: { kind: random-resized-crop, size: 28 }\n`,
} as const;
type Base = keyof typeof bases;

const folder = t.testdir({ "n2uq.config.yaml": "{}\n" });
for (const [name, text] of Object.entries(bases))
  writeFileSync(join(folder, `${name}.yaml`), `name: x\n${text}`);

/** The experiment of a file in the folder, with these settings. */
async function resolved(
  file: string,
  set: readonly string[] = [],
  leavesOut = false,
): Promise<ResolvedExperiment> {
  const project = await loadProject(folder);
  const options = { cwd: folder, project, readsOnly: true, leavesOut, set: ["engine=wasm", ...set] };
  return (await resolveFile(join(folder, file), options)).resolved;
}

/** The recipe's hash of an experiment with these settings, or the codes of its errors. */
async function comesTo(base: Base | "written", set: readonly string[]): Promise<string> {
  try {
    return recipeHash(await resolved(`${base}.yaml`, set));
  } catch (error) {
    const errors = error instanceof N2uqErrors ? error.errors : [error];
    return errors.map((one) => (one instanceof N2uqError ? one.code : String(one))).join(" ");
  }
}

/** Settings, the values that they have where nothing is written, and others. */
const defaults: readonly (readonly [base: Base, key: string, usual: unknown, other: unknown])[] = [
  ["plain", "training.epochs", 128, 127],
  ["plain", "training.batchSize", 64, 32],
  ["resnet", "training.batchSize", 256, 255],
  ["plain", "training.seed", 0, 1],
  ["plain", "training.optimizer.kind", "adam", "sgd"],
  ["plain", "training.optimizer.lr", 1.25e-3, 1e-3],
  ["plain", "training.optimizer.weightDecay", 0, 1],
  ["plain", "training.optimizer.betas", "[0.9, 0.999]", "[0.9, 0.99]"],
  ["plain", "training.optimizer.epsilon", 1e-8, 1e-7],
  ["plain", "training.schedule.kind", "linear", "constant"],
  ["plain", "training.schedule.per", "step", "epoch"],
  ["plain", "training.schedule.warmupEpochs", 0, 1],
  ["sgd", "training.optimizer.lr", 0.1, 0.2],
  ["sgd", "training.optimizer.momentum", 0.9, 0.8],
  ["sgd", "training.optimizer.nesterov", false, true],
  ["steps", "training.schedule.gamma", 0.1, 0.2],
  ["steps", "training.schedule.milestones", "[2, 5]", "[2, 6]"],
  ["plain", "training.loss.kind", "cross-entropy", null],
  ["plain", "training.loss.labelSmoothing", 0, 0.1],
  ["taught", "training.loss.kind", "distillation", "mixed"],
  ["taught", "training.loss.temperature", 1, 2],
  ["mixed", "training.loss.temperature", 1, 2],
  ["mixed", "training.loss.labelSmoothing", 0, 0.1],
  ["mixed", "training.loss.distillationWeight", 0.5, 0.6],
  ["resnet", "augmentation.padding", 4, 5],
  ["resnet", "augmentation.horizontalFlip", true, false],
  ["photographs", "augmentation.kind", "random-resized-crop", "none"],
  ["crops", "augmentation.size", 224, null],
  ["crops", "augmentation.scale", "[0.08, 1]", "[0.1, 1]"],
  ["crops", "augmentation.ratio", `[${3 / 4}, ${4 / 3}]`, "[1, 1.2]"],
  ["crops", "augmentation.horizontalFlip", true, false],
  ["crops", "augmentation.validationResize", 256, 255],
  ["crops", "augmentation.decode", "exact", "scaled"],
  ["crops", "augmentation.colorJitter.brightness", 0, 1],
  ["crops", "augmentation.colorJitter.contrast", 0, 1],
  ["crops", "augmentation.colorJitter.saturation", 0, 1],
  ["small", "augmentation.kind", "none", "pad-crop-flip"],
  ["small", "architecture.width", 1, 2],
  ["resnet", "architecture.width", 1, 0.5],
  ["resnet", "architecture.layout", "n2uq", "torchvision"],
  ["small", "architecture.layout", "torchvision", "n2uq"],
  ["resnet", "architecture.inputSize", 32, 40],
  ["resnet", "architecture.classes", 10, 11],
  ["resnet", "architecture.inputChannels", 3, null],
  ["resnet", "architecture.stem.kernel", 3, 5],
  ["resnet", "architecture.stem.stride", 1, 2],
  ["resnet", "architecture.stem.pool", false, true],
  ["resnet", "architecture.stem.channels", 64, 32],
  ["crops", "architecture.stem.kernel", 7, 5],
  ["crops", "architecture.stem.stride", 2, 1],
  ["crops", "architecture.stem.pool", true, false],
  ["small", "architecture.stem.channels", 16, 8],
  ["mobile", "architecture.stem.channels", 32, 16],
  ["mobile", "architecture.stem.stride", 2, 1],
  ["mobile", "architecture.layout", "torchvision", null],
  ["plain", "architecture.stages[0].stride", 1, 2],
  ["plain", "quantization.downsample", true, null],
  ["plain", "quantization.bits.activations", 2, 3],
  ["plain", "init", null, null],
];

for (const [base, key, usual, other] of defaults) {
  t.test(`${base}: ${key} is ${usual} where nothing is written`, async (t) => {
    const wanted = await comesTo(base, []);
    t.match(wanted, /^[0-9a-f]{64}$/);
    t.equal(await comesTo(base, [`${key}=${usual}`]), wanted);
    if (other !== null) {
      const changed = await comesTo(base, [`${key}=${other}`]);
      t.match(changed, /^[0-9a-f]{64}$/);
      t.not(changed, wanted);
    }
  });
}

/** Synthetic images of one channel, of so many pixels a side. */
const square = (side: number) => [`data.synthetic.imageSize=[${side}, ${side}]`, "data.synthetic.channels=1"];
/** Synthetic images of so many channels, cropped at random. */
const cropped = (channels: number) => [
  ...[`data.synthetic.channels=${channels}`, "augmentation.kind=random-resized-crop", "augmentation.size=8"],
];
const SYNTHETIC = "N2UQ_RESOLVE_SYNTHETIC_SIZE";

/** Settings that must not go together, and the error that says so; none where the codes are empty. */
const together: readonly (readonly [base: Base, set: readonly string[], codes: string])[] = [
  ["plain", ["training.loss.kind=distillation"], "N2UQ_RESOLVE_NO_TEACHER"],
  ["taught", ["training.loss.kind=cross-entropy"], "N2UQ_RESOLVE_UNUSED_TEACHER"],
  ["taught", ["architecture.inputSize=16"], "N2UQ_RESOLVE_TEACHER_DIFFERS"],
  ["taught", ["architecture.classes=11"], "N2UQ_RESOLVE_TEACHER_DIFFERS"],
  ["plain", ["devices=2"], "N2UQ_RANKS_ENGINE"],
  ["plain", ["nodes=2"], "N2UQ_RANKS_ENGINE"],
  ["plain", ["devices=2", "engine=torch"], ""],
  ["plain", ["devices=4", "nodes=8", "engine=torch"], ""],
  ["plain", ["devices=3", "engine=torch"], "N2UQ_RANKS_BATCH"],
  ["plain", ["devices=64", "engine=torch"], "N2UQ_RANKS_BATCH"],
  ["plain", ["training.precision=bfloat16"], "N2UQ_ENGINE_PRECISION"],
  ["plain", ["training.precision=bfloat16", "engine=torch"], ""],
  ["sgd", ["training.optimizer.nesterov=true", "training.optimizer.momentum=0"], "N2UQ_RESOLVE_NO_EFFECT"],
  ["sgd", ["training.optimizer.nesterov=true", "training.optimizer.momentum=0.5"], ""],
  ["sgd", ["training.optimizer.nesterov=false", "training.optimizer.momentum=0"], ""],
  ["plain", ["training.epochs=1", "training.schedule.per=epoch"], "N2UQ_RESOLVE_ZERO_LR"],
  ["plain", ["training.epochs=2", "training.schedule.per=epoch"], ""],
  ["plain", ["training.epochs=1", "training.schedule.per=step"], ""],
  ["plain", ["training.steps=1", "training.schedule.per=epoch"], "N2UQ_RESOLVE_ZERO_LR"],
  ["plain", ["training.steps=2", "training.schedule.per=epoch"], ""],
  ["crops", ["augmentation.validationResize=223"], "N2UQ_RESOLVE_CROP"],
  ["crops", ["augmentation.validationResize=224"], ""],
  ["crops", ["augmentation.size=192", "architecture.inputSize=224"], "N2UQ_RESOLVE_CROP_SIZE"],
  ["plain", [...square(4096), "data.synthetic.trainSize=63", "data.synthetic.testSize=1"], ""],
  ["plain", [...square(4096), "data.synthetic.trainSize=64", "data.synthetic.testSize=1"], SYNTHETIC],
  ["resnet", ["architecture.classes=9"], "N2UQ_RESOLVE_CLASSES"],
  ["plain", [...cropped(1), "augmentation.colorJitter.saturation=0.5"], "N2UQ_RESOLVE_NO_EFFECT"],
  ["plain", [...cropped(2), "augmentation.colorJitter.saturation=0.5"], ""],
  ["resnet", ["architecture.inputChannels=1"], "N2UQ_DATA_CHANNELS"],
  ["grey", ["architecture.inputChannels=3"], ""],
];

t.test("conflicting settings are errors, reported together", async (t) => {
  for (const [base, set, codes] of together) {
    const found = await comesTo(base, set);
    t.match(found, codes === "" ? /^[0-9a-f]{64}$/ : new RegExp(`^${codes}$`), `${base}: ${set.join(", ")}`);
  }
  t.equal(
    await comesTo("plain", ["training.loss.kind=distillation", "devices=2", "training.precision=tf32"]),
    "N2UQ_RESOLVE_NO_TEACHER N2UQ_RANKS_ENGINE N2UQ_ENGINE_PRECISION",
  );
});

/** Experiments that lack a key, and that key. */
const incomplete: readonly (readonly [text: string, key: string])[] = [
  [`architecture: { ${stages} }`, "data"],
  [`architecture: { ${stages} }\ndata: { trainLimit: 8 }`, "data.dataset"],
  [data, "architecture"],
  [`architecture: { classes: 10 }\n${data}`, "architecture.family"],
  [`architecture: { ${stages} }\n${data}\nteacher: { architecture: { ${stages} } }`, "teacher.weights"],
  [`architecture: { ${stages} }\n${data}\nteacher: { weights: ./w.pt }`, "teacher.architecture"],
  [`architecture: { ${stages} }\n${data}\ninit: { strict: false }`, "init.weights"],
];

t.test("a missing key is an error that names it", async (t) => {
  for (const [text, key] of incomplete) {
    writeFileSync(join(folder, "incomplete.yaml"), `name: x\n${text}\n`);
    const error: unknown = await resolved("incomplete.yaml").catch((thrown: unknown) => thrown);
    const errors = error instanceof N2uqErrors ? error.errors : [error];
    t.match(errors, [{ code: "N2UQ_CONFIG_MISSING_KEY", message: new RegExp(`^${key} is missing`) }], key);
  }
});

t.test(
  "images of one class are refused; those of two are named after their folder unless told otherwise",
  async (t) => {
    const images = join(folder, "images-of-classes");
    const add = (name: string) => {
      for (const split of ["train", "val"]) {
        mkdirSync(join(images, split, name), { recursive: true });
        writeFileSync(join(images, split, name, "1.jpg"), "");
      }
    };
    const set = [
      `data={ dataset: image-folder, root: ${images} }`,
      "augmentation={ kind: random-resized-crop, size: 8 }",
    ];
    add("cat");
    t.equal(await comesTo("full", set), "N2UQ_DATA_ONE_CLASS");
    add("dog");
    t.match(await comesTo("full", set), /^[0-9a-f]{64}$/);
    t.match((await resolved("full.yaml", set)).data, { name: "images-of-classes" });
    t.match((await resolved("full.yaml", [...set, "data.name=other"])).data, { name: "other" });
  },
);

t.test("keys that decide no result leave the hash as it is", async (t) => {
  const wanted = await comesTo("plain", []);
  for (const set of [
    ...["name=other", "training.checkpoint.everySteps=3", "training.checkpoint.everyEpochs=2"],
    ...["training.maxLoss=50", "training.stopOnNaN=false"],
  ]) {
    t.equal(await comesTo("plain", [set]), wanted, set);
  }
});

t.test("ranks count where each has BatchNorm's statistics of its own part", async (t) => {
  const torch = (...set: string[]) => comesTo("plain", ["engine=torch", ...set]);
  const alone = await torch();
  t.equal(await torch("training.syncBatchNorm=true"), alone);
  t.equal(await torch("devices=2", "training.syncBatchNorm=true"), alone);
  const two = await torch("devices=2");
  t.not(two, alone);
  t.equal(await torch("nodes=2"), two, "wherever they are");
  t.not(await torch("devices=4"), two);
});

t.test("an experiment that says everything resolves to the same one", async (t) => {
  for (const base of Object.keys(bases)) {
    const first = await resolved(`${base}.yaml`);
    writeFileSync(join(folder, "again.yaml"), stringify(toExperiment(first, { teacher: "./full.yaml" })));
    const again = await resolved("again.yaml");
    t.same(again, first, base);
    t.equal(recipeHash(again), recipeHash(first), base);
    t.ok(Object.isFrozen(again) && Object.isFrozen(again.training.optimizer));
  }
});

/**
 * Rules for layers, each with its effect: another hash (""), the same hash if it states the default, or an
 * error.
 */
const rules: readonly (readonly [base: Base, rule: string, codes: string])[] = [
  ["lsq", "{ match: layer1.0.conv1, bits: 3 }", ""],
  ["lsq", "{ match: layer1.0.conv1, bits: { weights: 3 } }", ""],
  ["lsq", "{ match: layer1.0.conv1, bits: { activations: 3 } }", ""],
  ["lsq", "{ match: layer1.0.conv1, method: pact }", ""],
  ["lsq", "{ match: layer1.0.conv1, keep: true }", ""],
  ["lsq", "{ match: conv1, keep: false }", ""],
  ["lsq", "{ match: layer1.0.conv1, bits: 2 }", "as without it"],
  ["lsq", "{ match: layer1.0.conv1, method: lsq }", "as without it"],
  ["lsq", "{ match: layer1.0.conv1, keep: false }", "as without it"],
  ["lsq", "{ match: conv1, bits: 3 }", "N2UQ_RULE_WITHOUT_EFFECT"],
  ["lsq", "{ match: layer1.0.conv1, bits: 3, keep: true }", "N2UQ_RESOLVE_NO_EFFECT"],
  ["lsq", "{ match: layer9.conv1, bits: 3 }", "N2UQ_RULE_MATCHES_NOTHING"],
  ["full", "{ match: layer1.0.conv1, bits: 3 }", "N2UQ_RESOLVE_BITS_WITHOUT_METHOD"],
];

/** The result of a base whose file also has these keys of `quantization`. */
async function written(base: Base, keys: string): Promise<string> {
  const text = bases[base].replace("quantization: { ", `quantization: { ${keys}, `);
  writeFileSync(join(folder, "written.yaml"), `name: x\n${text}`);
  return comesTo("written", []);
}

t.test("a rule for layers takes effect or is an error", async (t) => {
  for (const [base, rule, codes] of rules) {
    const [found, without] = [await written(base, `layers: [${rule}]`), await comesTo(base, [])];
    const seen = found === without ? "as without it" : /^[0-9a-f]{64}$/.test(found) ? "" : found;
    t.equal(seen, codes, `${base}: ${rule}`);
  }
  const [three, two] = ["{ match: layer1.0.conv1, bits: 3 }", "{ match: layer1.0.*, bits: 2 }"];
  t.equal(
    await written("lsq", `layers: [${two}, ${three}]`),
    "N2UQ_RESOLVE_NO_EFFECT",
    "of two, the idle one",
  );
  t.equal(await written("lsq", "keep: [conv1, fc]"), "N2UQ_RESOLVE_NO_EFFECT", "what is kept anyway");
  t.not(await written("lsq", "keep: [conv1]"), await comesTo("lsq", []));
  t.equal(await written("lsq", "keep: [conv1, conv?, fc]"), "N2UQ_RESOLVE_NO_EFFECT");
});

t.test("a limit below the number of images counts, another one has no effect", async (t) => {
  for (const [key, size] of [
    ["trainLimit", 64],
    ["testLimit", 16],
  ] as const) {
    t.match(await comesTo("plain", [`data.${key}=${size - 1}`]), /^[0-9a-f]{64}$/);
    t.not(await comesTo("plain", [`data.${key}=${size - 1}`]), await comesTo("plain", []));
    t.equal(await comesTo("plain", [`data.${key}=${size}`]), "N2UQ_RESOLVE_NO_EFFECT");
  }
  t.equal(
    (await resolved("plain.yaml", ["data.trainLimit=32"])).training.batchSize,
    32,
    "nor is a batch larger",
  );
});

t.test("a hash covers the input files, and is provisional if they can't be read", async (t) => {
  const [plain, crops, taught] = await Promise.all(
    ["plain", "crops", "taught"].map((base) => resolved(`${base}.yaml`)),
  );
  t.equal(isProvisional(plain!), false);
  t.equal(isProvisional(crops!), true, "there are no such images");
  t.equal(isProvisional(taught!), false);
  const { teacher } = taught!;
  const by = (content: ResolvedExperiment["content"]) =>
    "experiment" in teacher!
      ? { ...taught!, teacher: { ...teacher, experiment: { ...teacher.experiment, content } } }
      : taught!;
  t.equal(isProvisional(by({ data: null })), true, "by way of its teacher");
  t.equal(experimentHash(taught!), recipeHash(taught!), "where all is known by its name");
  const [one, other] = [by({ data: "a" }), by({ data: "b" })];
  t.equal(recipeHash(one), recipeHash(taught!));
  t.equal(new Set([taught!, one, other].map(experimentHash)).size, 3);
  const contents = [{}, { data: "a" }, { data: "b" }, { init: "a" }];
  t.equal(new Set(contents.map((content) => experimentHash({ ...plain!, content }))).size, contents.length);
  const from = (weights: string) => recipeHash({ ...plain!, init: { weights, strict: true } });
  t.equal(from("/a/b.safetensors"), from("c.pth"), "a file's path tells nothing");
  t.not(from("torchvision:resnet18"), from("torchvision:resnet34"));
  t.not(from("torchvision:resnet18"), from("c.pth"));
  t.equal(from("C:/a.pth"), from("c.pth"), "a drive is no source");
});

t.test("globs and parameter groups without effect are errors, or dropped", async (t) => {
  const group = (match: string, lrScale: number) => `{ match: [${match}], lrScale: ${lrScale} }`;
  const groups = [group("fc.*", 2), group("fc.bias, conv1.weight", 3), group("fc.weight", 4)].join(", ");
  const text = bases.sgd.replace("kind: sgd", `kind: sgd, groups: [${groups}]`);
  writeFileSync(join(folder, "written.yaml"), `name: x\n${text}`);
  t.equal(await comesTo("written", []), "N2UQ_RESOLVE_NO_EFFECT N2UQ_RESOLVE_NO_EFFECT");
  const { optimizer } = (await resolved("written.yaml", [], true)).training;
  t.match(optimizer.groups, [
    { match: ["fc.*"], lrScale: 2 },
    { match: ["conv1.weight"], lrScale: 3 },
  ]);
  t.equal(optimizer.groups.length, 2);
  t.equal(
    await comesTo("sgd", [`training.optimizer.groups=[${group("nothing", 2)}]`]),
    "N2UQ_RULE_MATCHES_NO_PARAMETER",
  );
});

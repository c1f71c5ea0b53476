import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { formatError } from "../../src/config/format.js";
import { loadExperiment } from "../../src/config/load.js";
import { knownProfiles } from "../../src/config/profiles.js";
import { loadProject } from "../../src/config/project.js";
import { N2uqError, N2uqErrors } from "../../src/errors.js";
import { parsePath } from "../../src/schema/paths.js";

const head = "name: x\narchitecture: { family: resnet, depth: 18 }\ndata: { dataset: imagenet }\n";

/** The text of the error that loading a project ends in. */
async function projectError(cwd: string): Promise<string> {
  try {
    await loadProject(cwd);
  } catch (error) {
    if (error instanceof N2uqError || error instanceof N2uqErrors)
      return formatError(error, { color: false, cwd });
    throw error;
  }
  return "";
}

t.test("the highest layer that sets a key wins, and is named as its source", async (t) => {
  const layers = ["project", "base1", "base2", "file", "profile1", "profile2", "set"] as const;
  const folder = t.testdir({});
  const { writeFile } = await import("node:fs/promises");
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(layers.length - 1)), async (chosen) => {
      const seedOf = (layer: (typeof layers)[number]) => layers.indexOf(layer) + 1;
      const training = (layer: (typeof layers)[number]) =>
        chosen.includes(layers.indexOf(layer)) ? `training: { seed: ${seedOf(layer)} }\n` : "";
      const write = (name: string, text: string) => writeFile(join(folder, name), text);
      await write("n2uq.config.yaml", `defaults: { engine: cpu, ${training("project").trim()} }\n`);
      await write("base1.yaml", `quantization: { bits: 3 }\n${training("base1")}`);
      await write("base2.yaml", `quantization: { bits: 3 }\n${training("base2")}`);
      await write("profile1.yaml", `quantization: { bits: 3 }\n${training("profile1")}`);
      await write("profile2.yaml", `quantization: { bits: 3 }\n${training("profile2")}`);
      await write("x.yaml", `extends: [./base1.yaml, ./base2.yaml]\n${head}${training("file")}`);
      const { value, sources } = await loadExperiment("x.yaml", {
        cwd: folder,
        project: await loadProject(folder),
        profiles: ["profile1.yaml", "profile2.yaml"],
        set: training("set") === "" ? [] : [`seed=${seedOf("set")}`],
      });
      const highest = Math.max(-1, ...chosen);
      t.equal(value.training?.seed, highest + 1, `set by ${chosen.map((index) => layers[index])}`);
      const kinds = ["default", "project", "file", "file", "file", "profile", "profile", "set"];
      t.equal(sources.at(["training", "seed"]).kind, kinds[highest + 1]);
      if (chosen.includes(0)) t.equal(sources.at(["engine"]).label, "n2uq.config.yaml:1");
    }),
    { numRuns: 40 },
  );
});

t.test("every value has its origin", async (t) => {
  const cwd = t.testdir({
    bases: {
      "imagenet.yaml": "training:\n  batchSize: 5\n  optimizer:\n    lr: 0.1\ndata: { dataset: imagenet }\n",
    },
    "n2uq.config.yaml":
      "data:\n  imagenet: { root: ./images }\nprofiles:\n  quick:\n    training: { steps: 3 }\n",
    "x.yaml": `extends: ./bases/imagenet.yaml\n${head}quantization:\n  layers:\n    - { match: "layer1.*", bits: 4 }\n`,
  });
  const { value, sources, file } = await loadExperiment("x.yaml", {
    cwd,
    project: await loadProject(cwd),
    profiles: ["quick"],
    set: ["quantization.layers[0].bits=3", "lr=2e-3"],
  });
  t.equal(file, join(cwd, "x.yaml"));
  const label = (path: string) => sources.at(parsePath(path)!).label;
  t.equal(label("training.batchSize"), "bases/imagenet.yaml:2");
  t.equal(label("training.optimizer.lr"), "--set lr=2e-3");
  t.equal(label("training.steps"), "profile quick (n2uq.config.yaml:5)");
  t.equal(label("data.root"), "n2uq.config.yaml:2");
  t.equal(label("name"), "x.yaml:2");
  t.equal(label("quantization.layers[0].match"), "x.yaml:7");
  t.equal(label("quantization.layers[0].bits"), "--set quantization.layers[0].bits=3");
  t.equal(label("quantization.method"), "default");
  t.equal(label("architecture.depth.unknown"), "x.yaml:3", "the nearest ancestor's");
  t.match(sources.at(["training", "batchSize"]), {
    file: join(cwd, "bases", "imagenet.yaml"),
    line: 2,
    column: 14,
  });
  t.match(value.data, { root: join(cwd, "images") });
  t.equal(value.training?.optimizer?.lr, 0.002);
  t.equal("extends" in value, false);
});

t.test("maps merge, lists are replaced, and another alternative replaces its whole map", async (t) => {
  const cwd = t.testdir({
    "base.yaml": [
      "architecture: { family: resnet, depth: 18, width: 2, classes: 7 }",
      "data: { dataset: imagenet, root: ./images, trainLimit: 10 }",
      "quantization: { bits: 4, keep: [conv1, fc], regularizer: { kind: weight-norm, weight: 2 } }",
      "teacher: { architecture: { family: resnet, depth: 101 }, weights: torchvision:resnet101 }",
      "init: { weights: ./start.safetensors, strict: false }",
      "training: { epochs: 9, optimizer: { kind: sgd, momentum: 0.5, weightDecay: 0.1 } }",
    ].join("\n"),
    "teacher.yaml": head,
    "same.yaml": `name: same\nextends: base.yaml\n${[
      "architecture: { depth: 34 }",
      "quantization: { bits: { weights: 3 }, keep: [conv1] }",
      "training: { optimizer: { kind: sgd, lr: 0.2 } }",
    ].join("\n")}`,
    "other.yaml": `name: other\nextends: base.yaml\n${[
      "architecture: { family: mobilenet-v2 }",
      "data: { dataset: cifar10 }",
      "quantization: { regularizer: { kind: none } }",
      "teacher: { experiment: ./teacher.yaml }",
      "init: null",
      "training: { optimizer: { kind: adam } }",
    ].join("\n")}`,
  });
  const { value: same } = await loadExperiment("same.yaml", { cwd });
  t.match(same.architecture, { family: "resnet", depth: 34, width: 2, classes: 7 });
  t.same(same.quantization?.bits, { weights: 3, activations: 4 }, "one number spreads to the side not named");
  t.same(same.quantization?.keep, ["conv1"]);
  t.same(same.quantization?.regularizer, { kind: "weight-norm", weight: 2 });
  t.match(same.training, { epochs: 9, optimizer: { kind: "sgd", lr: 0.2, momentum: 0.5, weightDecay: 0.1 } });
  t.same(same.data, {
    maxPixels: 64_000_000,
    maxUnreadable: null,
    decodeThreads: null,
    dataset: "imagenet",
    root: join(cwd, "images"),
    splits: { train: "train", test: "val" },
    trainLimit: 10,
    testLimit: null,
  });
  t.same(same.init, { weights: join(cwd, "start.safetensors"), strict: false });
  t.equal(same.teacher?.weights, "torchvision:resnet101", "a named source is no path");

  const { value: other } = await loadExperiment("other.yaml", { cwd });
  t.same(other.architecture, { family: "mobilenet-v2", width: 1 });
  t.same(other.data, { dataset: "cifar10", trainLimit: null, testLimit: null });
  t.same(other.quantization?.regularizer, { kind: "none", weight: 1 });
  t.same(other.teacher, { experiment: join(cwd, "teacher.yaml") });
  t.equal(other.init, null);
  t.equal(other.quantization?.bits, 4);
  t.match(other.training, { epochs: 9, optimizer: { kind: "adam", weightDecay: 0, betas: [0.9, 0.999] } });
  t.notOk("momentum" in (other.training?.optimizer ?? {}));
});

t.test("steps replace the base's epochs and the reverse, but null replaces nothing", async (t) => {
  const cwd = t.testdir({
    "base.yaml": `${head}training: { epochs: 9 }\n`,
    "steps.yaml": "extends: base.yaml\ntraining: { steps: 5 }\n",
    "epochs.yaml": "extends: steps.yaml\ntraining: { epochs: 3 }\n",
    "null.yaml": "extends: base.yaml\ntraining: { steps: null }\n",
  });
  const lengthOf = async (file: string) => {
    const { epochs, steps } = (await loadExperiment(file, { cwd })).value.training ?? {};
    return [epochs ?? null, steps ?? null];
  };
  t.same(await lengthOf("base.yaml"), [9, null]);
  t.same((await lengthOf("steps.yaml"))[1], 5);
  t.same(await lengthOf("epochs.yaml"), [3, null]);
  t.same(await lengthOf("null.yaml"), [9, null]);
});

t.test("flags take short names, full paths and indices", async (t) => {
  const cwd = t.testdir({
    "x.yaml": `${head}quantization: { layers: [{ match: a, bits: 2 }, { match: b }] }\n`,
    "teacher.yaml": head,
  });
  const load = async (...set: string[]) => (await loadExperiment("x.yaml", { cwd, set })).value;
  t.same((await load("arch=cifar-resnet20")).architecture, { family: "cifar-resnet", depth: 20, width: 1 });
  t.same((await load("architecture={ family: mobilenet-v2 }")).architecture, {
    family: "mobilenet-v2",
    width: 1,
  });
  t.same((await load("bits={ weights: 3 }", "quantization.bits.weights=4")).quantization?.bits, {
    weights: 4,
  });
  t.same((await load("quantization.layers[1].bits.weights=5")).quantization?.layers, [
    { match: "a", bits: 2 },
    { match: "b", bits: { weights: 5 } },
  ]);
  t.equal((await load("name=2024")).name, "2024", "a string stays one");
  t.equal((await load("regularizer=none")).quantization?.regularizer?.kind, "none");
  t.equal((await load("downsample=false")).quantization?.downsample, false);
  t.same((await load("teacher.experiment=teacher.yaml")).teacher, { experiment: join(cwd, "teacher.yaml") });
  t.equal((await load("teacher.experiment=teacher.yaml", "teacher=null")).teacher, null);
  t.equal((await load("epochs=3", "epochs=4")).training?.epochs, 4, "the last one wins");
  t.equal(({} as Record<string, unknown>).polluted, undefined);
});

t.test("a project config is found in all its places", async (t) => {
  const body = { engine: "wasm", runs: "./out", experiment: "./x.yaml" };
  const places: Record<string, string> = {
    "n2uq.config.yaml": "engine: wasm\nruns: ./out\nexperiment: ./x.yaml\n",
    "n2uq.config.json": JSON.stringify(body),
    ".n2uqrc": JSON.stringify(body),
    ".n2uqrc.yaml": "engine: wasm\nruns: ./out\nexperiment: ./x.yaml\n",
    "n2uq.config.mjs": `export default ${JSON.stringify(body)};\n`,
    "package.json": JSON.stringify({ name: "y", n2uq: body }, null, "\t"),
  };
  for (const [name, text] of Object.entries(places)) {
    const folder = t.testdir({ "package.json": "{}", [name]: text, below: {} });
    const project = await loadProject(join(folder, "below"));
    t.equal(project.file, join(folder, name));
    t.equal(project.folder, folder);
    t.same(project.config, { ...body, runs: join(folder, "out"), experiment: join(folder, "x.yaml") }, name);
  }
  const bare = t.testdir({ "package.json": "{}" });
  const project = await loadProject(bare);
  t.equal(project.file, undefined);
  t.same(project.config, { runs: join(bare, "runs") });
});

t.test("a broken project config is reported with its line", async (t) => {
  const packaged = '{\n\t"name": "y",\n\t"n2uq": {\n\t\t"engin": "wasm"\n\t}\n}\n';
  t.equal(
    await projectError(t.testdir({ "package.json": packaged })),
    [
      'error[N2UQ_CONFIG_UNKNOWN_KEY]: unknown key "engin"',
      "  --> package.json:4:3",
      '  4 |   "engin": "wasm"',
      "    |   ^",
      "hint: Did you mean engine? Known keys: $schema, experiment, runs, data, plugins, engine, engines, defaults, profiles, slurm.",
    ].join("\n"),
  );
  const profiles = "profiles:\n  quick: { training: { step: 3 } }\n";
  t.match(
    await projectError(t.testdir({ "package.json": "{}", "n2uq.config.yaml": profiles })),
    "n2uq.config.yaml:2:24",
  );
  t.match(
    await projectError(t.testdir({ "package.json": "{}", "n2uq.config.mjs": "export default { runs: 3 }" })),
    "error[N2UQ_CONFIG_BAD_VALUE]: runs must be a string that is not empty; found 3\n  --> n2uq.config.mjs",
  );
  const throwing = "throw new Error('no such thing');";
  t.match(
    await projectError(t.testdir({ "package.json": "{}", "n2uq.config.js": throwing })),
    "the project config could not be loaded: no such thing",
  );
  t.match(
    await projectError(t.testdir({ "package.json": "{}", "n2uq.config.yaml": "- a\n" })),
    "n2uq.config.yaml:1:1",
  );
});

t.test("plug-ins that are no paths are faults of the config, not crashes", async (t) => {
  for (const plugins of ["[1]", '[""]', "[{ a: 1 }]", "[[x]]", "x", "{ a: 1 }", "[null]"]) {
    const folder = t.testdir({ "n2uq.config.yaml": `plugins: ${plugins}\n` });
    t.match(await projectError(folder), /^error\[N2UQ_CONFIG_[A-Z_]+\]: plugins/, plugins);
  }
});

t.test("profiles are found by name: config, project folder, package", async (t) => {
  const cwd = t.testdir({
    "x.yaml": head,
    "n2uq.config.yaml": "profiles:\n  long: ./long.yaml\n  both: { training: { epochs: 1 } }\n",
    "long.yaml": "training: { epochs: 99 }\n",
    experiments: { profiles: { "near.yaml": "extends: ../../long.yaml\ntraining: { seed: 4 }\n" } },
  });
  const project = await loadProject(cwd);
  const training = async (...profiles: string[]) =>
    (await loadExperiment("x.yaml", { cwd, project, profiles })).value.training;
  t.match(await training("long"), { epochs: 99 });
  t.match(await training("near"), { epochs: 99, seed: 4 }, "a profile may extend");
  t.match(await training("near", "both"), { epochs: 1, seed: 4 });
  t.match(await training("./long.yaml"), { epochs: 99 });
  t.match(new Set(knownProfiles(cwd, project)), new Set(["both", "long", "near"]));
});

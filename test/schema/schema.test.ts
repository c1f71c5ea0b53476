import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ValidateFunction } from "ajv";
import { Ajv } from "ajv";
import t from "tap";
import { fillDefaults } from "../../src/config/defaults.js";
import { fromValue, toValue } from "../../src/config/tree.js";
import { experimentPaths, formatPath, parsePath, shortNames } from "../../src/schema/paths.js";
import { configRoot, dereference, experimentRoot, schemaAt, sweepRoot } from "../../src/schema/roots.js";
import type { Schema } from "../../src/schema/schema.js";
import { validateComplete, validateConfig, validateExperiment } from "../../src/schema/validate.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Every property of a schema and its definitions, with the map that owns it. */
function* properties(
  schema: Schema,
  at: string,
): Generator<{ name: string; key: string; owner: Schema; own: Schema }> {
  for (const [key, own] of Object.entries(schema.properties ?? {})) {
    if (own === false) continue;
    yield { name: `${at}.${key}`, key, owner: schema, own };
    if (own.$ref === undefined) yield* properties(own, `${at}.${key}`);
  }
  for (const [name, part] of Object.entries(schema.definitions ?? {})) yield* properties(part, name);
}

const all = [
  ...properties(experimentRoot, "experiment"),
  ...properties(configRoot, "config"),
  ...properties(sweepRoot, "sweep"),
];

const definitions = {
  ...experimentRoot.definitions,
  ...configRoot.definitions,
  ...sweepRoot.definitions,
};
const compiled = new Map<Schema, ValidateFunction>();

/** A value under a key of a map, valid by the validator that editors use: ajv over the schema file as it is. */
function validates(owner: Schema, key: string, value: unknown): boolean {
  const { required: _required, allOf: _alternatives, ...alone } = owner;
  const ajv = () => new Ajv({ strict: false }).addSchema(experimentRoot);
  const validate = compiled.get(owner) ?? ajv().compile({ ...alone, $id: "alone", definitions });
  compiled.set(owner, validate);
  return validate({ [key]: value }) === true;
}

t.test("every property has a description, and its examples and default are valid", async (t) => {
  t.ok(all.length > 80, `${all.length} properties`);
  for (const { name, key, owner, own } of all) {
    t.ok(own.description?.endsWith("."), `${name} has a description of whole sentences`);
    t.ok(own.examples?.length, `${name} has examples`);
    for (const example of own.examples ?? []) t.ok(validates(owner, key, example), `${name}: example`);
    if (own.default !== undefined) t.ok(validates(owner, key, own.default), `${name}: default`);
  }
});

t.test("every map refuses unknown keys, and no alternative is a bare oneOf", async (t) => {
  const text = readFileSync(join(root, "schemas", "experiment.schema.json"), "utf8");
  t.notMatch(text, /"(oneOf|anyOf|not)":/);
  const maps = [
    experimentRoot,
    ...Object.values(experimentRoot.definitions ?? {}),
    ...all.map(({ own }) => own),
  ];
  for (const map of maps) {
    if (map.properties !== undefined)
      t.equal(map.additionalProperties, false, String(map.title ?? map.description));
  }
});

t.test("every key that belongs to some alternatives belongs to at least one", async (t) => {
  for (const map of Object.values(experimentRoot.definitions ?? {})) {
    const chosen = map["x-discriminator"];
    if (chosen === undefined) continue;
    const choices = (dereference(map.properties?.[chosen] || {}).enum ?? []).map(String);
    for (const { if: condition } of map.allOf ?? []) {
      t.ok(choices.includes(String(condition.properties?.[chosen]?.const)), `${map.title}: a known choice`);
    }
    for (const key of Object.keys(map.properties ?? {})) {
      const closed = (map.allOf ?? []).filter(({ then }) => then.properties?.[key] === false).length;
      t.ok(closed < choices.length, `${map.title}.${key}`);
    }
  }
});

t.test("short names stand for these paths", async (t) => {
  t.same(Object.fromEntries([...shortNames].map(([name, path]) => [name, formatPath(path)])), {
    arch: "architecture",
    method: "quantization.method",
    bits: "quantization.bits",
    weights: "quantization.bits.weights",
    activations: "quantization.bits.activations",
    downsample: "quantization.downsample",
    regularizer: "quantization.regularizer.kind",
    epochs: "training.epochs",
    lr: "training.optimizer.lr",
    seed: "training.seed",
    batch: "training.batchSize",
  });
  const shorthands = schemaAt(experimentRoot, ["architecture"])?.["x-shorthand"] ?? {};
  t.ok(Object.keys(shorthands).length >= 8);
  for (const [name, architecture] of Object.entries(shorthands)) {
    t.same(validateComplete({ name: "x", architecture, data: { dataset: "mnist" } }), [], name);
  }
});

t.test("paths are read back as they are written", async (t) => {
  for (const path of [...experimentPaths, ["quantization", "layers", 3, "bits"], ["a", 0, 1, "b"]]) {
    t.same(parsePath(formatPath(path)), path);
  }
  for (const text of ["", ".a", "a.", "a[", "a[x]", "a b", "a..b"]) t.equal(parsePath(text), undefined, text);
});

t.test("the smallest experiments, with all defaults, are valid and complete", async (t) => {
  const data = { dataset: "synthetic", synthetic: {} };
  const stages = [
    { block: "inverted-residual", channels: 8, blocks: 1 },
    { block: "basic", channels: 8, blocks: 1 },
  ];
  const augmentations = [{ kind: "none" }, { kind: "pad-crop-flip" }, { kind: "random-resized-crop" }];
  const schedules = [{ kind: "constant" }, { kind: "cosine" }, { kind: "step", milestones: [3] }, {}];
  const losses = [{ kind: "distillation" }, { kind: "cross-entropy" }, { kind: "mixed" }, {}];
  for (const [index, architecture] of [
    { family: "resnet", depth: 50 },
    { family: "cifar-resnet", depth: 20 },
    { family: "mobilenet-v2" },
    { family: "stages", stages },
  ].entries()) {
    const training = {
      schedule: schedules[index],
      loss: losses[index],
      optimizer: { kind: index % 2 ? "sgd" : "adam" },
    };
    const smallest = { name: "x", architecture, data, training, augmentation: augmentations[index % 3] };
    t.same(validateComplete(smallest), []);
    const filled = toValue(fillDefaults(fromValue(smallest, { kind: "file", label: "" }), experimentRoot));
    t.same(validateComplete(filled), [], architecture.family);
    t.match(filled, {
      ...smallest,
      engine: "auto",
      teacher: null,
      quantization: { bits: 2, method: "n2uq", regularizer: { kind: "entropy", weight: 1 } },
      data: { synthetic: { imageSize: [16, 16], trainSize: 512 } },
    });
  }
});

t.test("a mistake gives one fault, however many errors ajv reports", async (t) => {
  const mistakes: [unknown, string][] = [
    [{ architecture: { family: "stages", depth: 18 } }, "architecture.depth"],
    [{ architecture: { family: "resnet", depth: "deep" } }, "architecture.depth"],
    [{ quantization: { bits: { weights: 0 } } }, "quantization.bits.weights"],
    [{ quantization: { bits: [2, 2] } }, "quantization.bits"],
    [{ augmentation: { kind: "non", size: 3 } }, "augmentation.kind"],
    [{ training: { loss: { kind: "distillation", labelSmoothing: 7 } } }, "training.loss.labelSmoothing"],
    [{ teacher: { experiment: "a", weights: "b" } }, "teacher.weights"],
    [{ data: { dataset: "synthetic", root: "x" } }, "data.root"],
    [{ training: { batchSize: Number.NaN } }, "training.batchSize"],
  ];
  for (const [value, path] of mistakes) {
    const faults = validateExperiment(value);
    t.equal(faults.length, 1, `${path}: ${faults.map((fault) => fault.message).join("; ")}`);
    t.equal(formatPath(faults[0]!.path), path);
    t.match(faults[0]!.message, path);
    t.ok(faults[0]!.hint);
  }
});

t.test("a project config is validated with its defaults and inline profiles", async (t) => {
  t.same(validateConfig({ runs: "r", profiles: { a: "a.yaml", b: { training: { steps: 3 } } } }), []);
  const faults = validateConfig({
    defaults: { nam: "x" },
    profiles: { quick: { training: { step: 3 } }, "a/b": "x.yaml", none: 3 },
  });
  t.same(faults.map((fault) => formatPath(fault.path)).sort(), [
    "defaults.nam",
    "profiles.a/b",
    "profiles.none",
    "profiles.quick.training.step",
  ]);
});

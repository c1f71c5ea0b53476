import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { type Experiment, N2uqErrors, plan, sweep, train } from "../../index.js";
import { usePlugins } from "../../runners/project.js";
import { rankCommand } from "../../runners/ranks/process.js";
import { batchScript } from "../../runners/slurm/script.js";
import { loadedPlugins, pluginArguments } from "../../src/plugins/loaded.js";
import { experimentPaths } from "../../src/schema/paths.js";
import { command, n2uq, root } from "../helpers/cli.js";
import { failure } from "../helpers/failure.js";

const everything = join(root, "test", "fixtures", "plugins", "everything.js");

const plain: Experiment = {
  name: "plain",
  architecture: {
    family: "stages",
    stem: { kernel: 3, stride: 2, channels: 4 },
    stages: [{ block: "basic", channels: 4, blocks: 1 }],
  },
  quantization: { method: "lsq", bits: 2 },
  data: { dataset: "synthetic", trainLimit: 32, testLimit: 16 },
  training: { epochs: 1, batchSize: 16 },
};

/** Of every table a part of the plug-in. */
const whole = {
  name: "whole",
  architecture: { family: "pair", channels: 5 },
  quantization: { method: "sign", bits: 1 },
  data: { dataset: "halves", images: 64 },
  training: {
    ...{ epochs: 4, batchSize: 16 },
    optimizer: { kind: "sign-sgd", lr: 0.02 },
    schedule: { kind: "fading", rate: 0.9 },
    loss: { kind: "brier", scale: 2 },
  },
} as unknown as Experiment;

const quantizer = (name: string, more = "") =>
  `{ table: "quantizers", fragment: { description: "One." ${more} }, part: { name: "${name}", reference: "none",
    activation: { parameters() {}, forward() {}, backward() {}, curve() {} },
    weight: { parameters() {}, forward() {}, backward() {}, levels() {} } } }`;
const plugin = (parts: string, name = "one") => `export default { name: "${name}", parts: [${parts}] };`;
const option = (key: string, schema: string) => `, properties: { ${key}: ${schema} }`;

test("an invalid plug-in is an error with its file, and none of its parts is added", async (t) => {
  const before = experimentPaths.length;
  for (const [text, code, words] of [
    ["export default 1 +;", "N2UQ_PLUGIN_LOAD", /Unexpected token/],
    ['import "n2uq-not-here"; export default {};', "N2UQ_PLUGIN_LOAD", /Cannot find package/],
    ["export const a = 1;", "N2UQ_PLUGIN_INVALID", /default export is missing/],
    ["export default () => ({});", "N2UQ_PLUGIN_INVALID", /default export is/],
    [plugin(quantizer("x"), "My Plugin"), "N2UQ_PLUGIN_INVALID", /its name is "My Plugin"/],
    [plugin(""), "N2UQ_PLUGIN_INVALID", /not a list with at least one part/],
    [plugin('{ table: "engines" }'), "N2UQ_PLUGIN_INVALID", /table is "engines"; tables: quantizers, models/],
    [
      plugin('{ table: "schedules", part: { name: "x", reference: "" }, fragment: {} }'),
      "N2UQ_PLUGIN_INVALID",
      /x lacks factor\(\)/,
    ],
    [
      plugin(quantizer("x").replace("curve() {}", "")),
      "N2UQ_PLUGIN_INVALID",
      /x lacks activation\.curve\(\)/,
    ],
    [plugin(quantizer("x").replace('"One."', '""')), "N2UQ_PLUGIN_INVALID", /no description/],
    [
      plugin(quantizer("x", option("size", '{ type: "number", examples: [1] }'))),
      "N2UQ_PLUGIN_INVALID",
      /size has no description/,
    ],
    [
      plugin(quantizer("x", option("size", '{ type: "number", description: "Size." }'))),
      "N2UQ_PLUGIN_INVALID",
      /size has no examples/,
    ],
    [
      plugin(quantizer("x", option("keep", '{ description: "Kept.", examples: [1] }'))),
      "N2UQ_PLUGIN_INVALID",
      /keep exists in every part/,
    ],
    [
      plugin(quantizer("x", option("regularizer", '{ description: "R.", examples: [1] }'))),
      "N2UQ_PLUGIN_INVALID",
      /regularizer means something else for n2uq/,
    ],
    [
      plugin(quantizer("x", option("size", '{ type: "wrong", description: "S.", examples: [1] }'))),
      "N2UQ_PLUGIN_INVALID",
      /a fragment is not a JSON Schema/,
    ],
    [
      plugin(
        '{ table: "optimizers", part: { name: "x", reference: "", moments: [], update() {} }, fragment: { description: "X." } }',
      ),
      "N2UQ_PLUGIN_INVALID",
      /lacks the options lr and weightDecay/,
    ],
    [plugin(quantizer("lsq")), "N2UQ_PLUGIN_CLASH", /lsq to the quantizers, but n2uq itself/],
    [plugin(quantizer("none")), "N2UQ_PLUGIN_CLASH", /none to the quantizers, but n2uq itself/],
    [plugin(`${quantizer("x")}, ${quantizer("x")}`), "N2UQ_PLUGIN_CLASH", /the same plug-in already has/],
  ] as const) {
    const file = join(t.testdir({ "one.mjs": text }), "one.mjs");
    const error = await failure(usePlugins([`${file}`]));
    t.equal(error.code, code, text);
    t.match(error.message, words);
    t.match([error.message, error.location?.file].join(), /one/);
    t.ok(error.hint);
  }
  for (const [file, words] of [
    ["/dev/zero", "it is not a regular file"],
    [t.testdir(), "it is a folder"],
  ] as const) {
    const error = await failure(usePlugins([file]));
    t.equal(error.code, "N2UQ_PLUGIN_LOAD", file);
    t.match(error.message, words);
  }
  const missing = await failure(usePlugins(["/nowhere/one.mjs"]));
  t.equal(missing.code, "N2UQ_CONFIG_FILE_MISSING");
  t.same([loadedPlugins(), experimentPaths.length], [[], before]);
});

test("a plug-in adds a part to each table, and other experiments keep their hashes", async (t) => {
  const cwd = t.testdir({ "package.json": "{}" });
  const { hash } = await plan(plain, { cwd });
  const unknown = await failure(plan(whole, { cwd }));
  t.ok(unknown instanceof N2uqErrors);
  t.match(unknown.message, /architecture\.family must be one of .*"pair"/);

  const run = await train(whole, { cwd, plugins: [everything] });
  const sha256 = createHash("sha256").update(readFileSync(everything)).digest("hex");
  t.same(run.record.environment.plugins, [{ name: "everything", sha256 }]);
  t.same(
    run.experiment.plugins,
    Object.fromEntries(
      [
        ...["quantizers/sign", "models/pair", "datasets/halves"],
        ...["optimizers/sign-sgd", "schedules/fading", "losses/brier"],
      ].map((part) => [part, sha256]),
    ),
  );
  t.same([run.record.method, run.record.architecture, run.record.steps], ["sign", "pair", 16]);
  t.equal(run.record.best.top1, 100, "black and white are told apart");
  t.match(readFileSync(join(run.directory, "resolved.yaml"), "utf8"), "# plug-ins quantizers/sign");

  const after = await plan(plain, { cwd });
  t.same([after.hash, after.experiment.plugins], [hash, undefined]);
  const ruled = { method: "lsq", bits: 2, layers: [{ match: "layer1.0.conv1", method: "sign" }] };
  const { experiment } = await plan({ ...plain, quantization: ruled } as unknown as Experiment, { cwd });
  t.same(experiment.plugins, { "quantizers/sign": sha256 });

  const faults = await failure(plan(whole, { cwd, set: ["architecture.channels=0"] }));
  t.match(faults.message, /architecture\.channels must be .*found 0/);
  await usePlugins([everything]);
  t.equal(loadedPlugins().length, 1, "each file once");
});

test("processes that n2uq starts load the same plug-ins", async (t) => {
  t.same(pluginArguments(), ["--plugin", everything]);
  const folders = { runs: "/runs", models: "/models", list: "/list", journals: "/journals" };
  t.match(batchScript({ ...folders, retries: 1, setup: [] }), `'/models' '--plugin' '${everything}' &`);
  const run = { directory: "/runs/a", models: "/models", world: 2, meeting: "file:/meet", threads: 1 };
  t.same(rankCommand({ ...run, onWarning: () => {} }).slice(-2), ["--plugin", everything]);
  const rank = [
    "rank",
    "/runs/a",
    "--models",
    "/m",
    "--world",
    "2",
    "--meeting",
    "file:/meet",
    "--rank",
    "1",
  ];
  const child = fork(command, [...rank, "--plugin", "/nowhere/one.mjs"], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const [told] = await once(child, "message");
  t.equal(told.code, "N2UQ_CONFIG_FILE_MISSING", "a rank loads them before its run");
  const cwd = t.testdir({ "package.json": "{}" });
  const { cells } = await sweep(
    { base: whole, grid: { "training.loss.scale": [1, 3] } },
    { cwd, jobs: 2, retries: 0 },
  );
  t.same(
    cells.map(({ status }) => [status.state, status.failure]),
    [
      ["done", undefined],
      ["done", undefined],
    ],
  );
});

/** A schedule, whose factor is this code, and a data set of eight images with these facts. */
const project = (factor: string, facts: string) => ({
  "n2uq.config.yaml": "plugins: [./own.js]\n",
  "package.json": '{ "type": "module" }',
  "own.js": `const info = { name: "tiny", classes: 2, imageSize: [8, 8], channels: 1, mean: [0.5], std: [0.5], ...${facts} };
const split = () => ({ kind: "memory", length: 8, images: new Uint8Array(512), labels: Uint8Array.from([0, 1, 0, 1, 0, 1, 0, 1]) });
export default { name: "own", parts: [
  { table: "schedules", fragment: { description: "Own." }, part: { name: "own", reference: "none",
    factor(options) { ${factor} } } },
  { table: "datasets", fragment: { description: "Tiny." }, part: {
    name: "tiny", summary: "tiny", storage: "memory", identity: "name", isPublished: false,
    info: () => info, sizes: () => ({ trainSize: 8, testSize: 8 }), load: async () => ({ info, train: split(), test: split() }) } },
] };
`,
  "a.yaml": `name: a
architecture: { family: stages, stem: { kernel: 3, stride: 1, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: none }
data: { dataset: tiny }
training: { epochs: 1, batchSize: 4, schedule: { kind: own } }
`,
});

test("an error in a plug-in's code names the plug-in and the line; wrong facts are errors", async (t) => {
  for (const [name, factor, facts, code, words] of [
    ["works", "return 1;", "{}", "", /top-1/],
    [
      "throws",
      "return options.rate.of;",
      "{}",
      "N2UQ_PLUGIN_FAILED",
      /own failed: TypeError.*own\.js:5:\d+/s,
    ],
    [
      "std",
      "return 1;",
      "{ std: undefined, deviation: [1] }",
      "N2UQ_PLUGIN_INVALID",
      /returns std undefined/,
    ],
    ["classes", "return 1;", "{ classes: 1.5 }", "N2UQ_PLUGIN_INVALID", /returns classes 1\.5/],
    [
      "channels",
      "return 1;",
      "{ channels: 2 }",
      "N2UQ_PLUGIN_INVALID",
      /returns mean .*one number for each channel/,
    ],
    ["pixels", "return 1;", "{ imageSize: [8, 9] }", "N2UQ_PLUGIN_INVALID", /train.*Uint8Array of 576/],
  ] as const) {
    const cwd = t.testdir(project(factor, facts));
    const found = await n2uq(["run", "a.yaml", "--engine", "wasm"], cwd);
    const text = found.stdout + found.stderr;
    t.equal(found.code === 0, code === "", `${name}: ${text}`);
    t.match(text, new RegExp(code), name);
    t.match(text, words, name);
    t.notMatch(text, /N2UQ_INTERNAL|node:internal/, name);
  }
});

test("an object is checked as a file is", async (t) => {
  const cwd = t.testdir({
    "package.json": "{}",
    "base.yaml": "training: { batchSize: 8 }\n",
    "n2uq.config.yaml": "defaults: { training: { seed: 7 } }\n",
  });
  const built = await plan({ ...plain, extends: "./base.yaml", training: { epochs: 2 } }, { cwd });
  t.same(
    [built.experiment.training.batchSize, built.experiment.training.seed, built.experiment.training.epochs],
    [8, 7, 2],
  );
  const mistake = await failure(plan({ ...plain, training: { epochs: -1 } }, { cwd }));
  t.match(mistake.message, /training\.epochs must be .*found -1/);
  for (const [value, code, words] of [
    [
      { ...plain, name: () => "x" },
      "N2UQ_CONFIG_OBJECT",
      /experiment object is not plain JSON: name is a function/,
    ],
    [{ ...plain, training: { epochs: Number.NaN } }, "N2UQ_CONFIG_OBJECT", /training\.epochs is NaN/],
    [{ base: "a.yaml", grid: {} }, "N2UQ_CONFIG_OTHER_KIND", /experiment object is a sweep/],
  ] as const) {
    const error = await failure(plan(value as unknown as Experiment, { cwd }));
    t.equal(error.code, code);
    t.match(error.message, words);
  }
});

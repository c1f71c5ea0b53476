import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import t from "tap";
import { withoutEffect } from "../../runners/withoutEffect.js";
import { formatError } from "../../src/config/format.js";
import { type LoadOptions, loadExperiment } from "../../src/config/load.js";
import { locate } from "../../src/config/locate.js";
import { quantizers } from "../../src/core/quantizers.js";
import { N2uqError, N2uqErrors } from "../../src/errors.js";
import { buildGraph } from "../../src/models/models.js";
import { knownModels } from "../../src/models/network.js";
import { resolveExperiment } from "../../src/resolve/resolve.js";

const broken = join(dirname(fileURLToPath(import.meta.url)), "..", "fixtures", "broken");
const facts = { classes: 10, imageSize: [32, 32], channels: 3 } as const;

/** Everything that happens to an experiment before it touches data or an engine. */
async function check(file: string, options: LoadOptions = {}): Promise<N2uqError | N2uqErrors> {
  try {
    const loaded = await loadExperiment(file, { cwd: broken, ...options });
    const { value, sources } = loaded;
    try {
      const resolution = resolveExperiment(value, {
        facts,
        engine: "cpu",
        models: knownModels(quantizers),
        content: {},
      });
      withoutEffect(loaded, resolution);
      buildGraph(resolution.resolved.architecture, resolution.resolved.quantization, quantizers);
    } catch (error) {
      throw error instanceof N2uqError ? locate(error, sources) : error;
    }
  } catch (error) {
    if (error instanceof N2uqError || error instanceof N2uqErrors) return error;
    throw error;
  }
  throw new Error(`${file} is not broken`);
}

const files = readdirSync(broken).filter((name) => name.endsWith(".yaml"));

t.test("every broken file has its expected text, and every text its file", async (t) => {
  const texts = readdirSync(broken).filter((name) => name.endsWith(".txt"));
  t.same(
    texts.map((name) => name.replace(".txt", ".yaml")),
    files,
  );
  t.ok(files.length >= 40, `${files.length} broken files`);
});

for (const file of files) {
  t.test(file, async (t) => {
    const error = await check(file);
    const text = formatError(error, { color: false, cwd: broken });
    const expected = join(broken, file.replace(".yaml", ".txt"));
    if (process.env.N2UQ_WRITE_EXPECTED === "1") writeFileSync(expected, `${text}\n`);
    t.equal(`${text}\n`, readFileSync(expected, "utf8"));
    t.equal(error.exitCode, 2);
    for (const one of error instanceof N2uqErrors ? error.errors : [error]) {
      t.ok(one.location?.line && one.location.column, "has a line and a column");
      t.ok(one.hint, "has a hint");
      const lines = readFileSync(one.location?.file ?? "", "utf8").split("\n");
      t.equal(one.location?.text, lines[(one.location?.line ?? 0) - 1], "shows the line it names");
      t.match(text, new RegExp(`--> [^ ]+\\.yaml:${one.location?.line}:${one.location?.column}\n`));
    }
    t.notMatch(text, /^\s+at /m, "no stack trace");
  });
}

const plain = "rule-without-match.yaml";

t.test("a missing file, and one that is too large", async (t) => {
  const shown = async (file: string, cwd = broken) =>
    formatError(await check(file, { cwd }), { color: false, cwd });
  t.equal(
    await shown("epochs-negativ.yaml"),
    [
      "error[N2UQ_CONFIG_FILE_MISSING]: there is no file epochs-negativ.yaml",
      "  --> epochs-negativ.yaml",
      "hint: Did you mean epochs-negative.yaml?",
    ].join("\n"),
  );
  const cwd = t.testdir({ "large.yaml": `name: ${"x".repeat(1 << 20)}\n` });
  t.equal(
    await shown("large.yaml", cwd),
    [
      "error[N2UQ_CONFIG_FILE_TOO_LARGE]: the file has 1048583 bytes; at most 1048576 are allowed",
      "  --> large.yaml:1:1",
      "hint: An experiment has a few kilobytes. Check that this is the right file.",
    ].join("\n"),
  );
});

t.test("flags are faulted where they stand", async (t) => {
  const cwd = t.testdir({
    "good.yaml": "name: good\narchitecture: { family: resnet, depth: 18 }\ndata: { dataset: mnist }\n",
    experiments: { profiles: { "smoke.yaml": "training: { steps: 3 }\n" } },
  });
  const shown = async (options: LoadOptions) =>
    formatError(await check("good.yaml", { cwd, ...options }), { color: false, cwd }).split("\n");
  t.same(await shown({ set: ["bitz=2"] }), [
    "error[N2UQ_CONFIG_UNKNOWN_KEY]: unknown path bitz in --set",
    "  --> --set",
    "   | bitz=2",
    "   | ^",
    "hint: Did you mean bits? Short names: arch, method, bits, downsample, epochs, batch, seed, weights, activations, regularizer, lr.",
  ]);
  t.same(await shown({ set: ["training.epochs=-1"] }), [
    "error[N2UQ_CONFIG_BAD_VALUE]: training.epochs must be an integer from 1 to 1000000; found -1",
    "  --> --set",
    "   | training.epochs=-1",
    "   |                 ^",
    "hint: Number of epochs: iterations over the training images. For example `epochs: 128`.",
  ]);
  t.match(
    (await shown({ set: ["arch=resnet19"] })).at(-1),
    "Write `architecture: { family: resnet, depth: 18 }`.",
  );
  t.match((await shown({ set: ["epochs"] }))[0], "--set epochs: there is no `path=` before the value");
  t.match((await shown({ set: ["epochs=[1"] }))[0], "--set epochs=[1: invalid YAML");
  t.match((await shown({ set: ["quantization.layers[0].bits=3"] }))[0], "the list has 0 entries");
  t.match((await shown({ set: ["extends=other.yaml"] }))[0], "extends is allowed only in files");
  t.match((await shown({ set: ["__proto__.polluted=1"] }))[0], "unknown path __proto__.polluted");
  t.match((await shown({ set: ["teacher.experiment=none.yaml"] }))[0], "there is no file none.yaml");
  t.match((await shown({ profiles: ["smok"] })).slice(0, 4), [
    "error[N2UQ_CONFIG_UNKNOWN_PROFILE]: there is no profile smok",
    "  --> --profile",
  ]);
  t.match((await shown({ profiles: ["smok"] })).at(-1), /Did you mean smoke\? Known profiles: .*smoke/);
});

t.test("color is optional, and control characters never reach the terminal", async (t) => {
  t.match(formatError(await check(plain), { color: true, cwd: broken }), "\u001b[31;1merror[");
  const cwd = t.testdir({ "x.yaml": 'name: "a\\u001b[2J"\n\u0007odd: 1\n' });
  const text = formatError(await check("x.yaml", { cwd }), { color: false, cwd });
  t.notMatch(text.replaceAll("\n", ""), /\p{Cc}/u);
});

t.test("hostile files are rejected before they use memory or time", async (t) => {
  const levels = [..."abcdefghijklmnopqrstuvwxyz"];
  const bomb = levels.map((level, index) => {
    const of = levels[index - 1];
    return `${level}: &${level} [${Array.from({ length: 9 }, () => (of === undefined ? "x" : `*${of}`)).join(", ")}]`;
  });
  const cwd = t.testdir({
    "bomb.yaml": bomb.join("\n"),
    "brackets.yaml": `a: ${"[".repeat(500_000)}`,
    "dashes.yaml": "- ".repeat(500_000),
    "questions.yaml": "? ".repeat(500_000),
    "keys.yaml": Array.from({ length: 50_000 }, (_, index) => `k${index}: 1`).join("\n"),
  });
  const codeOf = async (file: string) => {
    const error = await check(file, { cwd });
    return error instanceof N2uqErrors ? error.errors[0]?.code : error.code;
  };
  // Without its bound each of these takes gigabytes or hours, so that returning at all is the test.
  const start = performance.now();
  t.equal(await codeOf("bomb.yaml"), "N2UQ_CONFIG_ALIASES");
  t.equal(await codeOf("brackets.yaml"), "N2UQ_CONFIG_DEPTH");
  t.equal(await codeOf("dashes.yaml"), "N2UQ_CONFIG_DEPTH");
  t.equal(await codeOf("questions.yaml"), "N2UQ_CONFIG_DEPTH");
  t.equal(await codeOf("keys.yaml"), "N2UQ_CONFIG_ALIASES");
  t.comment(`refused in ${Math.round(performance.now() - start)} ms`);
});

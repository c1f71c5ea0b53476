import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import t from "tap";
import { n2uq, root } from "../helpers/cli.js";

/** What no user may see. */
const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;
const network =
  "{ family: stages, stem: { channels: 4 }, stages: [{ block: basic, channels: 8, blocks: 1 }] }";
const data =
  "data: { dataset: synthetic, synthetic: { classes: 4, imageSize: [8, 8], trainSize: 64, testSize: 8 } }";
const tiny = `name: tiny
architecture: ${network}
quantization: { method: n2uq, bits: 2 }
${data}
training: { steps: 4, batchSize: 16 }
engine: wasm
`;

async function refused(
  t: Test,
  folder: string,
  args: readonly string[],
  code: string,
  place: RegExp,
  words: RegExp,
) {
  const { code: exit, stdout, stderr } = await n2uq(args, folder);
  t.equal(exit, 2, stdout + stderr);
  t.match(stderr, `error[${code}]`);
  t.match(stderr, place);
  t.match(stderr, words);
  t.notMatch(stdout + stderr, crash);
}

t.test("A1: a setting without effect is an error at its place", async (t) => {
  const folder = t.testdir({
    "lsq.yaml": tiny.replace("method: n2uq, bits: 2", "method: lsq, regularizer: { kind: none }"),
    "none.yaml": tiny.replace("method: n2uq, bits: 2", "method: none, bits: 3"),
    "mobile.yaml": tiny
      .replace(network, "{ family: mobilenet-v2, inputSize: 32 }")
      .replace("bits: 2", "bits: 2, downsample: false"),
    "both.yaml": tiny.replace("steps: 4", "steps: 4, epochs: 3"),
  });
  const place = (line: number) => new RegExp(`--> \\w+\\.yaml:${line}:\\d+`);
  await refused(
    t,
    folder,
    ["plan", "lsq.yaml"],
    "N2UQ_RESOLVE_NO_EFFECT",
    place(3),
    /regularizer.* no effect with method lsq/,
  );
  await refused(
    t,
    folder,
    ["plan", "none.yaml"],
    "N2UQ_RESOLVE_NO_EFFECT",
    place(3),
    /bits.* no effect with method none/,
  );
  await refused(
    t,
    folder,
    ["plan", "mobile.yaml"],
    "N2UQ_RESOLVE_NO_EFFECT",
    place(3),
    /downsample.* no effect/,
  );
  await refused(
    t,
    folder,
    ["plan", "both.yaml"],
    "N2UQ_RESOLVE_NO_EFFECT",
    place(5),
    /epochs.* no effect with training.steps/,
  );
});

t.test("A1: an axis without effect is dropped there and said once", async (t) => {
  const folder = t.testdir({ "tiny.yaml": tiny });
  const grid = ["--grid", "method=n2uq,none", "--grid", "bits=2,3,4"];
  const { code, stdout, stderr } = await n2uq(["sweep", "tiny.yaml", ...grid, "--dry-run", "--json"], folder);
  t.equal(code, 0, stderr);
  const { cells = [], notes = [] } = JSON.parse(stdout);
  t.equal(cells.length, 4, "three widths, and full precision once");
  t.same(notes.filter((note: string) => /bits.*no effect with method none/.test(note)).length, 1);
  await refused(
    t,
    folder,
    ["sweep", "tiny.yaml", "--set", "method=lsq", "--grid", "regularizer=none,entropy", "--dry-run"],
    "N2UQ_SWEEP_IDLE_AXIS",
    /--grid/,
    /regularizer/,
  );
});

t.test("A1: the hash covers what takes effect, however it is written", async (t) => {
  const rule = "bits: 2, layers: [{ match: layer1.0.conv1, bits: 2 }]";
  const folder = t.testdir({ "tiny.yaml": tiny, "rule.yaml": tiny.replace("bits: 2", rule) });
  const hashOf = async (...args: string[]) =>
    JSON.parse((await n2uq(["plan", ...args, "--json"], folder)).stdout).hash;
  const own = await hashOf("tiny.yaml");
  t.equal(await hashOf("rule.yaml"), own, "a rule that says what holds anyway");
  t.equal(await hashOf("tiny.yaml", "--set", "training.stopOnNaN=false"), own, "what decides no result");
  t.not(await hashOf("tiny.yaml", "--set", "bits=3"), own);
});

t.test("A2: a glob that matches nothing is an error that names close names", async (t) => {
  const groups = (...globs: string[]) =>
    tiny.replace(
      "batchSize: 16",
      `batchSize: 16, optimizer: { groups: [${globs.map((glob) => `{ match: ${glob}, lrScale: 0.1 }`).join(", ")}] }`,
    );
  const folder = t.testdir({
    "a.yaml": groups('["*scale*", quan1.a]'),
    "b.yaml": groups('"*tresholds*"'),
    "c.yaml": groups('"*scale*"', '"*scale1"'),
  });
  const code = "N2UQ_RULE_MATCHES_NO_PARAMETER";
  await refused(
    t,
    folder,
    ["plan", "a.yaml"],
    code,
    /a\.yaml:5:/,
    /quan1\.a matches no parameter[\s\S]*layer1\.0\.quan1\.a/,
  );
  await refused(t, folder, ["validate", "b.yaml"], code, /b\.yaml:5:/, /\*tresholds\*/);
  await refused(t, folder, ["plan", "c.yaml"], "N2UQ_RESOLVE_NO_EFFECT", /c\.yaml:5:/, /earlier groups/);
});

t.test("A4: fewer outputs than classes are an error in plan, more outputs are a warning", async (t) => {
  const folder = t.testdir({ "tiny.yaml": tiny });
  for (const name of ["cat"]) {
    for (const split of ["train", "val"]) mkdirSync(join(folder, "images", split, name), { recursive: true });
  }
  await refused(
    t,
    folder,
    ["plan", "tiny.yaml", "--set", "architecture.classes=2"],
    "N2UQ_RESOLVE_CLASSES",
    /--> --set[\s\S]*architecture\.classes=2/,
    /2 outputs.*4 classes/,
  );
  const more = await n2uq(["plan", "tiny.yaml", "--set", "architecture.classes=6"], folder);
  t.match(more.stdout, /6 outputs for the 4 classes/);
  const folderData = "data={ dataset: image-folder, root: ./images }";
  await refused(
    t,
    folder,
    ["plan", "tiny.yaml", "--set", folderData],
    "N2UQ_DATA_ONE_CLASS",
    /--> --set[\s\S]*data=/,
    /at least two/,
  );
});

t.test("A5: training within one epoch has a learning rate above zero, or is an error", async (t) => {
  const folder = t.testdir({ "tiny.yaml": tiny });
  const run = await n2uq(["run", "tiny.yaml", "--quiet", "--runs", "a"], folder);
  t.equal(run.code, 0, run.stderr);
  const [name = ""] = readdirSync(join(folder, "a"));
  const rates = readFileSync(join(folder, "a", name, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).lr);
  t.ok(rates.length > 0 && rates.every((rate) => rate > 0), `rates ${rates}`);
  t.equal(
    (await n2uq(["validate", "tiny.yaml", "--set", "training.epochs=1"], folder)).code,
    0,
    "one epoch works",
  );
  const refusal = ["--set", "training.schedule={ kind: linear, per: epoch }"];
  const code = "N2UQ_RESOLVE_ZERO_LR";
  await refused(
    t,
    folder,
    ["plan", "tiny.yaml", ...refusal],
    code,
    /--> --set[\s\S]*training\.schedule/,
    /learning rate would be 0/,
  );
});

t.test("A6: an error of a referenced file is shown in that file", async (t) => {
  const teacher = tiny
    .replace("method: n2uq, bits: 2", "method: none")
    .replace("name: tiny", "name: teacher")
    .replace("steps: 4", "epochs: 1, schedule: { per: epoch }");
  const student = `${tiny}teacher: { experiment: ./teacher.yaml }\n`.replace(
    "steps: 4",
    "steps: 4, schedule: { kind: constant }",
  );
  const folder = t.testdir({ "teacher.yaml": teacher, "student.yaml": student });
  await refused(
    t,
    folder,
    ["plan", "student.yaml"],
    "N2UQ_RESOLVE_ZERO_LR",
    /--> teacher\.yaml:5:/,
    /learning rate/,
  );
  const derived = await n2uq(
    ["plan", "student.yaml", "--sources", "--set", "teacher=null", "--set", "bits=3"],
    folder,
  );
  t.match(derived.stdout, /training\.epochs\s+0\s+derived/, "no line is claimed for what nobody wrote");
});

t.test("A7: profiles overlay the file, and what an experiment has no place for is said", async (t) => {
  const folder = t.testdir({
    "tiny.yaml": tiny,
    "short.yaml": "training: { steps: 7, seed: 5 }\narchitecture: { width: 0.5 }\n",
  });
  const { code, stdout, stderr } = await n2uq(
    ["plan", "tiny.yaml", "--profile", "short.yaml", "--sources"],
    folder,
  );
  t.equal(code, 0, stderr);
  t.match(stdout, /training\.steps\s+7\s+profile short\.yaml/);
  const noted = await n2uq(["plan", "tiny.yaml", "--profile", "short.yaml"], folder);
  t.match(noted.stdout, /note: .*architecture\.width.*ignored/);
});

t.test("A7: every shipped profile works on the quickstart", async (t) => {
  for (const profile of ["smoke", "cifar10"]) {
    const { code, stdout, stderr } = await n2uq([
      "plan",
      "experiments/quickstart.yaml",
      "--profile",
      profile,
      "--engine",
      "wasm",
    ]);
    t.equal(code, 0, stderr);
    t.match(stdout, /input 32×32×3/, "the profile's data");
  }
});

t.test("A8: a sweep names the differences of its cells besides the axes", async (t) => {
  const folder = t.testdir();
  await n2uq(["init", "."], folder);
  const grid = ["--grid", "method=n2uq,lsq", "--engine", "wasm"];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.ya?ml$/.test(name),
  );
  const experiment = files.find((name) => !name.includes("config") && !name.includes("profile")) ?? "";
  const { stdout, stderr } = await n2uq(["sweep", experiment, ...grid, "--dry-run"], folder);
  t.match(
    stdout,
    /besides the axes, cells differ in the derived key architecture\.layout.*n2uq.*torchvision/,
    stderr,
  );
});

t.test("A1: nothing that is shipped has a setting without effect", async (t) => {
  const repository = process.env.N2UQ_TEST_ROOT ?? root;
  const table = readFileSync(join(repository, "experiments", "tables", "cifar10.yaml"), "utf8");
  t.notMatch(table, /^exclude:/m, "full precision needs no exclude");
  const { stdout } = await n2uq(
    ["sweep", "experiments/tables/cifar10.yaml", "--dry-run", "--json", "--engine", "wasm"],
    repository,
  );
  t.equal(JSON.parse(stdout || "{}").cells?.length, 39);
});

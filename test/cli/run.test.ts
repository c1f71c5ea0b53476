import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { n2uq, start } from "../helpers/cli.js";
import { killAfter } from "../helpers/killing.js";
import { killMoments } from "../helpers/killSeed.js";

const teacher = `
name: tiny-teacher
architecture: { family: stages, layout: n2uq, stem: { kernel: 3, stride: 2, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: none }
data: { dataset: synthetic, synthetic: { trainSize: 640, testSize: 64 } }
training: { epochs: 1, batchSize: 16, optimizer: { lr: 1.0e-2 }, schedule: { kind: constant }, checkpoint: { everySteps: 5 } }
`;
const student = teacher
  .replace("tiny-teacher", "tiny")
  .replace(
    "quantization: { method: none }",
    "quantization: { method: n2uq, bits: 2 }\nteacher: { experiment: ./teacher.yaml }\ninit: { experiment: ./teacher.yaml }",
  )
  .replace("epochs: 1", "epochs: 3");

async function project(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "teacher.yaml"), teacher);
  await writeFile(join(folder, "student.yaml"), student);
  return folder;
}

/** Everything of a run that must repeat bit by bit. */
async function outcome(folder: string): Promise<unknown> {
  const names = (await readdir(join(folder, "runs"))).sort();
  return Promise.all(
    names.map(async (name) => {
      const {
        timing: _,
        environment: __,
        ...result
      } = JSON.parse(await readFile(join(folder, "runs", name, "result.json"), "utf8"));
      const best = await readFile(join(folder, "runs", name, "checkpoints", "best.safetensors"), "base64");
      const metrics = (await readFile(join(folder, "runs", name, "metrics.jsonl"), "utf8"))
        .trim()
        .split("\n")
        .map((line) => ({ ...JSON.parse(line), imagesPerSecond: 0, secondsLeft: 0, waitedMs: 0 }));
      const quantizers = await Promise.all(
        ["start.json", "analysis.json"].map((file) => readFile(join(folder, "runs", name, file), "utf8")),
      );
      return { name, result, best, metrics, quantizers };
    }),
  );
}

t.test("a run from YAML to table, as lines, JSON and in silence", async (t) => {
  const folder = await project(t.testdir());
  const first = await n2uq(["run", "student.yaml"], folder);
  t.equal(first.code, 0, first.stderr);
  for (const text of [
    "Validate: student.yaml",
    "Resolve: stages n2uq W2A2",
    "Engine: wasm",
    "Data: synthetic, 640 training",
    "Teacher: tiny-teacher",
    "Train: tiny",
    "Evaluate: top-1",
  ]) {
    t.match(first.stdout, text);
  }
  t.match(first.stdout, /network +method +top-1 +top-5 +bits +size +BitOPs/);
  t.match(first.stdout, /tiny-teacher +full precision +[\d.]+ %/);
  const [run] = (await readdir(join(folder, "runs"))).filter(
    (name) => name.startsWith("tiny-") && !name.startsWith("tiny-teacher"),
  );
  t.same((await readdir(join(folder, "runs", run!))).sort(), [
    "analysis.json",
    "checkpoints",
    "environment.json",
    "events.log",
    "identity.json",
    "metrics.jsonl",
    "resolved.yaml",
    "result.json",
    "sources.json",
    "start.json",
    "tensorboard",
  ]);
  const before = await outcome(folder);

  const again = await n2uq(["run", "student.yaml"], folder);
  t.equal(again.code, 0);
  t.match(again.stdout, "Already done");
  t.same(await outcome(folder), before, "the second run touched nothing");

  const repeated = await n2uq(["run", join("runs", run!, "resolved.yaml")], folder);
  t.match(repeated.stdout, "Already done", "resolved.yaml is the same experiment");

  const json = await n2uq(["run", "student.yaml", "--json", "--fresh"], folder);
  const events = json.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  t.ok(
    events.some(({ type, step }) => type === "step" && step === 120),
    "every step is an event",
  );
  t.equal(events.at(-1).type === "evaluating" || events.at(-1).type === "done", true);
  t.same(await outcome(folder), before, "--fresh comes to the same");
  const quiet = await n2uq(["run", "student.yaml", "--quiet"], folder);
  t.same([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);

  const measured = await n2uq(["evaluate", "student.yaml", "--json"], folder);
  const [wanted] = (before as { name: string; result: { best: { top1: number } } }[]).filter(
    ({ name }) => name === run,
  );
  t.equal(JSON.parse(measured.stdout).top1, wanted!.result.best.top1);
  const changed = await n2uq(["run", "student.yaml", "--set", "bits=3", "--set", "training.steps=2"], folder);
  t.equal(changed.code, 0, changed.stderr);
  t.equal((await readdir(join(folder, "runs"))).length, 3, "a changed experiment has its own directory");
});

t.test("a run killed three times and resumed has the bit-identical result", async (t) => {
  const whole = await project(join(t.testdir({ whole: {}, killed: {} }), "whole"));
  const killed = await project(join(whole, "..", "killed"));
  t.equal((await n2uq(["run", "student.yaml"], whole)).code, 0);
  const random = killMoments();
  let kills = 0;
  for (let attempt = 0; kills < 3 && attempt < 20; attempt++) {
    const after = 1 + Math.floor(40 * random());
    const { signal } = await killAfter(after, ["run", "student.yaml"], killed);
    if (signal === "SIGKILL") kills += 1;
  }
  t.equal(kills, 3);
  t.equal((await n2uq(["run", "student.yaml"], killed)).code, 0);
  t.same(await outcome(killed), await outcome(whole));
});

t.test("SIGINT writes a checkpoint and exits 130, and the next run resumes from it", async (t) => {
  const folder = await project(t.testdir());
  const { child, done } = start(["run", "student.yaml", "--json"], folder);
  let sent = false;
  child.stdout?.on("data", (chunk: Buffer) => {
    if (sent || !/"type":"step","run":"tiny","step":[2-9]/.test(chunk.toString())) return;
    sent = true;
    child.kill("SIGINT");
  });
  const { code, stdout } = await done;
  t.equal(code, 130);
  const last = JSON.parse(stdout.trim().split("\n").at(-1)!);
  t.equal(last.code, "N2UQ_TRAIN_INTERRUPTED");
  const [run] = (await readdir(join(folder, "runs"))).filter((name) => /^tiny-[0-9a-f]{8}$/.test(name));
  t.ok(existsSync(join(folder, "runs", run!, "checkpoints", "last.safetensors")));
  t.notOk(existsSync(join(folder, "runs", run!, "lock")), "the lock is given back");
  const resumed = await n2uq(["run", "student.yaml"], folder);
  t.equal(resumed.code, 0, resumed.stderr);
  t.match(resumed.stdout, /resumed from step \d+ of 120/);
});

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { StepEvent, TrainEvent } from "../../src/runs/events.js";
import type { RunIdentity } from "../../src/runs/identity.js";
import { readIdentity } from "../../src/runs/identity.js";
import { RunDirectory, runDirectory } from "../../src/runs/runDirectory.js";
import { failure } from "../helpers/failure.js";
import { runRecord } from "../helpers/records.js";

const hash = "0123456789abcdef".repeat(4);
const identity: RunIdentity = {
  ...{ format: 1, name: "tiny", hash, recipe: hash, content: {}, places: {}, data: null },
};
const { environment } = runRecord();
const yaml = "# n2uq 0.1.0\nname: tiny\n";

const stepEvent = (step: number, recorded: boolean): StepEvent => ({
  ...{ type: "step", run: "tiny", step, totalSteps: 8, epoch: 1 + Math.floor((step - 1) / 4), epochs: 2 },
  ...{ loss: step / 2, top1: 50, lr: 0.1, imagesPerSecond: 9, secondsLeft: 1, waitedMs: 0, recorded },
});
const epochEvent = (epoch: number): TrainEvent => ({
  ...{ type: "epoch", run: "tiny", step: 4 * epoch, epoch, epochs: 2, best: true, lr: 0.1, gradientNorm: 1 },
  ...{ train: { loss: 1, top1: 2, top5: 3 }, validation: { loss: 1, top1: 2, top5: 3 } },
});

t.test("its name is the experiment's and the hash's first eight digits", async (t) => {
  t.equal(runDirectory("runs", "tiny", hash), join("runs", "tiny-01234567"));
});

t.test("a created run directory exists and names its run", async (t) => {
  const directory = new RunDirectory(join(t.testdir(), "runs", "tiny-01234567"));
  await directory.create(yaml, environment, identity);
  t.same(readdirSync(directory.path).sort(), [
    "checkpoints",
    "environment.json",
    "identity.json",
    "resolved.yaml",
  ]);
  t.equal(readFileSync(join(directory.path, "resolved.yaml"), "utf8"), yaml);
  t.same(JSON.parse(readFileSync(join(directory.path, "environment.json"), "utf8")), environment);
  t.same(readIdentity(directory.path), identity);
  for (const [file, name] of [
    [directory.last, "checkpoints/last.safetensors"],
    [directory.previous, "checkpoints/previous.safetensors"],
    [directory.best, "checkpoints/best.safetensors"],
    [directory.metrics, "metrics.jsonl"],
    [directory.log, "events.log"],
    [directory.resultFile, "result.json"],
  ] as const) {
    t.equal(file, join(directory.path, name));
  }
  const formerly = ["f".repeat(64)];
  writeFileSync(join(directory.path, "identity.json"), JSON.stringify({ ...identity, formerly }));
  await directory.create(yaml, environment, identity);
  t.same(readIdentity(directory.path), { ...identity, formerly }, "hashes that it had before are kept");
});

t.test("queuing a queued run again does not change it, unless its YAML is invalid", async (t) => {
  const directory = new RunDirectory(join(t.testdir(), "tiny-01234567"));
  const file = join(directory.path, "resolved.yaml");
  const read = () => readFileSync(file, "utf8");
  await directory.queue(yaml, identity);
  t.equal(read(), yaml);
  t.same(readIdentity(directory.path), identity);
  await directory.queue("# n2uq 0.2.0\nname: tiny\n", identity);
  t.equal(read(), yaml, "comments alone make no other one");
  await directory.queue("name: tiny\nmore: 1\n", identity);
  t.equal(read(), yaml, "nor does another text: a worker may have read the first");
  for (const none of ["", "7", "a: [", "null"]) {
    writeFileSync(file, none);
    await directory.queue(yaml, identity);
    t.equal(read(), yaml, `in place of ${JSON.stringify(none)}`);
  }
});

t.test("a result is read back; it can be absent or damaged", async (t) => {
  const directory = new RunDirectory(t.testdir());
  t.equal(await directory.result(), null);
  const record = runRecord();
  await directory.writeResult(record);
  t.same(await directory.result(), record);
  writeFileSync(directory.resultFile, "{");
  t.match(await failure(directory.result()), { code: "N2UQ_RUN_CORRUPT", message: /result\.json.*not JSON/ });
});

t.test("steps that are recorded and epochs are metrics; everything but steps is an event", async (t) => {
  const directory = new RunDirectory(t.testdir());
  directory.record(stepEvent(1, false));
  t.notOk(existsSync(directory.metrics));
  t.notOk(existsSync(directory.log));
  directory.record(stepEvent(2, true));
  directory.record({ type: "evaluating", run: "tiny", done: 1, total: 2 });
  directory.record(epochEvent(1));
  directory.record({ type: "interrupted", run: "tiny", step: 4 });
  const lines = readFileSync(directory.metrics, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { run: _step, ...step } = stepEvent(2, true);
  const { run: _epoch, ...epoch } = epochEvent(1);
  t.same(lines, [step, epoch]);
  const log = readFileSync(directory.log, "utf8").trimEnd().split("\n");
  t.equal(log.length, 2);
  t.match(log[0], /^\d{4}-\d\d-\d\dT\S+Z epoch \{.*"gradientNorm":1/);
  t.match(log[1], /Z interrupted \{"step":4\}$/);
});

t.test("metrics after a checkpoint's step and epoch are dropped, and so is a truncated line", async (t) => {
  const folder = t.testdir({ own: {}, odd: { "metrics.jsonl": {} } });
  const directory = new RunDirectory(join(folder, "own"));
  await directory.rewindMetrics(3, 1);
  t.notOk(existsSync(directory.metrics), "nothing is made where there is nothing");
  await t.rejects(new RunDirectory(join(folder, "odd")).rewindMetrics(3, 1), { code: "EISDIR" });
  for (let step = 1; step <= 8; step++) {
    directory.record(stepEvent(step, true));
    if (step % 4 === 0) directory.record(epochEvent(step / 4));
  }
  writeFileSync(directory.metrics, `${readFileSync(directory.metrics, "utf8")}{"type":"step","st`);
  const kept = () =>
    readFileSync(directory.metrics, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .map(({ type, step, epoch }) => (type === "epoch" ? `epoch ${epoch}` : step));
  await directory.rewindMetrics(8, 2);
  t.same(kept(), [1, 2, 3, 4, "epoch 1", 5, 6, 7, 8, "epoch 2"]);
  await directory.rewindMetrics(6, 1);
  t.same(kept(), [1, 2, 3, 4, "epoch 1", 5, 6]);
  await directory.rewindMetrics(4, 0);
  t.same(kept(), [1, 2, 3, 4], "checkpointed while it validated: the epoch comes again");
});

t.test("a failure is kept until it is cleared", async (t) => {
  const directory = new RunDirectory(t.testdir());
  await directory.clearFailure();
  const told = { code: "signal SIGKILL", message: "killed", time: "2026-01-01T00:00:00.000Z" };
  await directory.writeFailure(told);
  t.same(JSON.parse(readFileSync(join(directory.path, "failed.json"), "utf8")), told);
  await directory.clearFailure();
  t.same(readdirSync(directory.path), []);
});

t.test("a checkpoint exists if its last or its previous file does", async (t) => {
  const directory = new RunDirectory(t.testdir({ checkpoints: {} }));
  t.notOk(directory.hasCheckpoint());
  writeFileSync(directory.best, "");
  t.notOk(directory.hasCheckpoint(), "the best weights are none");
  writeFileSync(directory.previous, "");
  t.ok(directory.hasCheckpoint());
  const other = new RunDirectory(t.testdir({ checkpoints: { "last.safetensors": "" } }));
  t.ok(other.hasCheckpoint());
});

t.test("clearing a run keeps only the log and foreign files", async (t) => {
  const directory = new RunDirectory(t.testdir());
  await directory.create(yaml, environment, identity);
  await directory.writeResult(runRecord());
  await directory.writeFailure({ code: "x", message: "", time: "" });
  for (const name of ["sources.json", "start.json", "analysis.json", "notes.txt", "lock"]) {
    writeFileSync(join(directory.path, name), "");
  }
  mkdirSync(join(directory.path, "tensorboard"));
  directory.record(epochEvent(1));
  await directory.clear();
  t.same(readdirSync(directory.path).sort(), ["events.log", "lock", "notes.txt"]);
});

t.test("unfinished files of killed processes go, all others stay", async (t) => {
  const kept = ["resolved.yaml", "lock", "a.tmp", "lock.after", "lock.x1"];
  const left = ["resolved.yaml.71-0a1b.tmp", "old.71.tmp", "lock.71", "lock.after-00ff"];
  const files = () => Object.fromEntries([...kept, ...left].map((name) => [name, ""]));
  const directory = new RunDirectory(
    t.testdir({ ...files(), checkpoints: files(), tensorboard: files(), mine: files() }),
  );
  await directory.clearLeftovers();
  const folders = ["checkpoints", "mine", "tensorboard"];
  t.same(readdirSync(directory.path).sort(), [...kept, ...folders].sort());
  for (const folder of ["checkpoints", "tensorboard"]) {
    t.same(readdirSync(join(directory.path, folder)).sort(), [...kept].sort());
  }
  t.same(
    readdirSync(join(directory.path, "mine")).sort(),
    [...kept, ...left].sort(),
    "of folders of a user's",
  );
});

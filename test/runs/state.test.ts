import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { describeHolder, lockText } from "../../src/files/holder.js";
import { holderOf } from "../../src/runs/lock.js";
import { RunIndex, runNames } from "../../src/runs/runIndex.js";
import { countStates, statusOf } from "../../src/runs/state.js";
import { runRecord } from "../helpers/records.js";

const failure = { code: "N2UQ_TRAIN_NAN", message: "the loss is NaN", time: "2026-01-01T00:00:00.000Z" };
const progress = { step: 3, totalSteps: 9, loss: 1, secondsLeft: 2 };
/** A holder on another machine, whose lock was written just now. */
const elsewhere = { ...describeHolder(2000), host: "another", progress };
const NAME = "tiny-abcdef01";

t.test(
  "a run's state is read from its files: the result first, then its lock, then its failure",
  async (t) => {
    const result = JSON.stringify(runRecord({ name: "named" }));
    const lock = lockText(elsewhere);
    const failed = JSON.stringify(failure);
    const folder = t.testdir({
      done: { [NAME]: { "result.json": result, lock, "failed.json": failed } },
      unreadable: { [NAME]: { "result.json": "{", lock } },
      running: { [NAME]: { lock, "failed.json": failed } },
      failed: { [NAME]: { "failed.json": failed, checkpoints: { "last.safetensors": "" } } },
      lost: { [NAME]: { "failed.json": "{" } },
      interrupted: { [NAME]: { checkpoints: { "last.safetensors": "" } } },
      queued: { [NAME]: { checkpoints: { "best.safetensors": "" } } },
    });
    const of = (name: string) => statusOf(join(folder, name, NAME));
    t.match(of("done"), { state: "done", name: "named", record: { name: "named" } });
    t.match(of("unreadable"), {
      state: "unreadable",
      name: "tiny",
      problem: "result.json is damaged: it is not JSON",
    });
    t.match(of("running"), { state: "running", holder: { host: "another", progress } });
    t.match(of("failed"), { state: "failed", failure });
    t.match(of("lost"), { state: "failed", problem: "failed.json is damaged: it is not JSON" });
    t.match(of("interrupted"), { state: "interrupted", name: "tiny" });
    t.match(of("queued"), { state: "queued" });
    t.match(statusOf(join(folder, "none")), { state: "queued", name: "none" });
    const cells = ["done", "queued", "lost", "failed"].map((name) => ({ status: of(name) }));
    t.same(countStates(cells), {
      ...{ done: 1, running: 0, failed: 2, interrupted: 0, queued: 1, unreadable: 0, cancelled: 0 },
    });
  },
);

t.test("a lock without progress names its holder", async (t) => {
  const folder = t.testdir({ [NAME]: {} });
  const of = (more: object) => {
    writeFileSync(join(folder, NAME, "lock"), JSON.stringify({ ...elsewhere, ...more }));
    return statusOf(join(folder, NAME));
  };
  t.same(of({ progress: null }).holder?.progress, null);
  t.equal(of({}).problem, undefined);
  t.match(of({ progress: { step: 3 } }), { state: "running", holder: { host: "another" } });
});

t.test("a run has no holder if the holder ended or was silent for ten minutes", async (t) => {
  const folder = t.testdir();
  const of = (more: object, ageSeconds: number) => {
    const file = join(folder, "lock");
    writeFileSync(file, lockText({ ...elsewhere, ...more }));
    const date = new Date(Date.now() - 1000 * ageSeconds);
    utimesSync(file, date, date);
    return holderOf(folder)?.pid ?? null;
  };
  const { pid } = elsewhere;
  t.equal(of({}, 0), pid);
  t.equal(of({}, 590), pid);
  t.equal(of({}, 610), null);
  const here = describeHolder(2000);
  t.equal(of({ ...here, pid: 2 ** 22 + 1 }, 0), null, "a process of this machine that is gone");
  t.equal(
    of({ ...here, boot: "another" }, 0),
    pid,
    "written just now, perhaps by a machine of the same name",
  );
  t.equal(of({ ...here, boot: "another" }, 60), null);
  writeFileSync(join(folder, "lock"), "");
  t.equal(holderOf(folder), null);
  t.equal(holderOf(join(folder, "none")), null);
  mkdirSync(join(folder, "odd", "lock"), { recursive: true });
  t.equal(holderOf(join(folder, "odd")), null, "what can't be read is nobody's");
});

t.test("an experiment's directory is found by its record, independent of its name", async (t) => {
  const hash = (digit: string) => `abcdef01${digit.repeat(56)}`;
  const run = (digit: string, name = "tiny") => ({
    "identity.json": JSON.stringify({
      ...{ format: 1, name, hash: hash(digit), recipe: hash("9"), content: {}, places: {}, data: null },
    }),
  });
  const runs = t.testdir({
    ...{ "first-abcdef01": run("1"), "copy-abcdef01": run("1"), "other-abcdef01": run("2", "other") },
    ...{ "blank-abcdef01": {}, "not-a-run": run("3"), "file-abcdef01": "" },
  });
  t.same(runNames(runs), ["blank-abcdef01", "copy-abcdef01", "first-abcdef01", "other-abcdef01"]);
  t.same(runNames(join(runs, "none")), []);
  const index = new RunIndex(runs);
  const directory = (name: string, digit: string) =>
    index.directory(name, hash(digit)).slice(runs.length + 1);
  t.equal(directory("first", "1"), "first-abcdef01", "under its own name first");
  t.equal(new RunIndex(runs).directory("tiny", hash("1")), join(runs, "copy-abcdef01"), "else a copy");
  t.equal(directory("new", "4"), "new-abcdef01");
  t.equal(directory("blank", "5"), "blank-abcdef01", "a directory that says nothing may be taken");
  t.throws(() => directory("other", "6"), {
    code: "N2UQ_RUN_OTHER",
    details: { name: "other", hash: hash("2") },
  });
  t.equal(index.has(join(runs, "first-abcdef01")), true);
  t.equal(index.has(join(runs, "second-abcdef01")), false);
  t.equal(index.has(join(runs, "first-abcdef02")), false);
  t.same(index.all(hash("1").replace("abcdef01", "abcdef02")), []);
  t.same(index.all(hash("1")).length, 2);
  t.same(index.named("first"), [join(runs, "first-abcdef01")]);
  t.same(index.named("firs"), []);
  t.same(index.ofRecipe(hash("9")).length, 3);
  t.same(index.ofRecipe(hash("8")), []);
});

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import t from "tap";
import type { N2uqError } from "../../src/errors.js";
import type { Holder } from "../../src/files/holder.js";
import { describeHolder, lockText, readLock } from "../../src/files/holder.js";
import { judge } from "../../src/files/judge.js";
import { withLock } from "../../src/files/withLock.js";
import { clearDeadLock, holderOf, lockRun } from "../../src/runs/lock.js";
import { failure } from "../helpers/failure.js";

process.env.N2UQ_LOCK_SILENCE = "1";

/** Nobody's number, as of a process that has ended: Linux numbers processes below 2 ** 22. */
const gone = () => 2 ** 22 + 1;
const TOKEN = "0123456789abcdef";

/** A run directory with a lock of such a holder. */
function locked(folder: string, holder: Partial<Holder>, name = "lock"): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, lockText({ ...describeHolder(200), token: TOKEN, ...holder }));
  return folder;
}

function age(folder: string, seconds: number): void {
  const date = new Date(Date.now() - 1000 * seconds);
  utimesSync(join(folder, "lock"), date, date);
}

const tokenOf = (folder: string) => readLock(join(folder, "lock"))?.holder?.token;

t.test("one process has the lock, others get its holder, and it is removed afterwards", async (t) => {
  const folder = join(t.testdir(), "new", "run");
  const lock = await lockRun(folder);
  t.equal(holderOf(folder)?.pid, process.pid);
  const error = await failure(lockRun(folder));
  t.equal(error.code, "N2UQ_RUN_LOCKED");
  t.match(error.message, `process ${process.pid}`);
  lock.check();
  await lock.release();
  t.same(readdirSync(folder), []);
  t.equal(holderOf(folder), null);
});

t.test("a killed process's lock is removed where nothing is left to do, another one's is not", async (t) => {
  const dead = locked(join(t.testdir(), "run"), { pid: gone() });
  await clearDeadLock(dead);
  t.same(readdirSync(dead), []);
  await clearDeadLock(dead);
  const lock = await lockRun(dead);
  await clearDeadLock(dead);
  lock.check();
  await lock.release();
});

t.test("of many that find a dead holder's lock one has it", async (t) => {
  const folder = t.testdir();
  const pid = gone();
  for (let round = 0; round < 10; round++) {
    const run = locked(join(folder, String(round)), { pid });
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(run)));
    const held = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    t.equal(held.length, 1);
    for (const one of all)
      if (one.status === "rejected") t.equal((one.reason as N2uqError).code, "N2UQ_RUN_LOCKED");
    await held[0]?.release();
    t.same(readdirSync(run), []);
  }
});

t.test("a holder is judged by its process, or by changes of the lock", async (t) => {
  const own = describeHolder(200);
  const pid = gone();
  const now = 1e12;
  const verdict = (holder: Partial<Holder> | null, ageMs = 0) =>
    judge(
      { text: "", key: "", holder: holder && { ...own, token: TOKEN, ...holder }, modifiedMs: now - ageMs },
      own,
      now,
    );
  t.equal(verdict({ pid }), "gone");
  t.equal(verdict({}, 1e9), "alive", "this very process, whatever its lock's date");
  t.equal(verdict({ began: "7" }), "gone", "another process with its number");
  t.equal(verdict({ pid: 1, began: null }, 1e9), "alive", "nobody knows when it began");
  t.equal(verdict({ began: null }), "gone", "this process holds no such lock");
  t.same(verdict({ boot: "another" }), { watchMs: 1000 }, "the machine was started again");
  t.equal(verdict({ space: "another", pid }), "alive", "a container's process has another number here");
  t.equal(verdict({ host: "another", pid }), "alive");
  t.same(verdict({ host: "another" }, 5000), { watchMs: 1000 }, "a clock set forward is no silence");
  t.same(
    verdict({ host: "another" }, -1e7),
    { watchMs: 1000 },
    "a clock set back keeps no dead holder alive",
  );
  t.equal(
    verdict({ host: "another", every: 2000 }, 5000),
    "alive",
    "it says itself how often it gives a sign",
  );
  t.same(verdict(null), { watchMs: 2000 }, "it may be about to be written");
});

t.test("another machine's lock is taken when it stays as it is, and not while it changes", async (t) => {
  const folder = t.testdir();
  const silent = locked(join(folder, "silent"), { host: "another" });
  age(silent, 3600);
  await (await lockRun(silent)).release();
  const ahead = locked(join(folder, "ahead"), { host: "another" });
  age(ahead, -3600);
  await (await lockRun(ahead)).release();
  const living = locked(join(folder, "living"), { host: "another" });
  age(living, 3600);
  let beats = 0;
  const timer = setInterval(() => {
    beats += 1;
    locked(living, { host: "another", beats });
    age(living, 3600);
  }, 100);
  t.equal((await failure(lockRun(living))).code, "N2UQ_RUN_LOCKED");
  clearInterval(timer);
  t.equal(tokenOf(living), TOKEN);
});

t.test("a crash in the middle of taking over wedges nothing", async (t) => {
  const folder = t.testdir();
  const pid = gone();
  const run = locked(join(folder, "dead"), { pid });
  locked(run, { pid, token: "f".repeat(16) }, `lock.after-${TOKEN}`);
  locked(run, { pid, token: "e".repeat(16) }, `lock.after-${"f".repeat(16)}`);
  await (await lockRun(run)).release();
  t.notOk(existsSync(join(run, "lock")));
  const busy = locked(join(folder, "busy"), { pid });
  locked(busy, { pid: 1, began: null, token: "f".repeat(16) }, `lock.after-${TOKEN}`);
  const error = await failure(lockRun(busy));
  t.equal(error.code, "N2UQ_RUN_LOCKED");
  t.match(error.message, "process 1 ", "whoever takes it over has it");
  t.equal(tokenOf(busy), TOKEN, "the lock was not touched");
});

t.test("locks that can't be read", async (t) => {
  const folder = t.testdir({ empty: { lock: "" }, words: { lock: "words" }, folder: { lock: {} } });
  for (const name of ["empty", "words"]) {
    t.equal(holderOf(join(folder, name)), null);
    await (await lockRun(join(folder, name))).release();
  }
  t.equal((await failure(lockRun(join(folder, "folder")))).code, "N2UQ_RUN_WRITE_FAILED");
  const damaged = {
    pid: 4711,
    host: "another",
    began: 0,
    beat: 3,
    progress: { step: "<b>", totalSteps: {} },
  };
  writeFileSync(join(folder, "words", "lock"), JSON.stringify(damaged));
  const { beat, progress, token } = holderOf(join(folder, "words"))!;
  t.same([Number.isNaN(Date.parse(beat)), progress, token], [false, null, null]);
});

t.test("heartbeats with the progress continue while this thread is blocked", async (t) => {
  const folder = t.testdir();
  const lock = await lockRun(folder);
  const read = () => JSON.parse(readFileSync(join(folder, "lock"), "utf8")) as Holder;
  while (read().beats === 0) await wait(20);
  lock.beat({ step: 3, totalSteps: 9, loss: 1, secondsLeft: 2 });
  const before = read().beats;
  const until = performance.now() + 1500;
  while (performance.now() < until);
  const { beats, progress } = read();
  t.ok(beats > before, `${beats - before} signs`);
  t.same(progress, { step: 3, totalSteps: 9, loss: 1, secondsLeft: 2 });
  await lock.release();
});

t.test("a lock that was taken or removed is an error, and is not changed", async (t) => {
  const folder = t.testdir();
  const lock = await lockRun(folder);
  locked(folder, { host: "another" }, "other");
  renameSync(join(folder, "other"), join(folder, "lock"));
  t.throws(() => lock.check(), {
    code: "N2UQ_RUN_LOCK_LOST",
    details: { how: "another process has taken the lock" },
  });
  const until = performance.now() + 60_000;
  const seen = () => {
    try {
      lock.checkQuickly();
      return false;
    } catch {
      return true;
    }
  };
  while (!seen() && performance.now() < until) await wait(20);
  t.ok(seen(), "at the next sign of life");
  await lock.release();
  t.equal(tokenOf(folder), TOKEN);
  const own = await lockRun(join(folder, "own"));
  renameSync(join(folder, "own"), join(folder, "away"));
  t.throws(() => own.check(), { code: "N2UQ_RUN_LOCK_LOST", details: { how: "the lock file was removed" } });
  await own.release();
});

t.test("work under one lock goes one after the other", async (t) => {
  const file = join(t.testdir(), "lock");
  let inside = 0;
  const waited: number[] = [];
  const work = (n: number) =>
    withLock(
      file,
      async () => {
        inside += 1;
        t.equal(inside, 1);
        await wait(20);
        inside -= 1;
      },
      { onWait: () => waited.push(n) },
    );
  await Promise.all([0, 1, 2].map(work));
  t.equal(waited.length, 2);
  t.notOk(existsSync(file));
  const controller = new AbortController();
  const held = withLock(file, () => wait(400));
  const refused = withLock(file, async () => t.fail("it was aborted"), { signal: controller.signal });
  controller.abort(new Error("enough"));
  await t.rejects(refused, /enough/);
  await held;
});

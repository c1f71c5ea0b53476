import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import type { Finished } from "../helpers/cli.js";
import { n2uq, start } from "../helpers/cli.js";

const experiment = (name: string, { steps = 4, testSize = 16 } = {}) => `
name: ${name}
architecture: { family: stages, layout: n2uq, stem: { kernel: 3, stride: 2, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: none }
data: { dataset: synthetic, synthetic: { trainSize: 64, testSize: ${testSize} } }
training: { steps: ${steps}, batchSize: 16, schedule: { kind: constant }, checkpoint: { everySteps: 2 } }
`;

/** Another machine counts as gone after a second here. */
const brief = { N2UQ_LOCK_SILENCE: "1" };
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function sound(t: Test, { stdout, stderr }: Finished): string {
  const text = stdout + stderr;
  t.notMatch(text, /N2UQ_INTERNAL|node:internal|^\s+at /m);
  return text;
}

/** Next to the experiment, wherever the tests' folder is. */
const here = ["--runs", "runs"];

/** The run directory of an experiment that has just been queued: `n2uq run` in `folder` begins there. */
async function prepared(folder: string, options = {}): Promise<string> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "tiny.yaml"), experiment("tiny", options));
  const dry = await n2uq(["plan", "tiny.yaml", "--json"], folder);
  const hash = /"hash": ?"([0-9a-f]{8})/.exec(dry.stdout)?.[1];
  const run = join(folder, "runs", `tiny-${hash}`);
  mkdirSync(run, { recursive: true });
  return run;
}

/** A lock in the format of this version and older ones; of this process by default. */
function writeLock(run: string, holder: Record<string, unknown> = {}): void {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const began = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  const beat = new Date().toISOString();
  const own = { pid: process.pid, host: hostname(), began, beat, progress: null, every: 100, ...holder };
  writeFileSync(join(run, "lock.new"), JSON.stringify(own));
  renameSync(join(run, "lock.new"), join(run, "lock"));
}

const lockOf = (run: string) => {
  try {
    return readFileSync(join(run, "lock"), "utf8");
  } catch {
    return "";
  }
};

t.test("D1: a lock that is being written is not taken for a dead one's", async (t) => {
  const begun = performance.now();
  const run = await prepared(t.testdir());
  const startMs = performance.now() - begun;
  writeFileSync(join(run, "lock"), "");
  const { child, done } = start(["run", "tiny.yaml", "--json", ...here], join(run, "..", ".."));
  // As if its creator were held up between making the file and writing it, until the other process has long looked at it.
  const until = performance.now() + 2 * startMs + 1000;
  while (performance.now() < until && child.exitCode === null && lockOf(run) === "") {
    utimesSync(join(run, "lock"), new Date(), new Date());
    await wait(50);
  }
  if (lockOf(run) === "") writeLock(run);
  const ended = await done;
  t.equal(ended.code, 2);
  t.match(sound(t, ended), "N2UQ_RUN_LOCKED");
});

t.test("D1: heartbeats continue during validation", async (t) => {
  const run = await prepared(t.testdir(), { testSize: 16_000 });
  const { child, done } = start(["run", "tiny.yaml", "--json", ...here], join(run, "..", ".."), brief);
  let text = "";
  let [first, beats] = ["", 0];
  child.stdout?.on("data", (piece: Buffer) => {
    text = (text + piece.toString()).slice(-3000);
    const isValidating = text.includes('"type":"evaluating"') && !text.includes('"type":"epoch"');
    const now = lockOf(run);
    if (!isValidating || now === "") return;
    if (first !== "" && now !== first) beats += 1;
    first = now;
  });
  sound(t, await done);
  t.ok(beats > 1, `${beats} signs of life`);
});

t.test("D1: a run whose lock was taken stops, and leaves the other's lock alone", async (t) => {
  const run = await prepared(t.testdir(), { steps: 400 });
  const { child, done } = start(["run", "tiny.yaml", "--json", ...here], join(run, "..", ".."), brief);
  let taken = false;
  child.stdout?.on("data", (piece: Buffer) => {
    if (taken || !piece.toString().includes('"type":"step"')) return;
    taken = true;
    writeLock(run, { host: "another", pid: 4711 });
  });
  const ended = await done;
  t.equal(ended.code, 1);
  t.match(sound(t, ended), "N2UQ_RUN_LOCK_LOST");
  t.match(lockOf(run), '"another"');
  t.notOk(existsSync(join(run, "result.json")));
  t.notOk(existsSync(join(run, "failed.json")), "nothing more was written");
});

t.test("B3: another machine's lock that changes is alive, independent of its clock", async (t) => {
  const run = await prepared(t.testdir());
  let beats = 0;
  const beat = () => {
    if (beats > 0 && !lockOf(run).includes('"another"')) return;
    beats += 1;
    writeLock(run, { host: "another", pid: 4711, beats, beat: new Date(Date.now() - 3.6e6).toISOString() });
  };
  beat();
  const timer = setInterval(beat, 100);
  const ended = await n2uq(["run", "tiny.yaml", ...here], join(run, "..", ".."));
  clearInterval(timer);
  t.equal(ended.code, 2);
  t.match(sound(t, ended), "N2UQ_RUN_LOCKED");
});

t.test(
  "B3: another machine's lock that does not change is taken over, independent of its clock",
  async (t) => {
    const run = await prepared(t.testdir());
    const ahead = new Date(Date.now() + 8.64e7);
    writeLock(run, { host: "another", pid: 4711, beat: ahead.toISOString() });
    utimesSync(join(run, "lock"), ahead, ahead);
    const ended = await n2uq(["run", "tiny.yaml", ...here], join(run, "..", ".."), brief);
    t.equal(ended.code, 0, sound(t, ended));
    t.ok(existsSync(join(run, "result.json")));
  },
);

t.test("B3: what killed processes left half-written is cleared at the next start", async (t) => {
  const run = await prepared(t.testdir());
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  mkdirSync(join(run, "checkpoints"));
  const left = [
    `checkpoints/last.safetensors.${pid}.tmp`,
    `checkpoints/best.safetensors.${pid}-0123456789ab.tmp`,
    `resolved.yaml.${pid}.tmp`,
    `lock.${pid}`,
  ];
  for (const name of left) writeFileSync(join(run, name), "half");
  const ended = await n2uq(["run", "tiny.yaml", ...here], join(run, "..", ".."));
  t.equal(ended.code, 0, sound(t, ended));
  const found = readdirSync(run, { recursive: true }).map(String);
  t.same(
    found.filter((name) => left.includes(name) || name.endsWith(".tmp")),
    [],
  );
});

t.test("D13: what another process trains already is waited for", async (t) => {
  const run = await prepared(t.testdir());
  const folder = join(run, "..", "..");
  const student = experiment("student").replace("{ method: none }", "{ method: lsq, bits: 2 }");
  writeFileSync(join(folder, "student.yaml"), `${student}teacher: { experiment: ./tiny.yaml }\n`);
  writeLock(run);
  const { child, done } = start(["run", "student.yaml", ...here], folder);
  let [text, freed] = ["", false];
  child.stdout?.on("data", (piece: Buffer) => {
    text += piece.toString();
    if (!/waiting/.test(text) || freed) return;
    freed = true;
    rmSync(join(run, "lock"));
  });
  const ended = await done;
  t.equal(ended.code, 0, sound(t, ended));
  t.match(text, /waiting for it.*process/);
});

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import t from "tap";
import { listRuns } from "../../runners/runs.js";
import { INDEX, RecordIndex } from "../../src/runs/recordIndex.js";
import { RunRecords, readResolved } from "../../src/runs/runRecords.js";
import { runRecord } from "../helpers/records.js";

const MANY = 70;
const hashOf = (seed: number) => seed.toString(16).padStart(8, "0").repeat(8);
const nameOf = (seed: number) => `tiny-${hashOf(seed).slice(0, 8)}`;
const resolved = (seed: number) =>
  `name: tiny\narchitecture: {}\nquantization: { bits: 2 }\ndata: {}\ntraining: { seed: ${seed} }\n`;

function writeRun(runs: string, name: string, seed: number, top1: number): void {
  mkdirSync(join(runs, name), { recursive: true });
  const best = { epoch: 1, loss: 1, top1, top5: 99 };
  writeFileSync(
    join(runs, name, "result.json"),
    JSON.stringify(runRecord({ hash: hashOf(seed), seed, best })),
  );
  writeFileSync(join(runs, name, "resolved.yaml"), resolved(seed));
}

/** Many runs, whose accuracy is their seed, last changed so long ago that the index takes them. */
async function many(t: Test): Promise<string> {
  const runs = t.testdir();
  for (let seed = 0; seed < MANY; seed += 1) writeRun(runs, nameOf(seed), seed, seed);
  await settled();
  return runs;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 2100));

/** By directory name: seed of the resolved experiment and accuracy of the record, as the reader sees them. */
function seen(runs: string): Record<string, unknown> {
  const records = new RunRecords(runs);
  const found = records.directories.map((directory) => {
    const [record, experiment] = [records.record(directory), records.resolved(directory)];
    const top1 = record.state === "read" ? record.value.best.top1 : record.state;
    return [
      directory.slice(runs.length + 1),
      [top1, experiment.state === "read" ? experiment.value : experiment.state],
    ];
  });
  records.save();
  return Object.fromEntries(found);
}

/** What a reader without an index sees. */
function read(runs: string): Record<string, unknown> {
  const index = join(runs, INDEX);
  const kept = existsSync(index) ? readFileSync(index) : null;
  rmSync(index, { force: true });
  const found = seen(runs);
  rmSync(index, { force: true });
  if (kept !== null) writeFileSync(index, kept);
  return found;
}

t.test("a finished run is read once, until one of its files changes", async (t) => {
  const runs = await many(t);
  const first = seen(runs);
  t.ok(existsSync(join(runs, INDEX)));
  const written = statSync(join(runs, INDEX)).mtimeMs;
  t.same(seen(runs), first);
  t.equal(statSync(join(runs, INDEX)).mtimeMs, written, "nothing is new");
  const result = (seed: number) => join(runs, nameOf(seed), "result.json");
  // In place, of the same size, with its dates put back.
  const { atime, mtime } = statSync(result(10));
  writeFileSync(result(10), readFileSync(result(10), "utf8").replace('"top1":10', '"top1":99'));
  utimesSync(result(10), atime, mtime);
  writeRun(runs, nameOf(11), 11, 98);
  rmSync(result(12));
  rmSync(join(runs, nameOf(13)), { recursive: true });
  renameSync(join(runs, nameOf(14)), join(runs, "other-name"));
  renameSync(join(runs, nameOf(15)), join(runs, "swap"));
  renameSync(join(runs, nameOf(16)), join(runs, nameOf(15)));
  renameSync(join(runs, "swap"), join(runs, nameOf(16)));
  cpSync(join(runs, nameOf(17)), join(runs, "copy-00000011"), { recursive: true, preserveTimestamps: true });
  writeFileSync(join(runs, nameOf(18), "resolved.yaml"), resolved(99));
  writeFileSync(result(19), "{}");
  const changed = seen(runs);
  t.same(changed, read(runs));
  t.equal((changed[nameOf(10)] as unknown[])[0], 99);
  await settled();
  t.same(seen(runs), changed);
  t.same(seen(runs), changed);
});

t.test("a damaged index is rebuilt, and never believed", async (t) => {
  const runs = await many(t);
  const first = seen(runs);
  const index = join(runs, INDEX);
  const intact = readFileSync(index, "utf8");
  const damage: Record<string, (text: string) => string> = {
    empty: () => "",
    cut: (text) => text.slice(0, text.length / 2),
    "a false result": (text) =>
      text.replaceAll('"top1":50', '"top1":51').replaceAll('"seed":5,', '"seed":6,'),
    "another version": (text) => text.replace("n2uq-index 1", "n2uq-index 2"),
    binary: () => "\u0000".repeat(1000),
    "lines of others": (text) => `${text}abc\n\tx\n`,
  };
  for (const [name, change] of Object.entries(damage)) {
    writeFileSync(index, change(intact));
    t.same(seen(runs), first, name);
    t.same(seen(runs), first, `${name}, again`);
    t.equal(readFileSync(index, "utf8").split("\n").length, intact.split("\n").length, `${name}: mended`);
  }
  rmSync(index);
  mkdirSync(index);
  t.same(seen(runs), first, "a folder in its place");
});

t.test("several readers at once, and a folder that can't be written", async (t) => {
  const runs = await many(t);
  const readers = [new RunRecords(runs), new RunRecords(runs), new RunRecords(runs)];
  for (const [part, records] of readers.entries()) {
    for (const [index, directory] of records.directories.entries())
      if (index % 3 === part) records.record(directory);
  }
  for (const records of readers) records.save();
  t.same(seen(runs), read(runs));
  if (process.getuid?.() === 0) return;
  rmSync(join(runs, INDEX));
  chmodSync(runs, 0o555);
  t.equal(listRuns(runs, { where: ["bits=2"], sort: "top1", limit: 1 })[0]?.record?.best.top1, MANY - 1);
  chmodSync(runs, 0o755);
});

t.test("few runs leave no index behind", async (t) => {
  const runs = t.testdir();
  writeRun(runs, nameOf(1), 1, 1);
  t.equal(listRuns(runs, {}).length, 1);
  t.notOk(existsSync(join(runs, INDEX)));
});

t.test("a rewritten index has the kept and the new entries", async (t) => {
  const runs = t.testdir();
  const entry = (json: string) => ({ result: { stamp: "1:2:3:4", json }, resolved: null });
  const first = new RecordIndex(runs);
  t.equal(first.there, false);
  for (const name of ["a", "b", "c", "ä\t-\n"]) first.set(name, entry(JSON.stringify(name)));
  t.same(first.get("b"), entry('"b"'));
  first.save();

  const second = new RecordIndex(runs);
  t.equal(second.there, true);
  t.same(second.get("ä\t-\n"), entry('"ä\\t-\\n"'));
  second.keep(new Set(["a"]));
  second.set("d", { ...entry('"d"'), resolved: { stamp: "5", json: "{}" } });
  second.save();
  t.equal(readFileSync(join(runs, INDEX), "utf8").split("\n").length, 4, "a head, two lines and the end");
  const third = new RecordIndex(runs);
  t.same(third.get("a"), entry('"a"'));
  t.same(third.get("d"), { ...entry('"d"'), resolved: { stamp: "5", json: "{}" } });
  t.equal(third.get("b"), undefined);

  const text = readFileSync(join(runs, INDEX), "utf8");
  third.save();
  t.equal(readFileSync(join(runs, INDEX), "utf8"), text, "nothing new, nothing written");
  third.set("e", entry('"e"'));
  third.save();
  t.ok(readFileSync(join(runs, INDEX), "utf8").startsWith(text), "a new line is appended");
  writeFileSync(join(runs, INDEX), text.replace('"a"', '"x"'));
  const damaged = new RecordIndex(runs);
  t.equal(damaged.get("a"), undefined, "a line that lost its checksum");
  damaged.save();
  t.notMatch(readFileSync(join(runs, INDEX), "utf8"), '"x"');
  t.same(new RecordIndex(runs).get("d")?.resolved?.json, "{}");
});

t.test("an index is written only if there is something to write", async (t) => {
  const runs = t.testdir();
  const file = join(runs, INDEX);
  new RecordIndex(runs).save();
  t.notOk(existsSync(file), "an index that is not there is not damaged");
  const entry = (json: string) => ({ result: { stamp: "1", json }, resolved: null });
  const lines = () => readFileSync(file, "utf8").split("\n").length - 2;
  const change = (names: readonly string[], kept?: readonly string[]) => {
    const index = new RecordIndex(runs);
    if (kept !== undefined) index.keep(new Set(kept));
    for (const name of names) index.set(name, entry(`"${name}"`));
    index.save();
    return lines();
  };
  t.equal(change(["a", "b", "c", "d"]), 4);
  t.equal(change(["a", "b"]), 6, "two of four entries are stale: the lines are appended");
  t.equal(change(["c"]), 4, "three of four: the file is rewritten");
  t.equal(change([], ["a", "b", "c", "d", "x"]), 4);
  t.equal(change([], ["a", "b", "c"]), 4, "one entry too many is left in the file");
  t.equal(change([], ["a"]), 1, "most are stale");
  const { result } = new RecordIndex(runs).get("a")!;
  t.same(result, { stamp: "1", json: '"a"' });
});

t.test("only results that are intact and settled are indexed", async (t) => {
  const runs = await many(t);
  writeFileSync(join(runs, nameOf(1), "result.json"), "{");
  const past = new Date(Date.now() - 60_000);
  utimesSync(join(runs, nameOf(1), "result.json"), past, past);
  writeRun(runs, nameOf(2), 2, 2);
  const first = seen(runs);
  const index = new RecordIndex(runs);
  for (const [seed, isKnown] of [
    [0, true],
    [1, false],
    [2, false],
    [3, true],
  ] as const)
    t.equal(index.get(nameOf(seed)) !== undefined, isKnown, `run ${seed}`);
  const { result, resolved: experiment } = index.get(nameOf(3))!;
  t.equal(JSON.parse(result.json).best.top1, 3);
  t.match(JSON.parse(experiment!.json), { training: { seed: 3 } });
  t.same(seen(runs), first);
});

t.test("an experiment nested more than 32 levels deep is damaged", async (t) => {
  const nested = (depth: number) => `name: tiny\na: ${"[".repeat(depth)}${"]".repeat(depth)}\n`;
  const runs = t.testdir({ most: { "resolved.yaml": nested(31) }, more: { "resolved.yaml": nested(32) } });
  const reasonOf = (name: string) => {
    const read = readResolved(join(runs, name));
    return read.state === "damaged" ? read.reason : read.state;
  };
  t.equal(reasonOf("more"), "it is nested more than 32 levels deep");
  t.notMatch(reasonOf("most"), "nested");
});

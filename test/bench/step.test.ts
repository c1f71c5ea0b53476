import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { allCases, batchOf, parseCase } from "../../bench/stepCases.js";
import type { Conditions } from "../../bench/stepConditions.js";
import { codeDigest } from "../../bench/stepConditions.js";
import { fillPage } from "../../bench/stepPages.js";
import type { Comparison, PeerName } from "../../bench/stepPeers.js";
import { comparisonsOf, parsePeer, peers } from "../../bench/stepPeers.js";
import { reportColumns, tableOf } from "../../bench/stepReport.js";
import type { Result } from "../../bench/stepResults.js";
import { lastResults, readResults } from "../../bench/stepResults.js";
import { measureMissing } from "../../bench/stepRun.js";
import type { Figures } from "../../bench/stepSide.js";

const conditions: Conditions = {
  ...{ code: "c0de", engine: "torch", engineVersion: "2.15.0", peerVersion: "PyTorch 2.15.0+cu132" },
  ...{ node: "v20", cpu: "AMD EPYC", cores: 2, threads: 2, device: "cpu", batch: 16, rounds: 3 },
};
const figures = (ms: number, peakMb: number): Figures => ({
  ...{ times: [ms, ms, ms], peakMb, losses: [7, 6], device: "cpu" },
});
const allPeers = Object.keys(peers) as PeerName[];
const comparisons = (cases: readonly string[], names: readonly PeerName[]) =>
  comparisonsOf(cases.map(parseCase), names);
const nameOf = ({ stepCase, peer }: Pick<Comparison, "stepCase" | "peer">) => `${stepCase.name} ${peer}`;

/** Runs with a measurement that notes what it measures; `stopAt` interrupts it there. */
async function run(
  file: string,
  planned: readonly Comparison[],
  { stopAt = "", fails = "", fresh = false, now = conditions } = {},
) {
  const measured: string[] = [];
  const said: string[] = [];
  const results = await measureMissing(planned, {
    ...{ file, fresh, revision: "abc1234", conditionsOf: () => now },
    async measure(comparison) {
      const name = nameOf(comparison);
      if (name === fails) throw new Error("it ended with SIGKILL");
      if (name === stopAt) return new Promise(() => {});
      measured.push(name);
      return [figures(100, 1300), figures(250, 2000)];
    },
    report: (line) => said.push(line),
  });
  return { measured, said, ...results };
}

/** Waits while other work proceeds, for a limited time. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !condition(); turn++) await new Promise(setImmediate);
}

t.test("the full table has every case with every peer that can compute it", async (t) => {
  const all = comparisons(allCases, allPeers);
  t.equal(all.length, 5 * (6 + 6 + 4 + 7));
  const peersOf = (name: string) =>
    all.filter(({ stepCase }) => stepCase.name === name).map(({ peer }) => peer);
  const pytorch = ["eager", "channels_last", "compiled", "bfloat16"];
  t.same(peersOf("resnet18-w4a4-224"), [...pytorch, "brevitas", "full-precision"]);
  t.same(peersOf("resnet20-fp-32"), pytorch);
  t.same(peersOf("resnet50-w2a2-64-lsq"), [...pytorch, "brevitas", "full-precision", "n2uq"]);
  t.same(new Set(all.map(({ stepCase }) => batchOf(stepCase))), new Set([16, 128]));
  const counterpart = (name: string, peer: PeerName) => comparisons([name], [peer])[0]?.counterpart.name;
  t.equal(counterpart("resnet18-w2a2-64", "brevitas"), "resnet18-w2a2-64-lsq", "Brevitas computes LSQ");
  t.equal(counterpart("resnet18-w2a2-64-lsq", "eager"), "resnet18-w2a2-64-lsq");
  t.equal(counterpart("resnet18-w2a2-64-lsq", "n2uq"), "resnet18-w2a2-64");
  t.equal(counterpart("resnet18-w2a2-64-lsq", "full-precision"), "resnet18-fp-64");
  t.equal(counterpart("resnet18-w2a2-64-pact", "eager"), undefined, "PyTorch's side has no PACT");
  t.throws(() => parsePeer("jax"), /no peer jax: one of eager, /);
});

t.test("an interrupted run loses only the comparison in progress", async (t) => {
  const file = join(t.testdir(), "results", "step.jsonl");
  const planned = comparisons(["resnet20-w2a2-32", "resnet20-w2a2-32-lsq"], ["eager", "compiled"]);
  const names = planned.map(nameOf);
  // Never resolved, like a process that was killed.
  void run(file, planned, { stopAt: names[2]! });
  await until(() => readResults(file).length === 2);
  const second = await run(file, planned);
  t.same(second.measured, names.slice(2));
  t.same(
    second.results.map(({ case: name, peer }) => `${name} ${peer}`),
    names,
    "all results, in order",
  );
  t.equal(second.said.length, 2, "says what is measured already");
  const third = await run(file, planned);
  t.same(third.measured, []);
});

t.test("a failed comparison is reported, and measured at the next start", async (t) => {
  const file = join(t.testdir(), "step.jsonl");
  const planned = comparisons(["resnet18-w4a4-224"], ["eager", "compiled"]);
  const first = await run(file, planned, { fails: "resnet18-w4a4-224 eager" });
  t.match(first, { failed: 1, said: ["resnet18-w4a4-224, eager: failed, because it ended with SIGKILL"] });
  t.same(first.measured, ["resnet18-w4a4-224 compiled"], "the others are measured");
  t.same((await run(file, planned)).measured, ["resnet18-w4a4-224 eager"]);
});

t.test("what decides a measurement has changed: it is measured again", async (t) => {
  const planned = comparisons(["resnet20-w2a2-32"], ["eager"]);
  const changed: Partial<Conditions>[] = [
    ...[{ code: "other" }, { engineVersion: "1.13.0" }, { peerVersion: "PyTorch 2.16.0" }, { node: "v22" }],
    ...[{ cpu: "Xeon" }, { cores: 4 }, { threads: 1 }, { device: "cuda" }, { batch: 8 }, { rounds: 5 }],
  ];
  t.same(
    changed.flatMap(Object.keys).sort(),
    Object.keys(conditions)
      .filter((name) => name !== "engine")
      .sort(),
  );
  for (const change of changed) {
    const [name] = Object.keys(change);
    const file = join(t.testdir(), "step.jsonl");
    writeFileSync(file, "");
    await run(file, planned);
    const again = await run(file, planned, { now: { ...conditions, ...change } });
    t.equal(again.measured.length, 1, name!);
    t.same(again.said, [`resnet20-w2a2-32, eager: measured again, because of ${name}`]);
    t.equal(lastResults(readResults(file)).length, 1, "the new result replaces the old one");
  }
  const file = join(t.testdir(), "step.jsonl");
  await run(file, planned);
  await run(file, planned, { now: { ...conditions, engine: "wasm" } });
  t.equal(lastResults(readResults(file)).length, 2, "each engine has separate results");
});

t.test("--fresh measures anew, and can be interrupted like any other run", async (t) => {
  const file = join(t.testdir(), "step.jsonl");
  const planned = comparisons(["resnet20-w2a2-32", "resnet20-w4a4-32"], ["eager"]);
  const [first, second] = planned.map(nameOf);
  const other = comparisons(["resnet20-fp-32"], ["eager"]);
  await run(file, [...planned, ...other]);
  void run(file, planned, { fresh: true, stopAt: second! });
  await until(() => readResults(file).length === 2);
  t.same(
    readResults(file).map(({ case: name }) => name),
    ["resnet20-fp-32", "resnet20-w2a2-32"],
  );
  t.same((await run(file, planned)).measured, [second], `${first} is not measured twice`);
  t.same((await run(file, planned, { fresh: true })).measured, [first, second]);
  t.same((await run(file, other)).measured, [], "what was not asked for stays");
});

t.test("a truncated line does not spoil the file", async (t) => {
  const file = join(t.testdir(), "step.jsonl");
  const planned = comparisons(["resnet20-w2a2-32"], ["eager", "compiled"]);
  await run(file, planned.slice(0, 1));
  appendFileSync(file, readFileSync(file, "utf8").slice(0, 100));
  t.same((await run(file, planned)).measured, ["resnet20-w2a2-32 compiled"]);
  t.same(
    readResults(file).map(({ peer }) => peer),
    ["eager", "compiled"],
  );
});

t.test("the digest of the code changes with the content of its sources only", (t) => {
  const root = t.testdir({ native: { "a.cpp": "a", deep: { "b.h": "b" } }, "step.py": "p", other: "o" });
  const digest = () => codeDigest(root, ["native", "step.py"]);
  const before = digest();
  writeFileSync(join(root, "other"), "changed");
  t.equal(digest(), before);
  const seen = new Set([before]);
  for (const [name, content] of [
    ["native/a.cpp", "A"],
    ["native/deep/b.h", "B"],
    ["step.py", "P"],
  ] as const) {
    writeFileSync(join(root, name), content);
    seen.add(digest());
  }
  mkdirSync(join(root, "native/more"));
  writeFileSync(join(root, "native/more/c.h"), "");
  seen.add(digest());
  t.equal(seen.size, 5);
  t.equal(codeDigest(), codeDigest(), "of this repository");
  t.end();
});

const result = (name: string, peer: PeerName, change: Partial<Result> = {}): Result => ({
  ...{ case: name, peer, conditions, revision: "abc1234", finished: "2026-11-29T10:00:00.000Z" },
  ...{ ours: figures(400, 1300), theirs: figures(1000, 2600), ...change },
});

t.test("a row says what it is, and whether it reaches its target", (t) => {
  const rowOf = (...given: Parameters<typeof result>) =>
    tableOf([result(...given)], reportColumns).split("\n")[2];
  t.equal(
    rowOf("resnet18-w4a4-224", "compiled"),
    "| ResNet-18 | N2UQ W4A4 | 224 | 16 | float32 | PyTorch 2.15.0: compiled, channels last, fused Adam | 400 ms | 1000 ms | 2.50× | ≥ 5× missed | 1.3 GB | 2.6 GB | 0.50× | ≤ 0.5× reached | torch 2.15.0, AMD EPYC, 2 threads, 3 rounds |",
  );
  t.match(rowOf("resnet18-w2a2-224", "bfloat16"), /\| bfloat16 \| .* \| 2\.50× \| ≥ 2\.4× reached \|/);
  t.match(rowOf("resnet18-w2a2-224", "full-precision"), /n2uq's full precision .* time ≤ 0\.9× reached/);
  t.match(rowOf("resnet20-w2a2-32-lsq", "n2uq"), /LSQ W2A2 .* n2uq's N2UQ .* time ≤ 1\.05× reached/);
  const slow = { theirs: figures(350, 2600) };
  t.match(rowOf("resnet20-w2a2-32-lsq", "n2uq", slow), /time ≤ 1\.05× missed/);
  t.match(rowOf("resnet20-w2a2-32-apot", "n2uq", slow), /time ≤ 1\.3× reached/);
  t.match(rowOf("resnet18-w2a2-224", "brevitas"), /2\.50× \| {2}\|/, "no target");
  t.end();
});

t.test("a page's section is filled in place", (t) => {
  const page = (inside: string) =>
    `# Title\n<!-- bench:step resnet18-*-224 compiled -->\n${inside}<!-- /bench:step -->\nAfter\n`;
  const results = [
    ...[result("resnet18-w4a4-224", "compiled"), result("resnet18-w2a2-64", "compiled")],
    ...[result("resnet18-w2a2-224", "eager"), result("resnet18-w2a2-224", "compiled")],
    result("resnet18-w4a4-224", "compiled", {
      ours: figures(200, 1300),
      finished: "2026-11-30T10:00:00.000Z",
    }),
  ];
  const { text, shown, empty } = fillPage(page("old\n"), results);
  t.same(
    shown.map(({ case: name, peer }) => `${name} ${peer}`),
    ["resnet18-w2a2-224 compiled", "resnet18-w4a4-224 compiled"],
  );
  t.match(text, /^# Title\n<!-- bench:step .*\n\| network .*\n\|---.*\n\| ResNet-18 \| N2UQ W2A2/);
  t.match(text, /200 ms \| 1000 ms \| 5\.00×/, "the last result of a comparison");
  t.match(text, /\n\nCommit abc1234; 2026-11-29 to 2026-11-30\.\n<!-- \/bench:step -->\nAfter\n$/);
  t.notMatch(text, /old/);
  t.same(empty, []);
  t.equal(fillPage(text, results).text, text, "a second time changes nothing");
  const without = fillPage(page("old\n"), results.slice(1, 3));
  t.match(without, { text: page("old\n"), empty: ["resnet18-*-224 compiled"] }, "without results it stays");
  t.end();
});

t.test("the pages have sections with peers that exist", (t) => {
  for (const name of ["README.md", "docs/engines.md"]) {
    const page = readFileSync(join(import.meta.dirname, "../..", name), "utf8");
    const { shown } = fillPage(
      page,
      comparisons(allCases, allPeers).map(({ stepCase, peer }) => result(stepCase.name, peer)),
    );
    t.ok(shown.length > 3, `${name}: ${shown.length} rows`);
    for (const [, , names = ""] of page.matchAll(/<!-- bench:step (\S+) (\S+) -->\n/g))
      names.split(",").forEach(parsePeer);
  }
  t.end();
});

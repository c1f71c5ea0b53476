import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Test } from "tap";
import t from "tap";
import type { Finished } from "../helpers/cli.js";
import { n2uq, root } from "../helpers/cli.js";
import { runRecord } from "../helpers/records.js";

const experiment = `name: tiny
architecture: { family: stages, layout: n2uq, stem: { kernel: 3, stride: 2, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: n2uq, bits: { weights: 2, activations: 2 } }
data: { dataset: synthetic, synthetic: { trainSize: 64, testSize: 32 } }
training: { epochs: 2, batchSize: 16, seed: SEED, schedule: { kind: constant } }
engine: wasm
`;
const table = `base: ./tiny.yaml
grid: { seed: [0, 1] }
table: { title: T, columns: [{ label: W2, where: { bits: 2 } }], rows: [{ label: N2UQ, where: { method: n2uq } }] }
`;
/** A hash of which the directory's name shows the beginning. */
const hashOf = (digit: string) => `${digit}faafb49`.repeat(8);
const fixtures = join(root, "test", "fixtures", "runs");

/** A folder with a project, finished runs `tiny-0faafb49` and `tiny-1faafb49`, and a sweep of them. */
function project(t: Test): string {
  const folder = t.testdir({
    "package.json": "{}",
    "tiny.yaml": experiment.replace("SEED", "0"),
    "table.yaml": table,
  });
  for (const [seed, digit] of ["0", "1"].entries()) {
    const directory = join(folder, "runs", `tiny-${digit}faafb49`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "result.json"), JSON.stringify(runRecord({ hash: hashOf(digit), seed })));
    writeFileSync(join(directory, "resolved.yaml"), experiment.replace("SEED", String(seed)));
  }
  writeSweep(folder, "tiny-9faafb49", "2026-11-28T02:47:39.830Z");
  return folder;
}

function writeSweep(folder: string, name: string, created: string): void {
  const cells = ["0", "1"].map((digit) => ({
    ...{ hash: hashOf(digit), name: "tiny", values: { seed: digit }, needs: [], nodes: 1, shared: false },
    ...{ bitOps: 400, steps: 8, directory: `tiny-${digit}faafb49` },
  }));
  const ledger = {
    format: 1,
    name: "tiny",
    hash: hashOf(name[5] ?? "9"),
    file: null,
    n2uq: "0.1.0",
    created,
    cells,
  };
  put(folder, join("runs", "sweeps", name, "sweep.json"), JSON.stringify(ledger));
}

function put(folder: string, file: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), content);
}

function sound(t: Test, { stdout, stderr }: Finished): void {
  t.notMatch(stdout + stderr, /N2UQ_INTERNAL|node:internal|^\s+at /m);
}

t.test("D7: a damaged result.json is named and counted, and the other runs are shown", async (t) => {
  const folder = project(t);
  const { totals: _, ...partial } = runRecord({ hash: hashOf("a") });
  const results = {
    "bare-afaafb49": partial,
    "text-bfaafb49": "x",
    "list-cfaafb49": [],
    "null-dfaafb49": null,
  };
  for (const [name, content] of Object.entries(results))
    put(folder, `runs/${name}/result.json`, JSON.stringify(content));
  cpSync(join(fixtures, "res-3-19-result.json"), join(folder, "runs", "key-efaafb49", "result.json"));
  put(folder, "runs/none-ffaafb49/result.json", "");

  const runs = await n2uq(["runs", "--json"], folder);
  sound(t, runs);
  t.equal(runs.code, 0, runs.stderr);
  const listed = JSON.parse(runs.stdout) as { run: string; state: string; problem: string | null }[];
  t.equal(listed.filter(({ state }) => state === "done").length, 2);
  t.same(
    listed.filter(({ state }) => state === "unreadable").map(({ run }) => run),
    ["bare-afaafb49", "key-efaafb49", "list-cfaafb49", "none-ffaafb49", "null-dfaafb49", "text-bfaafb49"],
  );
  t.match(
    listed.find(({ run }) => run === "bare-afaafb49")?.problem,
    /result\.json is damaged: totals is missing/,
  );
  t.match((await n2uq(["runs"], folder)).stdout, "6 runs have a damaged file");

  const report = await n2uq(["report"], folder);
  sound(t, report);
  t.equal(report.code, 0, report.stderr);
  t.match(report.stdout, /6 not shown:/);
  t.match(report.stdout, "key-efaafb49: result.json is damaged: fullPrecision is missing");
  t.match(report.stdout, "report.html: 2 runs");

  const compare = await n2uq(["compare", "tiny-0faafb49", "bare-afaafb49"], folder);
  sound(t, compare);
  t.equal(compare.code, 2);
  t.match(compare.stderr, /N2UQ_REPORT_NO_RUNS.*bare-afaafb49 is result\.json is damaged: totals is missing/);
});

t.test("D7: damaged files of running or failed runs do not hide the state of others", async (t) => {
  const folder = project(t);
  const beat = new Date().toISOString();
  put(
    folder,
    "runs/tiny-1faafb49/lock",
    JSON.stringify({ pid: process.pid, host: "elsewhere", began: null, beat }),
  );
  const odd = { step: "<script>1</script>", totalSteps: {}, loss: 1, secondsLeft: 3 };
  const lock = { pid: 8193, host: "elsewhere", began: 0, beat, progress: odd };
  put(folder, "runs/tiny-0faafb49/lock", JSON.stringify(lock));
  for (const digit of ["0", "1"]) put(folder, `runs/tiny-${digit}faafb49/result.json`, "");
  const unread = await n2uq(["status"], folder);
  sound(t, unread);
  t.match(unread.stdout, /2 unreadable/);

  const failed = JSON.parse(readFileSync(join(fixtures, "res-3-13-failed.json"), "utf8"));
  put(folder, "runs/odd-2faafb49/failed.json", JSON.stringify(failed));
  put(folder, "runs/list-3faafb49/failed.json", "[]");
  put(folder, "runs/live-4faafb49/lock", JSON.stringify(lock));
  put(folder, "runs/live-5faafb49/lock", JSON.stringify({ pid: 8193, host: "elsewhere", began: null, beat }));
  const runs = await n2uq(["runs", "--json"], folder);
  sound(t, runs);
  const states = JSON.parse(runs.stdout) as { run: string; state: string; problem: string | null }[];
  const stateOf = (run: string) => states.find((one) => one.run === run);
  t.match(stateOf("odd-2faafb49"), {
    state: "failed",
    problem: /failed\.json is damaged: message must be a string/,
  });
  t.match(stateOf("list-3faafb49"), {
    state: "failed",
    problem: /failed\.json is damaged: it must be a map/,
  });
  t.match(stateOf("live-4faafb49"), { state: "running" });
  t.match(stateOf("live-5faafb49"), { state: "running" });
});

t.test("D7: a damaged ledger is named, and the latest intact sweep is shown", async (t) => {
  const folder = project(t);
  const broken = { "null-1": '{"format":1,"cells":null}', "text-2": "x", "list-3": "[]" };
  for (const [name, content] of Object.entries(broken))
    put(folder, `runs/sweeps/${name}/sweep.json`, content);
  put(folder, "runs/sweeps/hash-4/sweep.json", readFileSync(join(fixtures, "res-3-10-sweep.json")));
  put(folder, "runs/sweeps/word-5/sweep.json", readFileSync(join(fixtures, "res-3-1-sweep.json")));
  const status = await n2uq(["status", "--json"], folder);
  sound(t, status);
  t.equal(status.code, 0, status.stderr);
  t.match(JSON.parse(status.stdout), { name: "tiny", counts: { done: 2 } });
  for (const name of [...Object.keys(broken), "hash-4", "word-5"])
    t.match(status.stderr, `${name} is skipped`);
  t.match(status.stderr, /hash-4.*hash is missing/);
  const named = await n2uq(["status", "null-1"], folder);
  sound(t, named);
  t.equal(named.code, 2);
  t.match(named.stderr, /N2UQ_SWEEP_DAMAGED.*null-1.*name is missing/);
});

t.test("D7: a report names the damaged files of a run; a table names its damaged runs", async (t) => {
  const folder = project(t);
  const at = (file: string) => `runs/tiny-0faafb49/${file}`;
  put(folder, at("resolved.yaml"), readFileSync(join(fixtures, "res-3-3-resolved.yaml")));
  put(
    folder,
    at("analysis.json"),
    JSON.stringify({
      format: 1,
      hash: hashOf("0"),
      images: 1,
      layers: [],
      weights: [null],
      activations: [],
    }),
  );
  put(folder, at("sources.json"), "[1]");
  put(folder, at("search-x.json"), '{"format":1,"layers":null}');
  put(folder, at("metrics.jsonl"), '{"type":"step","step":1}\nnull\n');
  put(
    folder,
    "runs/tiny-1faafb49/resolved.yaml",
    `${experiment.replace("SEED", "1").replace(/training:.*/, "training: null")}`,
  );
  const report = await n2uq(["report"], folder);
  sound(t, report);
  t.equal(report.code, 0, report.stderr);
  const page = readFileSync(join(folder, "report.html"), "utf8");
  for (const text of [
    "resolved.yaml can&#39;t be read (it is not YAML)",
    "resolved.yaml can&#39;t be read (training must be a map; found null)",
    "analysis.json is damaged (weights[0] must be a map; found null)",
    "sources.json is damaged",
    "search-x.json is damaged",
    "2 lines of metrics.jsonl are damaged",
  ]) {
    t.ok(page.includes(text), text);
  }

  const dry = await n2uq(["sweep", "table.yaml", "--dry-run", "--json"], folder);
  const [cell] = (JSON.parse(dry.stdout) as { cells: { directory: string }[] }).cells;
  const directory = cell?.directory ?? "";
  put(folder, join(directory, "result.json"), '{"format":1}');
  const filled = await n2uq(["table", "table.yaml"], folder);
  sound(t, filled);
  t.equal(filled.code, 0);
  t.match(filled.stdout, "unreadable");
  t.match(filled.stderr, /tiny-[0-9a-f]{8}: result\.json is damaged/);
});

t.test("D11: the latest sweep is determined by its ledger, not by its folder's date", async (t) => {
  const folder = project(t);
  writeSweep(folder, "tiny-8faafb49", "2026-11-28T05:00:00.000Z");
  put(folder, "runs/sweeps/tiny-9faafb49/touched", "");
  const { code, stdout, stderr } = await n2uq(["status", "--json"], folder);
  t.equal(code, 0, stderr);
  t.equal(JSON.parse(stdout).created, "2026-11-28T05:00:00.000Z");
});

t.test(
  "C: compare takes beginnings of names, paths and experiment files, and names the runs that there are",
  async (t) => {
    const folder = project(t);
    for (const [a, b] of [
      ["tiny-0", "tiny-1"],
      ["runs/tiny-0faafb49/", "./runs/tiny-1"],
    ] as const) {
      const found = await n2uq(["compare", a, b, "--json"], folder);
      t.equal(found.code, 0, `${a} ${found.stderr}`);
      t.match(JSON.parse(found.stdout || "{}").differences, [{ path: "training.seed", values: ["0", "1"] }]);
    }
    const file = await n2uq(["compare", "tiny.yaml", "tiny-1faafb49"], folder);
    sound(t, file);
    t.equal(file.code, 2);
    t.match(file.stderr, /tiny has no finished run[\s\S]*tiny-1faafb49 \([^)]*training\.seed 1 instead of 0/);
  },
);

t.test("C: evaluate of an experiment without a run names those that were made with --set", async (t) => {
  const folder = project(t);
  const { code, stdout, stderr } = await n2uq(["evaluate", "tiny.yaml"], folder);
  sound(t, { code, signal: null, stdout, stderr });
  t.equal(code, 2);
  t.match(stderr, /N2UQ_EVALUATE_NO_RUN[\s\S]*Runs named tiny: [\s\S]*training\.seed 1 instead of 0/);
});

t.test("C: evaluate takes a run's directory, under any name; --json prints with --quiet", async (t) => {
  const folder = t.testdir({ "package.json": "{}", "tiny.yaml": experiment.replace("SEED", "0") });
  const made = await n2uq(["run", "tiny.yaml", "--json", "--quiet"], folder);
  t.equal(made.code, 0, made.stderr);
  const lines = made.stdout.trim().split("\n");
  t.equal(lines.length, 1, "the result alone");
  const { record } = JSON.parse(lines[0] || "{}");
  t.ok(record, "the run's record");
  cpSync(join(folder, "runs", `tiny-${record?.hash.slice(0, 8)}`), join(folder, "kept", "mine"), {
    recursive: true,
  });
  const { code, stdout, stderr } = await n2uq(["evaluate", "kept/mine/", "--json"], folder);
  t.equal(code, 0, stderr);
  const found = JSON.parse(stdout || "{}");
  t.equal(found.top1, record?.best.top1);
  t.match(found.weights, /kept\/mine\/checkpoints\/best\.safetensors$/);
});

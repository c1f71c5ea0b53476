import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import t from "tap";
import { writeReport } from "../../runners/report.js";
import { compareText } from "../../src/report/compare.js";
import { findRun } from "../../src/runs/findRuns.js";
import { readMetrics } from "../../src/runs/metricsFile.js";
import type { Analysis, RunRecord } from "../../src/runs/record.js";
import { readResolved } from "../../src/runs/runRecords.js";
import { checkRunFile } from "../../src/schema/runFiles.js";
import { readSafetensors } from "../../src/weights/safetensors.js";
import { clip, rounded } from "../core/byHand.js";
import { look, quiet } from "../helpers/browser.js";
import { n2uq } from "../helpers/cli.js";
import { findRuns } from "../helpers/findRuns.js";

const CHROMIUM = "/usr/bin/chromium";
const experiment = `
name: small
architecture: { family: stages, layout: n2uq, stem: { kernel: 3, stride: 2, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: n2uq, bits: 2 }
data: { dataset: synthetic, synthetic: { trainSize: 64, testSize: 32 } }
training: { epochs: 2, batchSize: 16, optimizer: { lr: 1.0e-2 }, loss: { kind: cross-entropy }, schedule: { kind: constant } }
`;
const variants = {
  small: [],
  lsq: ["method=lsq"],
  wide: ["bits=8", "training.seed=3"],
  full: ["method=none"],
};

const folder = t.testdir();
const runs = join(folder, "runs");
const directories = new Map<string, string>();
const json = async <Value>(name: string, file: string) =>
  JSON.parse(await readFile(join(directories.get(name)!, file), "utf8")) as Value;

t.before(async () => {
  await mkdir(folder, { recursive: true });
  // A separate project, so that the search for a config does not reach the repository's.
  await writeFile(join(folder, "package.json"), "{}");
  await writeFile(join(folder, "small.yaml"), experiment);
  for (const [name, sets] of Object.entries(variants)) {
    const set = [`name=${name}`, ...sets].flatMap((one) => ["--set", one]);
    const { code, stderr } = await n2uq(["run", "small.yaml", "--quiet", ...set], folder);
    if (code !== 0) throw new Error(stderr);
  }
  for (const directory of await readdir(runs)) {
    directories.set(directory.replace(/-[0-9a-f]{8}$/, ""), join(runs, directory));
  }
});

t.test("what a run records of its quantizers is what its best weights say", async (t) => {
  const analysis = await json<Analysis>("small", "analysis.json");
  t.same([analysis.weights.length, analysis.activations.length], [2, 2]);
  const { tensors } = await readSafetensors(
    join(directories.get("small")!, "checkpoints", "best.safetensors"),
  );
  for (const { layer, counts } of analysis.weights) {
    const { data, shape } = tensors.get(`${layer}.weight`)!;
    const fan = data.length / shape[0]!;
    const byHand = [0, 0, 0, 0];
    for (let channel = 0; channel < shape[0]!; channel++) {
      const own = Array.from(data.subarray(channel * fan, (channel + 1) * fan), Number);
      const sigma = ((3 / 2) * own.reduce((sum, w) => sum + Math.abs(w), 0)) / fan;
      for (const w of own) byHand[rounded(((clip(w / sigma, -1, 1) + 1) * 3) / 2)]! += 1;
    }
    t.same(counts, byHand, `${layer}: weights on each level`);
  }
  for (const { layer, start, end, counts } of analysis.activations) {
    const value = (name: string) => Array.from(tensors.get(`${layer}.${name}`)!.data, Number);
    let edge = value("start")[0]!;
    const thresholds = value("a").map((a) => {
      edge += a;
      return (edge - a / 2) / value("scale1")[0]!;
    });
    t.ok(
      thresholds.every((wanted, k) => Math.abs(wanted - end.thresholds[k]!) < 1e-6),
      `${layer}: thresholds`,
    );
    t.same(
      end.levels,
      [0, 1, 2, 3].map((k) => Math.fround(value("scale2")[0]! * Math.fround((2 * k) / 3))),
    );
    t.ok(
      [1 / 3, 1, 5 / 3].every((wanted, k) => Math.abs(wanted - start!.thresholds[k]!) < 1e-6),
      `${layer} starts with uniform thresholds`,
    );
    t.equal(counts.reduce((sum, count) => sum + count, 0) % 32, 0, `${layer}: 32 images were seen`);
  }
  const full = await json<Analysis>("full", "analysis.json");
  t.same([full.weights, full.activations], [[], []], "a full-precision network has no quantizers");
  const { totals } = await json<RunRecord>("small", "result.json");
  const bytes = analysis.layers.reduce((sum, { packedBytes }) => sum + packedBytes, 0);
  t.equal(bytes, totals.packedBytes);
});

t.test("the event file is read by a reader that shares no code with us", async (t) => {
  const python = "/usr/bin/python3";
  if (!existsSync(python)) return skip(t, "python3");
  const script = fileURLToPath(new URL("tfevents.py", import.meta.url));
  const file = join(directories.get("small")!, "tensorboard", "events.out.tfevents.0.n2uq");
  const { stdout } = await promisify(execFile)(python, [script, file]);
  const [head, ...events] = JSON.parse(stdout) as {
    step: number;
    version?: string;
    values: { tag: string; scalar?: number; histogram?: { bucket: number[]; num: number } }[];
  }[];
  t.same(head, { step: 0, values: [], version: "brain.Event:2" });
  const lines = (await readFile(join(directories.get("small")!, "metrics.jsonl"), "utf8")).trim().split("\n");
  const metrics = lines.map((line) => JSON.parse(line));
  const scalars = (tag: string) =>
    events.flatMap(({ step, values }) =>
      values.filter((one) => one.tag === tag).map(({ scalar }) => [step, scalar]),
    );
  const steps = metrics.filter(({ type }) => type === "step");
  const epochs = metrics.filter(({ type }) => type === "epoch");
  t.same(
    scalars("train/loss"),
    steps.map(({ step, loss }) => [step, Math.fround(loss)]),
  );
  t.same(
    scalars("train/lr"),
    steps.map(({ step, lr }) => [step, Math.fround(lr)]),
  );
  t.same(
    scalars("validation/top1"),
    epochs.map(({ step, validation }) => [step, Math.fround(validation.top1)]),
  );
  t.same(
    scalars("train/gradientNorm"),
    epochs.map(({ step, gradientNorm }) => [step, Math.fround(gradientNorm)]),
  );
  const { weights, activations } = await json<Analysis>("small", "analysis.json");
  const histograms = events
    .flatMap(({ values }) => values)
    .filter(({ histogram }) => histogram !== undefined);
  t.same(
    histograms.map(({ tag, histogram }) => [tag, histogram!.bucket]),
    [
      ...weights.map(({ layer, counts }) => [`weights/${layer}`, counts]),
      ...activations.map(({ layer, counts }) => [`activations/${layer}`, counts]),
    ],
  );
});

t.test("compare shows what differs and nothing else", async (t) => {
  const [small = "", wide = ""] = ["small", "wide"].map((name) => directories.get(name));
  const { code, stdout } = await n2uq(["compare", "small", "wide"], folder);
  t.equal(code, 0);
  for (const line of [
    /quantization\.bits\.weights +2 +8/,
    /quantization\.bits\.activations +2 +8/,
    /training\.seed +0 +3/,
    /bits +W2A2 +W8A8/,
  ]) {
    t.match(stdout, line);
  }
  t.notMatch(stdout, "batchSize");
  const hash = small.slice(-8);
  const found = JSON.parse((await n2uq(["compare", hash.slice(0, 6), wide, "--json"], folder)).stdout);
  t.same(
    found.differences.map(({ path }: { path: string }) => path),
    ["quantization.bits.weights", "quantization.bits.activations", "training.seed"],
  );
  const { best } = await json<RunRecord>("small", "result.json");
  t.same(found.runs[0].record.best, best);
  const run = findRun(runs, "small");
  t.match(compareText(run, run), "The experiments have the same values.");
  t.throws(() => findRun(runs, "large"), { code: "N2UQ_REPORT_UNKNOWN_RUN", exitCode: 2 });
});

t.test("every file that a run writes follows the schema of run files", async (t) => {
  const kinds = {
    "result.json": "result",
    "analysis.json": "analysis",
    "start.json": "startRecord",
    "sources.json": "sources",
    "identity.json": "identity",
  } as const;
  for (const name of directories.keys()) {
    for (const [file, kind] of Object.entries(kinds)) {
      t.match(checkRunFile(kind, await json(name, file)), { ok: true }, `${name}: ${file}`);
    }
    const notes: string[] = [];
    const { steps, epochs } = readMetrics(directories.get(name)!, notes);
    t.ok(steps.length > 0 && epochs.length === 2);
    t.same(notes, []);
    t.match(readResolved(directories.get(name)!), { state: "read", value: { name } });
  }
});

t.test("a report of every run, of one, and of damaged ones", async (t) => {
  const all = await n2uq(["report", "--json"], folder);
  const told = JSON.parse(all.stdout);
  t.equal(told.file, join(folder, "report.html"));
  t.equal(told.runs.length, 4);
  const page = await readFile(told.file, "utf8");
  t.notOk(/<script|(src|href)="(https?:)?\/\//.test(page), "no script, nothing from elsewhere");
  t.ok(page.includes("small.yaml:4"), "values say which line they are from");
  const { best } = await json<RunRecord>("small", "result.json");
  t.ok(page.includes(`<b>${best.top1.toFixed(2)} %</b>`), "the best top-1");
  t.equal(page.match(/<svg/g)!.length, page.match(/<\/svg>/g)!.length);

  const one = join(folder, "one.html");
  t.equal((await writeReport({ cwd: folder, runs }, ["small"], one)).runs.length, 1);
  t.ok((await stat(one)).size < 3e6 / 12, "twelve such runs stay below 3 MB");
  t.notOk((await readFile(one, "utf8")).includes("Pareto"));

  const broken = join(folder, "broken");
  const copy = async (from: string, to: string) => {
    await cp(directories.get(from)!, join(broken, to), { recursive: true });
    return join(broken, to);
  };
  const old = await copy("small", "old-00000001");
  for (const file of ["analysis.json", "sources.json", "start.json"]) await rm(join(old, file));
  await rm(join(await copy("small", "unfinished-00000002"), "result.json"));
  await writeFile(join(await copy("small", "cut-00000003"), "result.json"), '{"format":1,');
  await writeFile(join(await copy("small", "other-00000004"), "result.json"), '{"format":2}');
  const torn = await copy("lsq", "torn-00000005");
  await writeFile(join(torn, "metrics.jsonl"), '{"type":"step","st\nnull\n{"type":"epoch"}\n');
  await writeFile(join(torn, "resolved.yaml"), "a: [");
  const evil = await copy("small", "evil-00000006");
  const record = JSON.parse(await readFile(join(evil, "result.json"), "utf8"));
  const name = '<img src=x onerror="alert(1)">';
  await writeFile(join(evil, "result.json"), JSON.stringify({ ...record, name }));
  const shown = await n2uq(["report", "--runs", broken], folder);
  t.equal(shown.code, 0, shown.stderr);
  t.match(shown.stdout, "3 not shown:");
  for (const text of [
    "unfinished-00000002: not finished",
    "cut-00000003: result.json is damaged",
    "other-00000004: result.json is damaged: its format is 2; this version reads 1",
    "report.html: 3 runs",
  ]) {
    t.match(shown.stdout, text);
  }
  const report = await readFile(join(folder, "report.html"), "utf8");
  for (const text of [
    "There is no analysis.json",
    "3 lines of metrics.jsonl are damaged",
    "resolved.yaml can&#39;t be read",
    "3 runs are not shown:",
  ]) {
    t.ok(report.includes(text), text);
  }
  t.notOk(report.includes("<img"), "names are escaped");
  await rm(join(broken, "old-00000001"), { recursive: true });
  const nothing = { code: "N2UQ_REPORT_NO_RUNS", exitCode: 2 };
  t.throws(() => findRuns(broken, ["unfinished"]), {
    ...nothing,
    message: /unfinished-00000002 is not finished/,
  });
  t.throws(() => findRuns(join(folder, "nowhere"), []), nothing);
});

t.test(
  "a table file is reported with its table and the runs that it has so far, a sweep by its name",
  async (t) => {
    const table = `name: both
base: ./small.yaml
grid: { bits: [2, 5] }
table:
  title: Two widths
  columns: [{ label: W2, where: { bits: 2 } }, { label: W5, where: { bits: 5 } }]
  rows: [{ label: N2UQ, where: { method: n2uq } }]
`;
    await writeFile(join(folder, "both.yaml"), table);
    const file = join(folder, "both.html");
    const { runs: shown, skipped } = await writeReport({ cwd: folder, runs }, ["both.yaml"], file);
    t.same(
      shown.map((name) => name.replace(/-[0-9a-f]{8}$/, "")),
      ["small"],
    );
    t.same(
      skipped.map(({ reason }) => reason),
      [
        `not run yet; runs named small: ${basename(directories.get("small")!)} (quantization.bits.weights 2 instead of 5, quantization.bits.activations 2 instead of 5)`,
      ],
    );
    const page = await readFile(file, "utf8");
    const { best } = await json<RunRecord>("small", "result.json");
    for (const text of ["Two widths", `${best.top1.toFixed(2)} (1)`, ">not run<", "1 run is not shown:"]) {
      t.ok(page.includes(text), text);
    }
    const swept = await n2uq(["sweep", "both.yaml", "--set", "epochs=1", "--quiet"], folder);
    t.equal(swept.code, 0, swept.stderr);
    const { runs: cells } = await writeReport({ cwd: folder, runs }, ["both"], file);
    t.equal(cells.length, 2, "the sweep's two cells");
    for (const name of cells) await rm(join(runs, name), { recursive: true });
  },
);

t.test("in a browser: every chart drawn, nothing too wide, nothing asked of the network", async (t) => {
  if (!existsSync(CHROMIUM)) return skip(t, "chromium");
  const file = join(folder, "browser.html");
  await writeReport({ cwd: folder, runs }, [], file);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: quiet });
  try {
    const backgrounds = new Set<string>();
    for (const width of [390, 1280]) {
      for (const colorScheme of ["light", "dark"] as const) {
        const seen = await look(browser, file, width, colorScheme);
        const what = `${width} px, ${colorScheme}`;
        t.same(seen.messages, [], `${what}: the console is empty`);
        t.same(seen.requests, [`file://${file}`], `${what}: the page is all that is read`);
        t.equal(seen.overflow, 0, `${what}: nothing is wider than the page`);
        // Of 4 runs: 2 curves and 2 costs each, 2 trade-offs; of 3 quantized ones 3 × 2 tiles and 2 entropies; 6 axes.
        t.equal(seen.charts.length, 4 * 4 + 2 + 3 * 8 + 6, `${what}: every chart is there`);
        t.same(
          seen.charts.filter(({ marks, height, outside }) => marks < 3 || height < 40 || outside > 0),
          [],
          `${what}: every chart has marks, inside of it`,
        );
        t.ok(seen.smallest >= 10, `${what}: text is ${seen.smallest} px or larger`);
        t.ok(seen.contrast >= 4.5, `${what}: text has a contrast of ${seen.contrast} or more`);
        backgrounds.add(`${colorScheme} ${seen.background}`);
      }
    }
    t.equal(backgrounds.size, 2, "light and dark differ");
  } finally {
    await browser.close();
  }
});

function skip(t: { pass(message: string): unknown }, missing: string): void {
  t.pass(`skipped: ${missing} is not installed (apt-get install ${missing})`);
}

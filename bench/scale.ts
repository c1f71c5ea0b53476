import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../src/package.js";

/**
 * npm run bench:scale: measures the time of commands with many runs. Trains one run, copies its directory
 * with other seeds, methods, bits and results, and lists all copies in a sweep's ledger.
 */
const RUNS = Number(process.env.RUNS ?? 10_000);
const METRICS = Number(process.env.METRICS ?? 100_000);

const experiment = `name: scale
architecture: { family: stages, layout: n2uq, stem: { kernel: 3, stride: 2, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
data: { dataset: synthetic, synthetic: { trainSize: 64, testSize: 32 } }
training: { epochs: 2, batchSize: 16, schedule: { kind: constant } }
engine: wasm
`;

const bin = join(packageRoot(), "bin", "n2uq.js");

/** Measurements of one command: wall and CPU seconds, and its maximum resident memory in MB. */
interface Cost {
  readonly seconds: number;
  readonly cpu: number;
  readonly megabytes: number;
}

/** Runs the command under GNU time. */
function measure(cwd: string, ...args: string[]): Cost {
  const { status, stderr } = spawnSync(
    "/usr/bin/time",
    ["-f", "%e %U %S %M", process.execPath, bin, ...args],
    { cwd, encoding: "utf8", maxBuffer: 2 ** 30 },
  );
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  const [seconds = Number.NaN, user = Number.NaN, system = Number.NaN, kilobytes = Number.NaN] =
    stderr.trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  return { seconds, cpu: user + system, megabytes: kilobytes / 1000 };
}

/** Copies of a run, each with another seed, method, bits and accuracy. */
function copyRuns(runs: string, original: string): void {
  const read = (file: string) => readFileSync(join(original, file), "utf8");
  const [result, resolved] = [JSON.parse(read("result.json")), read("resolved.yaml")];
  const files = ["analysis.json", "metrics.jsonl", "environment.json", "sources.json", "start.json"];
  const rest = files.map((file) => [file, read(file)] as const);
  const cells = Array.from({ length: RUNS }, (_, seed) => {
    const hash = createHash("sha256").update(String(seed)).digest("hex");
    const [method, bits] = [["n2uq", "lsq"][seed % 2] ?? "", 2 + (seed % 3)];
    const directory = `scale-${hash.slice(0, 8)}`;
    const best = { ...result.best, top1: ((seed * 7919) % 10_000) / 100 };
    const record = { ...result, hash, method, seed, best, bits: { weights: bits, activations: bits } };
    const own = resolved
      .replace(result.hash, hash)
      .replace("method: n2uq", `method: ${method}`)
      .replace(/weights: \d+/, `weights: ${bits}`)
      .replace(/\n {2}seed: 0\n/, `\n  seed: ${seed}\n`);
    mkdirSync(join(runs, directory));
    writeFileSync(join(runs, directory, "result.json"), `${JSON.stringify(record, null, 2)}\n`);
    writeFileSync(join(runs, directory, "resolved.yaml"), own);
    for (const [file, text] of rest)
      writeFileSync(join(runs, directory, file), text.replaceAll(result.hash, hash));
    const values = { seed: String(seed), method, bits: String(bits) };
    const cost = { bitOps: 1000, steps: 8, nodes: 1, shared: false };
    return { hash, name: "scale", directory, values, needs: [], ...cost };
  });
  const hash = createHash("sha256").update("sweep").digest("hex");
  const sweep = join(runs, "sweeps", `scale-${hash.slice(0, 8)}`);
  const created = new Date().toISOString();
  mkdirSync(sweep, { recursive: true });
  const ledger = { format: 1, name: "scale", hash, file: null, n2uq: "0.1.0", created, cells };
  writeFileSync(join(sweep, "sweep.json"), JSON.stringify(ledger));
}

/** Appends many lines to the metrics of a run. */
function lengthen(directory: string): void {
  const lines = Array.from({ length: METRICS }, (_, step) =>
    JSON.stringify({ type: "step", step, epoch: 1, loss: 1 / (1 + step), top1: 50, lr: 0.01 }),
  );
  writeFileSync(join(directory, "metrics.jsonl"), `${lines.join("\n")}\n`);
}

const folder = mkdtempSync(join(tmpdir(), "n2uq-scale-"));
try {
  writeFileSync(join(folder, "scale.yaml"), experiment);
  measure(folder, "run", "scale.yaml", "--quiet", "--runs", "one");
  const [one = ""] = readdirSync(join(folder, "one"));
  const runs = join(folder, "runs");
  mkdirSync(runs);
  copyRuns(runs, join(folder, "one", one));
  // An index contains only files that last changed at least two seconds ago.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const rows: string[] = [];
  const row = (name: string, ...args: string[]) => {
    const { seconds, cpu, megabytes } = measure(folder, ...args);
    rows.push(`| ${name} | ${seconds.toFixed(2)} | ${cpu.toFixed(2)} | ${megabytes.toFixed(0)} MB |`);
  };
  const list = ["runs", "--where", "method=n2uq,bits=2", "--sort", "top1"];
  row("report, first", "report");
  row("report, again", "report");
  rmSync(join(runs, ".n2uq-index"));
  row("runs --where --sort, first", ...list);
  row("runs --where --sort, again", ...list);
  row("runs", "runs");
  row("report --where --sort --limit", "report", "--where", "bits=2", "--sort", "top1", "--limit", "20");
  row("status", "status");
  row("compare", "compare", "scale-5feceb66", "scale-6b86b273");
  lengthen(join(runs, "scale-5feceb66"));
  row(`report of ${METRICS} lines of metrics`, "report", "scale-5feceb66");
  row(`compare with ${METRICS} lines of metrics`, "compare", "scale-5feceb66", "scale-6b86b273");
  console.log(`${RUNS} runs\n\n| command | seconds | CPU seconds | memory |\n|---|---:|---:|---:|`);
  for (const text of rows) console.log(text);
} finally {
  if (process.env.KEEP === undefined) rmSync(folder, { recursive: true });
  else console.log(folder);
}

// npm run soak -- [PART…] [--seed N] [--kills N] [--sweep-kills N] [--rounds N] [--jobs N] [--engine wasm,torch] [--folder DIR]
// Kills runs and sweeps at random moments, and lets processes compete for locks. Parts: locks, hosts, crowd,
// runs, sweeps (the default parts), and installs (builds the torch engine). Prints the seed; the same seed
// draws the same moments. Exits with 1 if anything was lost, duplicated or different, or if two processes
// held one lock at the same time.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { crowd, installs } from "./soak/crowd.js";
import { takeTurns } from "./soak/hosts.js";
import { raceLocks } from "./soak/locks.js";
import { killRuns } from "./soak/runs.js";
import { killSweeps } from "./soak/sweeps.js";

const string = { type: "string" };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: string,
    kills: { ...string, default: "300" },
    "sweep-kills": { ...string, default: "60" },
    rounds: { ...string, default: "200" },
    jobs: { ...string, default: "2" },
    engine: { ...string, default: "wasm,torch" },
    folder: string,
  },
});
const number = (name, value) => {
  const found = Number(value);
  if (Number.isSafeInteger(found) && found >= 0) return found;
  console.error(`--${name} must be a number, not ${value}`);
  process.exit(2);
};
const seed = values.seed === undefined ? Date.now() % 100_000 : number("seed", values.seed);
const [kills, sweepKills, rounds] = ["kills", "sweep-kills", "rounds"].map((name) =>
  number(name, values[name]),
);
const jobs = Math.max(1, number("jobs", values.jobs));
const parts = positionals.length > 0 ? positionals : ["locks", "hosts", "crowd", "runs", "sweeps"];
const folder =
  values.folder === undefined ? mkdtempSync(join(tmpdir(), "n2uq-soak-")) : resolve(values.folder);
console.log(`seed ${seed}, folder ${folder}`);

const say = (text) => console.log(`  ${text}`);
const work = {
  async *locks() {
    for (const kind of ["fresh", "dead", "killed", "unlinked"])
      yield await raceLocks({ kind, rounds, seed, folder, say });
  },
  async *hosts() {
    yield await raceLocks({ kind: "hosts", rounds: Math.ceil(rounds / 20), processes: 4, seed, folder, say });
    yield await takeTurns({ rounds: Math.ceil(rounds / 40), seed, folder, say });
  },
  async *crowd() {
    yield await crowd({ folder, say });
  },
  async *installs() {
    yield await installs({ folder, say });
  },
  async *runs() {
    for (const engine of values.engine.split(","))
      yield await killRuns({ engine, kills, seed, jobs, folder, say });
  },
  async *sweeps() {
    yield await killSweeps({ kills: sweepKills, seed, jobs, folder, say });
  },
};

let bad = 0;
for (const part of parts) {
  if (work[part] === undefined) {
    console.error(`there is no part ${part}: ${Object.keys(work).join(", ")}`);
    process.exit(2);
  }
  for await (const summary of work[part]()) {
    const faults =
      (summary.faults?.length ?? 0) +
      (summary.together ?? 0) +
      (summary.nobody ?? 0) +
      (summary.errors?.length ?? 0);
    bad += faults;
    console.log(`${faults === 0 ? "✔" : "✖"} ${part} ${JSON.stringify(summary)}`);
  }
}
if (bad === 0 && values.folder === undefined) rmSync(folder, { recursive: true, force: true });
console.log(
  bad === 0 ? "nothing lost, duplicated or different" : `${bad} faults; their files are in ${folder}`,
);
process.exitCode = bad === 0 ? 0 : 1;

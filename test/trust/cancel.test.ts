import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Test } from "tap";
import t from "tap";
import type { Finished } from "../helpers/cli.js";
import { n2uq } from "../helpers/cli.js";

/** Slurm's commands as far as these tests call them: every job runs, and what is called is written down. */
const squeue = `#!/bin/sh
for one in "$@"; do case $one in --name=*) names=\${one#--name=};; esac; done
echo "$names" | tr , '\\n' | while read name; do
  echo "$name|7\${#name}|0|RUNNING|None|0|node1|"
  echo "$name|7\${#name}|1|PENDING|Resources|0||"
done
`;
const noting = (reply: string) => `#!/bin/sh
printf '%s\\n' "$(basename "$0") $*" >>"$CALLS"
${reply}
`;

function put(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** A project with Slurm's commands: `call` runs n2uq there, `calls` returns the calls of Slurm. */
function project(t: Test) {
  const folder = t.testdir({ "package.json": "{}" });
  const commands = { squeue, scancel: noting(""), sbatch: noting("echo 71"), scontrol: noting("") };
  for (const [name, text] of Object.entries(commands)) {
    put(join(folder, "bin", name), text);
    chmodSync(join(folder, "bin", name), 0o755);
  }
  const calls = join(folder, "calls");
  writeFileSync(calls, "");
  const variables = { PATH: `${join(folder, "bin")}:${process.env.PATH}`, CALLS: calls };
  return {
    folder,
    call: (...args: string[]) => n2uq(args, folder, variables),
    calls: () => readFileSync(calls, "utf8"),
  };
}

/** A sweep of two cells; one that was given to Slurm as one array, or not. */
function writeSweep(folder: string, name: string, digit: string, created: string, placed: boolean): string {
  const cells = ["0", "1"].map((seed) => ({
    ...{
      hash: `${digit}${seed}aafb49`.repeat(8),
      name,
      values: { seed },
      needs: [],
      nodes: 1,
      shared: false,
    },
    ...{ bitOps: 400, steps: 8, directory: `${name}-${digit}${seed}aafb49` },
  }));
  const sweep = `${name}-${digit.repeat(8)}`;
  const at = join(folder, "runs", "sweeps", sweep);
  const ledger = { format: 1, name, hash: digit.repeat(64), file: null, n2uq: "0.1.0", created, cells };
  put(join(at, "sweep.json"), JSON.stringify(ledger));
  const hashes = cells.map(({ hash }) => hash);
  const own = { name: `n2uq-${sweep}-1-abcd`, job: "71", user: process.getuid?.() ?? 0, submitted: created };
  const book = { format: 1, submissions: [{ ...own, after: [], cells: hashes }] };
  if (placed) put(join(at, "slurm.json"), JSON.stringify(book));
  return sweep;
}

const sound = (t: Test, { stdout, stderr }: Finished) =>
  t.notMatch(stdout + stderr, /N2UQ_INTERNAL|node:internal|^\s+at /m);

t.test(
  "D11: without a name, cancel says which sweep it would take and asks; the ledger's time decides",
  async (t) => {
    const { folder, call, calls } = project(t);
    const latest = writeSweep(folder, "new", "2", "2026-11-28T05:00:00.000Z", true);
    const old = writeSweep(folder, "old", "1", "2026-11-27T05:00:00.000Z", true);
    writeSweep(folder, "local", "3", "2026-11-28T06:00:00.000Z", false);
    put(join(folder, "runs", "sweeps", old, "touched"), "");
    const asked = await call("cancel");
    sound(t, asked);
    t.equal(asked.code, 2, asked.stdout);
    t.match(
      asked.stderr,
      /N2UQ_CANCEL_NOT_CONFIRMED.*new-22222222.*2026-11-28T05:00:00.000Z.*2 pending or running jobs/,
    );
    t.match(asked.stderr, `n2uq cancel ${latest}`);
    t.equal(calls(), "", "nothing was cancelled");
    const sure = await call("cancel", "--yes", "--json");
    t.equal(sure.code, 0, sure.stderr);
    t.match(JSON.parse(sure.stdout || "{}"), {
      sweep: latest,
      cancelled: [{ name: "new" }, { name: "new" }],
    });
    t.match(calls(), /^scancel /);
  },
);

t.test("D11: a name that several sweeps have is asked about, one that means one sweep is not", async (t) => {
  const { folder, call, calls } = project(t);
  writeSweep(folder, "tiny", "1", "2026-11-27T05:00:00.000Z", true);
  const latest = writeSweep(folder, "tiny", "2", "2026-11-28T05:00:00.000Z", true);
  const two = await call("cancel", "tiny");
  sound(t, two);
  t.equal(two.code, 2, two.stdout);
  t.match(two.stderr, latest);
  t.equal(calls(), "");
  const one = await call("cancel", "tiny-1");
  t.equal(one.code, 0, one.stderr);
  t.match(calls(), /^scancel /);
});

t.test("D7: a damaged list of jobs is named by status, cancel and sweep", async (t) => {
  const { folder, call } = project(t);
  const sweep = writeSweep(folder, "tiny", "1", "2026-11-27T05:00:00.000Z", true);
  put(join(folder, "runs", "sweeps", sweep, "slurm.json"), '{"format":1,"submissions":null}');
  const status = await call("status");
  sound(t, status);
  t.equal(status.code, 0, status.stderr);
  t.match(status.stdout, /from files only: .*slurm\.json is damaged: submissions must be a list/);
  const cancelled = await call("cancel", "tiny");
  sound(t, cancelled);
  t.equal(cancelled.code, 2);
  t.match(cancelled.stderr, /N2UQ_SLURM_BOOK_DAMAGED/);
});

t.test(
  "D11: a percent sign in the runs path reaches sbatch escaped; unsupported characters are errors",
  async (t) => {
    const { folder, call, calls } = project(t);
    put(
      join(folder, "tiny.yaml"),
      `name: tiny
architecture: { family: stages, stages: [{ block: basic, channels: 4, blocks: 1 }] }
data: { dataset: synthetic }
training: { epochs: 2, schedule: { kind: constant } }
engine: wasm
`,
    );
    const sweep = ["sweep", "tiny.yaml", "--grid", "seed=0,1", "--runner", "slurm", "--detach"];
    const percent = await call(...sweep, "--runs", "100 % of it's %j");
    sound(t, percent);
    t.equal(percent.code, 0, percent.stderr);
    t.match(calls(), /--output=.*\/100 %% of it's %%j\/sweeps\/tiny-[0-9a-f]{8}\/job-1\.log/);
    t.match(calls(), /--chdir=.*\/100 % of it's %j /, "the folder itself is no pattern");
    const [script = ""] = /\S*job-1\.sh/.exec(calls()) ?? [];
    t.ok(script, "the script is given");
    for (const name of ["back\\slash", "two\nlines"]) {
      const refused = await call(...sweep, "--runs", name);
      sound(t, refused);
      t.equal(refused.code, 2, refused.stdout);
      t.match(refused.stderr, "N2UQ_SLURM_PATH");
    }
  },
);

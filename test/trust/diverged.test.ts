import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { n2uq, root } from "../helpers/cli.js";

const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;

t.test(
  "B7: a run that diverges with stopOnNaN: false ends with its poor result",
  { timeout: 300_000 },
  async (t) => {
    const folder = t.testdir({ "n2uq.config.yaml": "runs: ./runs\n" });
    cpSync(join(root, "test", "fixtures", "trust", "tiny.yaml"), join(folder, "tiny.yaml"));
    writeFileSync(
      join(folder, "table.yaml"),
      `base: ./tiny.yaml
grid: { method: [n2uq, lsq, pact, dorefa] }
set: { training.stopOnNaN: false, lr: 1.0e+30, training.optimizer.kind: sgd }
table:
  title: Diverged
  columns: [{ label: W2A2, where: { bits: 2 } }]
  rows: [{ label: LSQ, where: { method: lsq } }, { label: N2UQ, where: { method: n2uq } }]
`,
    );
    const flags = ["training.stopOnNaN=false", "lr=1e30", "training.optimizer.kind=sgd", "method=n2uq"];
    const set = flags.flatMap((flag) => ["--set", flag]);
    const run = await n2uq(["run", "tiny.yaml", ...set], folder);
    t.equal(run.code, 0, run.stderr);
    t.match(run.stdout, /loss NaN/);
    const [directory = ""] = readdirSync(join(folder, "runs"));
    const record = JSON.parse(readFileSync(join(folder, "runs", directory, "result.json"), "utf8"));
    t.match(record, { steps: 4, best: { epoch: 1, loss: null, top1: 0 } });
    const sweep = await n2uq(["sweep", "table.yaml", "--jobs", "2"], folder);
    t.equal(sweep.code, 0, sweep.stdout + sweep.stderr);
    t.match(sweep.stdout, "4 runs · 4 done");
    const said = [run.stdout, run.stderr, sweep.stdout, sweep.stderr];
    const commands: [string[], RegExp][] = [
      [["table", "table.yaml"], /LSQ.*0\.00/],
      [["runs", "--sort", "loss"], /tiny-[0-9a-f]{8} +done/],
      [["report"], /4 runs/],
      [
        [
          "compare",
          ...readdirSync(join(folder, "runs"))
            .filter((name) => name.startsWith("tiny-"))
            .slice(0, 2),
        ],
        /best loss +NaN +NaN/,
      ],
      [["evaluate", "tiny.yaml", ...set], /top-1 0\.00 % .* loss NaN/],
      [["status"], /4 done/],
    ];
    for (const [args, wanted] of commands) {
      const { code, stdout, stderr } = await n2uq(args, folder);
      t.equal(code, 0, stderr);
      t.match(stdout, wanted);
      said.push(stdout, stderr);
    }
    t.notMatch(said.join("\n"), crash);
    t.notMatch(said.join("\n"), /not shown|damaged/);
  },
);

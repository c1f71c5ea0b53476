import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { n2uq, root } from "../helpers/cli.js";

const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;

t.test(
  "D13: names of 255 bytes and paths near 4,096 work or are coded errors",
  { timeout: 300_000 },
  async (t) => {
    const folder = t.testdir({ "n2uq.config.yaml": "runs: ./runs\n" });
    cpSync(join(root, "test", "fixtures", "trust", "tiny.yaml"), join(folder, "tiny.yaml"));
    const longest = `${"a".repeat(250)}.html`;
    const deep = "/d".repeat(2040);
    const made = await n2uq(["run", "tiny.yaml", "--runs", "b".repeat(255)], folder);
    t.equal(made.code, 0, made.stderr);
    const report = await n2uq(["report", "--runs", "b".repeat(255), "--out", longest], folder);
    t.equal(report.code, 0, report.stderr);
    t.ok(existsSync(join(folder, longest)));
    const refused: string[][] = [
      ["run", "tiny.yaml", "--set", `name=${"n".repeat(255)}`],
      ["run", "tiny.yaml", "--runs", deep],
      ["run", "tiny.yaml", "--runs", "c".repeat(256)],
      ["report", "--runs", "b".repeat(255), "--out", `${deep}.html`],
      ["report", "--runs", "b".repeat(255), "--out", "r".repeat(256)],
      ["sweep", "tiny.yaml", "--grid", `name=${"n".repeat(255)}`],
      ["init", "i".repeat(256)],
    ];
    for (const args of refused) {
      const { code, stdout, stderr } = await n2uq(args, folder);
      const shown = `${args[0]} ${args.at(-1)?.slice(0, 20)}`;
      t.ok(code === 1 || code === 2, `${shown}: ${code} ${stderr.slice(0, 500)}`);
      t.match(stderr, /error\[N2UQ_\w+\].*(ENAMETOOLONG|ENOENT|at most 200 characters)/s, shown);
      t.ok(stderr.length < 3000, `${shown}: the message is short`);
      t.notMatch(stdout + stderr, crash);
    }
    const data = ["--set", "data.dataset=image-folder", "--set", `data.root=${deep}`];
    const images = await n2uq(["run", "tiny.yaml", ...data], folder);
    t.ok(images.code !== 0);
    t.notMatch(images.stdout + images.stderr, crash);
  },
);

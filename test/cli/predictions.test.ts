import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { n2uq } from "../helpers/cli.js";

const experiment = (classes: number) => `
name: of${classes}
architecture: { family: stages, stem: { kernel: 3, stride: 2, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: none }
data: { dataset: synthetic, synthetic: { classes: ${classes}, trainSize: 64, testSize: 40 } }
training: { epochs: 1, batchSize: 16, schedule: { kind: constant } }
`;

t.test("evaluate writes a line for each image that agrees with what it measures", async (t) => {
  const folder = t.testdir();
  for (const classes of [3, 7]) {
    const file = `of${classes}.yaml`;
    writeFileSync(join(folder, file), experiment(classes));
    const run = await n2uq(["run", file, "--quiet"], folder);
    t.equal(run.code, 0, run.stderr);
    const { code, stdout, stderr } = await n2uq(
      ["evaluate", file, "--predictions", "out.csv", "--json"],
      folder,
    );
    t.equal(code, 0, stderr);
    const measured = JSON.parse(stdout.trim().split("\n").at(-1)!);
    const [head, ...lines] = readFileSync(join(folder, "out.csv"), "utf8").trimEnd().split("\n");
    t.equal(head, "path,label,pred1,prob1,pred2,prob2,pred3,prob3,pred4,prob4,pred5,prob5");
    const rows = lines.map((line) => line.split(","));
    t.same(
      rows.map(([path]) => path),
      Array.from({ length: 40 }, (_, i) => `test/${i}`),
    );
    const shown = Math.min(5, classes);
    let right = 0;
    for (const [, label, ...top] of rows) {
      const predicted = top.filter((_, i) => i % 2 === 0).slice(0, shown);
      const probabilities = top
        .filter((_, i) => i % 2 === 1)
        .slice(0, shown)
        .map(Number);
      t.equal(new Set(predicted).size, shown, "each class once");
      t.ok(
        probabilities.every((value, i) => value >= 0 && value <= (probabilities[i - 1] ?? 1)),
        "the likeliest first",
      );
      const sum = probabilities.reduce((a, b) => a + b, 0);
      t.ok(classes > 5 ? sum <= 1 + 1e-6 : Math.abs(sum - 1) < 1e-6, `probabilities come to ${sum}`);
      t.ok(
        top.slice(2 * shown).every((one) => one === ""),
        "nothing where there are no classes",
      );
      if (predicted[0] === label) right += 1;
    }
    t.equal((100 * right) / 40, measured.top1);
  }
  const nowhere = await n2uq(["evaluate", "of3.yaml", "--predictions", "no/out.csv"], folder);
  t.equal(nowhere.code, 2);
  t.match(nowhere.stderr, /N2UQ_CLI_WRITE_FAILED\].*no\/out\.csv can't be written: .*ENOENT/);
  t.notOk(existsSync(join(folder, "no")));
  t.notOk(
    readdirSync(folder).some((name) => name.endsWith(".tmp")),
    "nothing half-written is left",
  );
});

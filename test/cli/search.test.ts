import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { n2uq, root } from "../helpers/cli.js";

t.test(
  "a search writes an experiment that runs and keeps its budget; a second search finds the same",
  async (t) => {
    const folder = t.testdir();
    cpSync(join(root, "test", "fixtures", "sweeps", "parts"), folder, { recursive: true });
    const student = readFileSync(join(folder, "student.yaml"), "utf8");
    const two = student.replace("blocks: 1 }", "blocks: 2 }");
    const teacher = readFileSync(join(folder, "teacher.yaml"), "utf8").replace("blocks: 1 }", "blocks: 2 }");
    writeFileSync(join(folder, "student.yaml"), two);
    writeFileSync(join(folder, "teacher.yaml"), teacher);
    const declared = (method: string, budget: string) =>
      `name: mixed\nbase: ./student.yaml\nset: { method: ${method}, epochs: 1 }\nsearch: { budget: { ${budget} }, candidates: [2, 4], holdout: 100 }\n`;
    for (const method of ["n2uq", "lsq"]) {
      writeFileSync(join(folder, "search.yaml"), declared(method, "averageWeightBits: 3"));
      const out = `${method}.yaml`;
      const first = await n2uq(["search", "search.yaml", "--out", out, "--json"], folder);
      t.equal(first.code, 0, first.stderr);
      const found = JSON.parse(first.stdout.trim().split("\n").at(-1)!);
      t.ok(
        found.costs.averageWeightBits.found <= 3,
        `${method}: ${found.costs.averageWeightBits.found} bits`,
      );
      t.equal(found.layers.length, 4);
      const text = readFileSync(join(folder, out), "utf8");
      await n2uq(["search", "search.yaml", "--out", out, "--quiet"], folder);
      t.equal(readFileSync(join(folder, out), "utf8"), text, `${method}: the same again`);
      const plan = JSON.parse(
        (await n2uq(["plan", out, "--set", `method=${method}`, "--json"], folder)).stdout,
      );
      for (const { layer, bits } of found.layers as { layer: string; bits: number }[]) {
        t.equal(
          plan.layers.find(({ id }: { id: string }) => id === layer).weightBits,
          bits,
          `${method}: ${layer}`,
        );
      }
    }
    const run = await n2uq(["run", "n2uq.yaml", "--set", "epochs=1"], folder);
    t.equal(run.code, 0, run.stderr);

    const report = await n2uq(["report", "search.yaml"], folder);
    t.equal(report.code, 0, report.stderr);
    const page = readFileSync(join(folder, "report.html"), "utf8");
    for (const wanted of ["Search mixed", "loss added at W2", "<b>3</b> of 3"])
      t.match(page, wanted, "explained in the report");

    const faults: [string, RegExp][] = [
      [
        declared("n2uq", "averageWeightBits: 1.5"),
        /N2UQ_SEARCH_BUDGET.*averageWeightBits = 1\.5 is too small.*need 2/,
      ],
      [declared("none", "averageWeightBits: 3"), /N2UQ_SEARCH_NOTHING/],
      [
        declared("n2uq", "averageWeightBits: 3").replace("holdout: 100", "holdout: 639"),
        /N2UQ_SEARCH_HOLDOUT/,
      ],
      [declared("n2uq", "averageWeightBit: 3"), /Did you mean averageWeightBits/],
      ["base: ./student.yaml\ngrid: { bits: [2, 3] }\n", /N2UQ_SEARCH_MISSING/],
      [`${declared("n2uq", "averageWeightBits: 3")}grid: { bits: [2, 3] }\n`, /N2UQ_SEARCH_BASE/],
    ];
    for (const [text, expected] of faults) {
      writeFileSync(join(folder, "search.yaml"), text);
      const { code, stderr } = await n2uq(["search", "search.yaml", "--out", "x.yaml"], folder);
      t.match(stderr, expected);
      t.equal(code, 2, String(expected));
    }
  },
);

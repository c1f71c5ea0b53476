import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import type { SearchedLayer } from "../../src/graph/mixedPrecision.js";
import { chooseBits, costOf } from "../../src/graph/mixedPrecision.js";
import { n2uq, root } from "../helpers/cli.js";

const layer = fc.record({
  weights: fc.integer({ min: 1, max: 100 }),
  candidates: fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 3 }),
  slope: fc.array(fc.double({ min: -0.1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }),
});

function searched(drawn: { weights: number; candidates: number[]; slope: number[] }[]): SearchedLayer[] {
  const all = drawn.reduce((sum, { weights }) => sum + weights, 0);
  return drawn.map(({ weights, candidates, slope }, index) => {
    const own = candidates.toSorted((a, b) => a - b);
    const penalties = Object.fromEntries(
      own.map((bits) => [bits, bits === own.at(-1) ? 0 : slope[bits - 1]!]),
    );
    return { id: `layer${index}`, candidates: own, penalties, costs: { averageWeightBits: weights / all } };
  });
}

t.test(
  "bits are chosen within the budget, from the candidates, and nothing is left that would fit and help",
  async (t) => {
    fc.assert(
      fc.property(
        fc.array(layer, { minLength: 1, maxLength: 6 }),
        fc.double({ min: 1, max: 8, noNaN: true }),
        (drawn, most) => {
          const layers = searched(drawn);
          const limits = { averageWeightBits: { fixed: 0, most } };
          const cost = (bits: ReadonlyMap<string, number>) =>
            costOf(layers, bits, "averageWeightBits", { fixed: 0 });
          const least = new Map(layers.map(({ id, candidates }) => [id, candidates[0]!]));
          const bits = chooseBits(layers, limits);
          if (bits === null) {
            t.ok(cost(least) > most, "none only where even the smallest are too much");
            return;
          }
          t.ok(cost(bits) <= most);
          for (const { id, candidates, penalties } of layers) {
            const now = bits.get(id)!;
            t.ok(candidates.includes(now));
            const next = candidates[candidates.indexOf(now) + 1];
            if (next === undefined || cost(new Map([...bits, [id, next]])) > most) continue;
            t.ok(penalties[now]! - penalties[next]! <= 0, `${id} could have ${next} bits`);
          }
        },
      ),
    );
  },
);

t.test("the layer that minds most keeps its bits", async (t) => {
  const layers = searched([
    { weights: 10, candidates: [2, 4], slope: [0, 0.5, 0, 0, 0, 0, 0, 0] },
    { weights: 10, candidates: [2, 4], slope: [0, 0.1, 0, 0, 0, 0, 0, 0] },
  ]);
  const limits = { averageWeightBits: { fixed: 0, most: 3 } };
  t.same(
    [...chooseBits(layers, limits)!],
    [
      ["layer0", 4],
      ["layer1", 2],
    ],
  );
});

t.test(
  "a search writes an experiment that runs, keeps its budget, and comes to the same again",
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
        /N2UQ_SEARCH_BUDGET.*averageWeightBits = 1\.5 cannot be kept.*it is 2/,
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

import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { resolveCells } from "../../runners/sweep/cells.js";
import { covers } from "../../src/sweep/covers.js";
import { expand } from "../../src/sweep/expand.js";
import type { SweepFlags } from "../../src/sweep/read.js";
import { readSweep } from "../../src/sweep/read.js";
import { splitTopLevel } from "../../src/sweep/split.js";
import { root } from "../helpers/root.js";

const parts = join(root, "test", "fixtures", "sweeps", "parts");

t.test("values are split at commas outside of brackets and quotes", async (t) => {
  t.same(splitTopLevel("2, 3,4"), ["2", "3", "4"]);
  t.same(splitTopLevel("{ weights: 3, activations: 2 },[1,2],\"a,b\",'c,d'"), [
    "{ weights: 3, activations: 2 }",
    "[1,2]",
    '"a,b"',
    "'c,d'",
  ]);
  t.same(splitTopLevel(""), []);
  const atom = fc.constantFrom("1", "{ a: [1, 2], b: 3 }", '"x, y"', "[[1, 2], [3]]");
  fc.assert(
    fc.property(fc.array(atom, { minLength: 1 }), (atoms) => {
      t.same(splitTopLevel(atoms.join(",")), atoms);
    }),
  );
});

t.test("an experiment covers what it says, with bits as one number or two", async (t) => {
  const experiment = { quantization: { bits: { weights: 2, activations: 2 }, downsample: true } };
  const cases: [string[], unknown, boolean][] = [
    [["quantization", "bits"], 2, true],
    [["quantization", "bits"], 3, false],
    [["quantization", "bits"], { weights: 2 }, true],
    [["quantization", "bits", "weights"], 2, true],
    [["quantization", "bits", "weights"], 3, false],
    [["quantization", "downsample"], true, true],
    [["quantization"], { bits: { weights: 2 }, downsample: true }, true],
    [["training", "seed"], 0, false],
  ];
  for (const [path, wanted, covered] of cases) {
    t.equal(covers(experiment, path, wanted), covered, `${path} ${JSON.stringify(wanted)}`);
    const short = { quantization: { ...experiment.quantization, bits: 2 } };
    t.equal(covers(short, path, wanted), covered, `${path} ${JSON.stringify(wanted)}, written short`);
  }
});

/** The cells' axis values, in order. */
async function valuesOf(files: string[], flags: SweepFlags, cwd = parts): Promise<object[]> {
  const { cells } = await resolveCells(await readSweep(files, flags, cwd), { cwd }, join(cwd, "none"));
  return cells.filter(({ shared }) => !shared).map(({ values }) => values);
}

t.test("axes combine, go together, repeat and exclude", async (t) => {
  const file = ["student.yaml"];
  t.same(await valuesOf(file, { grid: ["bits=2,3", "regularizer=entropy,none"] }), [
    { bits: "2", regularizer: "entropy" },
    { bits: "2", regularizer: "none" },
    { bits: "3", regularizer: "entropy" },
    { bits: "3", regularizer: "none" },
  ]);
  t.same(await valuesOf(file, { zip: ["weights=2,4", "activations=3,3"], seeds: "2" }), [
    { weights: "2", activations: "3", seed: "0" },
    { weights: "2", activations: "3", seed: "1" },
    { weights: "4", activations: "3", seed: "0" },
    { weights: "4", activations: "3", seed: "1" },
  ]);
  t.same(await valuesOf(file, { grid: ["seed=0..2,7"], exclude: ["seed=1,method=n2uq"] }), [
    { seed: "0" },
    { seed: "2" },
    { seed: "7" },
  ]);
  t.same(await valuesOf(file, { grid: ["bits={weights: 3, activations: 2},2"] }), [
    { bits: "{weights: 3, activations: 2}" },
    { bits: "2" },
  ]);
  t.same(await valuesOf(["[st]*e[rn]*.yaml"], { grid: ["seed=1,2"] }), [
    { base: "student", seed: "1" },
    { base: "student", seed: "2" },
    { base: "teacher", seed: "1" },
    { base: "teacher", seed: "2" },
  ]);
});

t.test("a sweep file's axes, and the command line over them", async (t) => {
  const folder = t.testdir({
    "a.yaml":
      "name: mine\nbase: ../x/student.yaml\ngrid: { bits: [2, 3], method: [n2uq, lsq] }\nexclude: [{ bits: 3, method: lsq }]\nset: { epochs: 1 }\nseeds: [4]\n",
  });
  cpSync(parts, join(folder, "..", "x"), { recursive: true });
  t.teardown(() => rmSync(join(folder, "..", "x"), { recursive: true }));
  const spec = await readSweep(["a.yaml"], {}, folder);
  t.equal(spec.name, "mine");
  t.same(await valuesOf(["a.yaml"], {}, folder), [
    { bits: "2", method: "n2uq", seed: "4" },
    { bits: "2", method: "lsq", seed: "4" },
    { bits: "3", method: "n2uq", seed: "4" },
  ]);
  t.same(
    await valuesOf(["a.yaml"], { grid: ["bits=5"], seeds: "0", exclude: [] }, folder).catch((e) => e.code),
    "N2UQ_SWEEP_SEEDS",
  );
  t.same(
    await valuesOf(["a.yaml"], { grid: ["bits=2"] }, folder),
    [
      { method: "n2uq", seed: "4", bits: "2" },
      { method: "lsq", seed: "4", bits: "2" },
    ],
    "an exclude of the file's may leave nothing out of a narrower axis",
  );
  const { cells } = await resolveCells(spec, { cwd: folder }, join(folder, "none"));
  t.ok(cells.filter(({ shared }) => !shared).every(({ resolved }) => resolved.training.epochs === 1));
  t.equal(cells.filter(({ shared }) => shared).length, 1, "the teacher is one cell");
  t.ok(cells[0]!.shared, "and comes first");
});

t.test("a grid has the product of its axes' lengths, each combination once", async (t) => {
  const axis = fc.integer({ min: 1, max: 4 });
  await fc.assert(
    fc.asyncProperty(axis, axis, axis, async (a, b, c) => {
      const grid = [`seed=0..${a - 1}`, `epochs=1..${b}`, `batch=8..${7 + c}`];
      const drafts = expand(await readSweep(["student.yaml"], { grid }, parts));
      t.equal(drafts.length, a * b * c);
      t.equal(new Set(drafts.map(({ values }) => JSON.stringify(values))).size, a * b * c);
    }),
    { numRuns: 10 },
  );
});

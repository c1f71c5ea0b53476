import { spawn } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { resolveCells } from "../../runners/sweep/cells.js";
import { stream } from "../../src/random.js";
import { covers } from "../../src/sweep/covers.js";
import { expand } from "../../src/sweep/expand.js";
import type { SweepFlags } from "../../src/sweep/read.js";
import { readSweep } from "../../src/sweep/read.js";
import { splitTopLevel } from "../../src/sweep/split.js";
import { n2uq, root } from "../helpers/cli.js";
import { disturb, outcome, wait } from "../helpers/killing.js";

// Dozens of processes, one after another: a busy machine takes long for them.
t.setTimeout(900_000);

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

const ARGUMENTS = ["sweep", "student.yaml", "--grid", "bits=2,3", "--grid", "method=n2uq,lsq", "--jobs", "2"];

function project(folder: string): string {
  cpSync(parts, folder, { recursive: true });
  return folder;
}

t.test(
  "killed at random moments, in part and as a whole, a sweep comes to the same, each cell once",
  async (t) => {
    const folder = t.testdir({ whole: {}, killed: {} });
    const whole = project(join(folder, "whole"));
    const killed = project(join(folder, "killed"));
    const undisturbed = await n2uq(ARGUMENTS, whole);
    t.equal(undisturbed.code, 0, undisturbed.stderr);
    t.match(undisturbed.stdout, "5 runs · 5 done");

    const next = stream(Date.now() % 100_000, "kill");
    for (const what of ["parent", "worker", "all"] as const) {
      const cells = 1 + Math.floor(2 * next());
      await disturb(what, ARGUMENTS, { cwd: killed, runs: join(killed, "runs"), cells, ms: 1000 * next() });
    }
    const last = await n2uq(ARGUMENTS, killed);
    t.equal(last.code, 0, last.stderr);
    t.same(outcome(join(killed, "runs")), outcome(join(whole, "runs")));
    const again = await n2uq([...ARGUMENTS, "--json"], killed);
    t.notMatch(again.stdout, '"type":"started"', "nothing is run twice");
    const renamed = await n2uq(
      ["sweep", "student.yaml", "--set", "name=other", "--grid", "bits=2,3", "--json"],
      killed,
    );
    t.notMatch(renamed.stdout, '"type":"started"', "not even under another name from another sweep");

    const status = JSON.parse((await n2uq(["status", "--json"], killed)).stdout);
    t.equal(status.counts.done, status.cells.length);
    const list = JSON.parse((await n2uq(["runs", "--where", "method=n2uq,bits=3", "--json"], killed)).stdout);
    t.same(
      list.map(({ method, bits }: { method: string; bits: object }) => [method, bits]),
      [["n2uq", { weights: 3, activations: 3 }]],
    );
  },
);

t.test("a cell that fails is tried again, told with its log, and holds up only what needs it", async (t) => {
  const folder = project(t.testdir());
  const teacher = readFileSync(join(folder, "teacher.yaml"), "utf8");
  writeFileSync(join(folder, "teacher.yaml"), teacher.replace("lr: 1.0e-2", "lr: 1.0e+20"));
  const args = ["sweep", "student.yaml", "--grid", "bits=2,3", "--jobs", "2"];
  const { code, stdout, stderr } = await n2uq(args, folder);
  t.equal(code, 1);
  t.equal(stderr.match(/✖ tiny-teacher .*: the loss/g)?.length, 2, "one retry");
  t.match(stderr, /log: runs\/tiny-teacher-[0-9a-f]{8}\/worker\.log/);
  t.equal(stderr.match(/not started, since [0-9a-f]{8}, which it needs, failed/g)?.length, 2);
  t.match(stderr, "N2UQ_SWEEP_FAILED");
  t.match(stdout, "3 runs · 1 failed · 2 queued");

  writeFileSync(join(folder, "teacher.yaml"), teacher);
  const again = await n2uq(args, folder);
  t.equal(again.code, 0, "a mended teacher is another cell, and the queued ones need it");
});

t.test(
  "what was queued does not change when files are edited; a damaged result is named and counted",
  async (t) => {
    const folder = project(t.testdir());
    const args = ["sweep", "student.yaml", "--grid", "bits=2,3", "--jobs", "1"];
    const { child, ended, text } = (() => {
      const child = spawn(process.execPath, [join(root, "bin", "n2uq.js"), ...args], { cwd: folder });
      let seen = "";
      child.stdout.on("data", (chunk) => {
        seen += chunk;
      });
      return { child, ended: new Promise((resolve) => child.on("close", resolve)), text: () => seen };
    })();
    while (child.exitCode === null && !text().includes("▶")) await wait(20);
    for (const file of ["student.yaml", "teacher.yaml"]) writeFileSync(join(folder, file), "name: edited\n");
    t.equal(await ended, 0);
    cpSync(parts, folder, { recursive: true });
    const plan = JSON.parse((await n2uq([...args, "--dry-run", "--json"], folder)).stdout);
    t.ok(plan.cells.every(({ state }: { state: string }) => state === "done"));

    const [, damaged] = plan.cells as { directory: string; hash: string }[];
    writeFileSync(join(folder, damaged!.directory, "result.json"), '{"format":1');
    const [, , newer] = plan.cells as { directory: string }[];
    writeFileSync(join(folder, newer!.directory, "result.json"), '{"format":7}');
    const status = await n2uq(["status"], folder);
    t.match(status.stdout, "1 done · 2 unreadable");
    t.match(status.stdout, "result.json is damaged: it is not JSON");
    t.match(status.stdout, "result.json is damaged: its format is 7; this version reads 1");
    const sweep = await n2uq(args, folder);
    t.equal(sweep.code, 1);
    t.match(sweep.stderr, "result.json is damaged: it is not JSON");
    rmSync(join(folder, damaged!.directory, "result.json"));
    rmSync(join(folder, newer!.directory, "result.json"));
    t.equal((await n2uq(args, folder)).code, 0, "removed, they are written anew from the last checkpoint");
  },
);

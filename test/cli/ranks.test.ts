import { readdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { resolveFile } from "../../runners/resolve.js";
import { n2uq } from "../helpers/cli.js";
import { apart, metrics, project, run, withoutRanks } from "../helpers/ranks.js";

const WITHIN = 1e-4;

t.test("a batch that devices can't share is an error before any run", async (t) => {
  const folder = project(t.testdir());
  const validate = (...settings: string[]) =>
    n2uq(["validate", "e.yaml", ...settings.flatMap((setting) => ["--set", setting])], folder);
  const { code, stderr } = await validate("engine=wasm", "devices=2");
  t.equal(code, 2);
  t.match(stderr, /N2UQ_RANKS_ENGINE.*devices: 2/);
  if (withoutRanks === false) t.match((await validate("devices=3")).stderr, /N2UQ_RANKS_BATCH/);
});

t.test("two ranks train as one process does", { skip: withoutRanks }, async (t) => {
  const folder = project(t.testdir());
  for (const [name, ...settings] of [
    ["full precision"],
    ["n2uq", "quantization.method=n2uq", "bits=2", "training.steps=3"],
    ["lsq", "quantization.method=lsq", "bits=4", "training.steps=3"],
  ]) {
    const [one, two] = [`${name}-1`, `${name}-2`];
    for (const [runs, devices] of [
      [one, 1],
      [two, 2],
    ] as const) {
      const { code, stderr } = await run(folder, runs, ...settings, `devices=${devices}`);
      t.equal(code, 0, `${name} on ${devices}: ${stderr}`);
    }
    const difference = apart(metrics(folder, one), metrics(folder, two));
    t.ok(difference <= WITHIN, `${name}: ${difference.toExponential(1)}`);
    t.same(readdirSync(join(folder, one)), readdirSync(join(folder, two)), "they are the same run");
  }
});

t.test(
  "with BatchNorm by part, the number of devices is part of the run",
  { skip: withoutRanks },
  async (t) => {
    const folder = project(t.testdir());
    const hash = async (devices: number, sync: boolean) => {
      const set = [`devices=${devices}`, `training.syncBatchNorm=${sync}`];
      return (await resolveFile(join(folder, "e.yaml"), { set })).hash;
    };
    const [alone, whole] = [await hash(1, false), await hash(2, true)];
    t.equal(whole, alone);
    t.not(await hash(2, false), alone);
    const settings = ["devices=2", "training.syncBatchNorm=false", "training.steps=3"];
    t.match(await run(folder, "runs", ...settings), { code: 0 });
  },
);

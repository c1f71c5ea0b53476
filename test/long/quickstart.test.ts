import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { n2uq } from "../helpers/cli.js";
import { withoutTensorflow } from "../helpers/tensorflow.js";
import { withoutTorch } from "../helpers/torch.js";

const natives = [
  { name: "tensorflow", skip: withoutTensorflow },
  { name: "torch", skip: withoutTorch },
] as const;

t.test("the quickstart reaches 97.5 %, and ends alike on all engines", async (t) => {
  const here = natives.filter(({ skip }) => skip === false).map(({ name }) => name);
  const folder = t.testdir();
  const found = [];
  for (const engine of ["wasm", ...here]) {
    const run = ["run", "experiments/quickstart.yaml", "--engine", engine, "--runs", join(folder, engine)];
    const started = performance.now();
    const { code, stderr } = await n2uq(run);
    t.equal(code, 0, stderr);
    const seconds = Math.round((performance.now() - started) / 1000);
    found.push({ engine, top1: top1(join(folder, engine)), seconds });
    if (engine === "wasm") t.match((await n2uq(run)).stdout, "Already done");
  }
  const said = found.map(({ engine, top1, seconds }) => `${engine} ${top1} % in ${seconds} s`).join(", ");
  const best = Math.max(...found.map(({ top1 }) => top1));
  t.ok(found[0]!.top1 >= 97.5, said);
  t.ok(
    found.every(({ top1 }) => best - top1 < 0.5),
    said,
  );
  t.comment(said);
});

/** Of the student, in percent. */
function top1(runs: string): number {
  const name = readdirSync(runs).find((each) => /^quickstart-[0-9a-f]{8}$/.test(each)) ?? "";
  const result = JSON.parse(readFileSync(join(runs, name, "result.json"), "utf8"));
  return result.final?.top1 ?? result.best?.top1 ?? Number.NaN;
}

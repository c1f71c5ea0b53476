import t from "tap";
import { apart, metrics, project, run } from "../helpers/ranks.js";
import { withoutTorch } from "../helpers/torch.js";

t.test("a run with a GPU's kernels is the run with a CPU's", { skip: withoutTorch }, async (t) => {
  const folder = project(t.testdir());
  for (const [name, within, ...settings] of [
    ["none", 1e-5],
    // After some steps a value that rounding puts on the other side of a threshold parts the two.
    ["n2uq", 1e-4, "bits=2", "training.steps=3", "training.optimizer.kind=adam"],
    ["lsq", 1e-4, "bits=4", "training.steps=3"],
  ] as const) {
    const all = [`quantization.method=${name}`, ...settings];
    const runs = all.join("-").replaceAll(/[^a-z0-9]+/g, "-");
    for (const place of ["cpu", "gpu"]) {
      process.env.N2UQ_EMULATE_GPU = place === "gpu" ? "1" : "0";
      const { code, stderr } = await run(folder, `${runs}-${place}`, ...all);
      t.equal(code, 0, stderr);
    }
    const difference = apart(metrics(folder, `${runs}-gpu`), metrics(folder, `${runs}-cpu`));
    t.ok(difference > 0 && difference <= within, `${runs}: ${difference.toExponential(1)}`);
  }
});

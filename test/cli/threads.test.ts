import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import t from "tap";
import { n2uq, root, start } from "../helpers/cli.js";
import { outcome } from "../helpers/killing.js";

/** The tests of one file run with one thread; these choose their own. */
const free = { OMP_NUM_THREADS: undefined };

function project(folder: string, config = ""): string {
  cpSync(join(root, "test", "fixtures", "trust", "tiny.yaml"), join(folder, "tiny.yaml"));
  writeFileSync(join(folder, "n2uq.config.yaml"), `runs: ./runs\n${config}`);
  return folder;
}

/** The environments that the finished runs of a project recorded. */
function environments(folder: string) {
  const runs = join(folder, "runs");
  return readdirSync(runs)
    .filter((name) => /-[0-9a-f]{8}$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(runs, name, "result.json"), "utf8")).environment);
}

const threads = (count: unknown) => `engines: { wasm: { threads: ${count} } }\n`;
const run = ["run", "tiny.yaml", "--engine", "wasm"];

t.test("threads of the config are shown and recorded; hash and bits are those of one thread", async (t) => {
  const folder = t.testdir({ one: {}, two: {} });
  const [one, two] = [project(join(folder, "one"), threads(1)), project(join(folder, "two"), threads(2))];
  t.equal((await n2uq(run, one, free)).code, 0);
  const { code, stdout, stderr } = await n2uq(run, two, free);
  t.equal(code, 0, stderr);
  t.match(stdout, "CPU (2 threads, SIMD)");
  t.match(environments(one), [{ engine: { device: "CPU (1 thread, SIMD)" }, machine: { threads: 1 } }]);
  t.match(environments(two), [{ engine: { device: "CPU (2 threads, SIMD)" }, machine: { threads: 2 } }]);
  t.same(outcome(join(two, "runs")), outcome(join(one, "runs")));
  const doctor = JSON.parse((await n2uq(["doctor", "--json"], two, free)).stdout);
  t.match(doctor.engines[2], { name: "wasm", device: "CPU (2 threads, SIMD)" });
});

t.test("a number of threads that cannot be is an error with its place", async (t) => {
  for (const wrong of [0, 9, 1.5, "many"]) {
    const folder = project(t.testdir(), threads(wrong));
    const { code, stderr } = await n2uq(["validate", "tiny.yaml"], folder, free);
    t.equal(code, 2, String(wrong));
    t.match(stderr, "n2uq.config.yaml:2:29", String(wrong));
    t.match(stderr, `threads must be an integer from 1 to 8; found ${JSON.stringify(wrong)}`);
  }
});

t.test("a sweep divides the cores among its cells", async (t) => {
  const cores = availableParallelism();
  for (const jobs of [1, cores]) {
    const folder = project(t.testdir());
    const args = ["sweep", "tiny.yaml", "--grid", "seed=0,1", "--engine", "wasm", "--jobs", String(jobs)];
    const { code, stderr } = await n2uq(args, folder, free);
    t.equal(code, 0, stderr);
    const each = Math.min(8, Math.floor(cores / jobs));
    t.match(environments(folder), [{ machine: { threads: each } }, { machine: { threads: each } }]);
  }
});

t.test("a run with threads ends after Ctrl-C, with its checkpoint", async (t) => {
  const folder = project(t.testdir(), threads(2));
  const { child, done } = start([...run, "--set", "training.steps=100000", "--json"], folder, free);
  child.stdout?.once("data", function listen(chunk: Buffer) {
    if (/"step":1,/.test(String(chunk))) child.kill("SIGINT");
    else child.stdout?.once("data", listen);
  });
  const { code, signal, stderr } = await done;
  t.same([code, signal], [130, null], stderr);
  const [name = ""] = readdirSync(join(folder, "runs")).filter((one) => /-[0-9a-f]{8}$/.test(one));
  t.ok(readdirSync(join(folder, "runs", name, "checkpoints")).length > 0);
});

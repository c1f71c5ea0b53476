import {
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import t from "tap";
import { n2uq, root } from "../helpers/cli.js";

const reported = join(root, "test", "fixtures", "reported", "checkpoints");
const tiny = readFileSync(join(root, "test", "fixtures", "reported", "tiny.yaml"), "utf8");

async function run(t: Test, folder: string, ...args: string[]) {
  const ended = await n2uq(["run", ...args, "--runs", "runs"], folder);
  t.notMatch(ended.stdout + ended.stderr, /N2UQ_INTERNAL|node:internal|^\s+at /m);
  return ended;
}

/** The run directory whose name begins so. */
function directory(folder: string, name: string): string {
  const found = readdirSync(join(folder, "runs")).find((one) => one.startsWith(`${name}-`));
  return join(folder, "runs", found ?? "");
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

/** A finished run of tiny.yaml with a checkpoint at each step, trained once. */
const finished = t.testdir({
  "tiny.yaml": tiny.replace("steps: 4", "steps: 4\n  checkpoint: { everySteps: 1 }"),
});

t.before(async () => {
  t.equal((await n2uq(["run", "tiny.yaml", "--runs", "runs"], finished)).code, 0);
});

/** A copy of it, as a run that was interrupted before its last word. */
function interrupted(t: Test) {
  const folder = t.testdir();
  cpSync(finished, folder, { recursive: true });
  const own = directory(folder, "tiny");
  const result = join(own, "result.json");
  const done = {
    result: JSON.parse(readFileSync(result, "utf8")),
    best: readFileSync(join(own, "checkpoints", "best.safetensors")),
  };
  rmSync(result);
  const checkpoint = (name: string) => join(own, "checkpoints", `${name}.safetensors`);
  return { folder, done, result, checkpoint };
}

t.test(
  "D6: a flipped byte is rejected; the previous checkpoint in its place gives the same weights",
  async (t) => {
    const { folder, done, result, checkpoint } = interrupted(t);
    flip(checkpoint("last"), -5);
    const refused = await run(t, folder, "tiny.yaml");
    t.equal(refused.code, 2);
    t.match(refused.stderr, /N2UQ_CHECKPOINT_DAMAGED.*last\.safetensors.*checksum of the tensor/);
    t.match(
      refused.stderr,
      /previous checkpoint is intact, of step 3 of 4.*`mv \S+previous\.safetensors \S+last\.safetensors`.*--fresh`/,
    );
    t.notOk(existsSync(result), "nothing was trained on it");
    if (existsSync(checkpoint("previous"))) renameSync(checkpoint("previous"), checkpoint("last"));
    const resumed = await run(t, folder, "tiny.yaml");
    t.equal(resumed.code, 0, resumed.stderr);
    t.match(resumed.stdout, /resumed from step 3 of 4/);
    const { weights, best } = JSON.parse(readFileSync(result, "utf8"));
    t.same({ weights, best }, { weights: done.result.weights, best: done.result.best });
    t.ok(readFileSync(checkpoint("best")).equals(done.best));
  },
);

t.test("D6: a flip in the progress of the header is rejected", async (t) => {
  const { folder, checkpoint } = interrupted(t);
  const text = '\\"seconds\\":';
  flip(checkpoint("last"), readFileSync(checkpoint("last")).indexOf(text) + text.length);
  const { code, stderr } = await run(t, folder, "tiny.yaml");
  t.equal(code, 2);
  t.match(stderr, /N2UQ_CHECKPOINT_DAMAGED.*checksum of its header/);
});

t.test("D6: where neither checkpoint can be resumed from, only --fresh is left", async (t) => {
  const { folder, done, result, checkpoint } = interrupted(t);
  for (const name of readdirSync(reported)) {
    copyFileSync(join(reported, name), checkpoint("last"));
    const { code, stderr } = await run(t, folder, "tiny.yaml");
    t.equal(code, 2, name);
    t.match(stderr, /N2UQ_CHECKPOINT_DAMAGED.*no checksums: an earlier version/, name);
    t.match(stderr, /previous checkpoint is intact/, name);
  }
  if (existsSync(checkpoint("previous"))) flip(checkpoint("previous"), -1);
  const { code, stderr } = await run(t, folder, "tiny.yaml");
  t.equal(code, 2);
  t.match(stderr, /previous checkpoint can't be resumed from either/);
  const [, command = ""] = /`n2uq (run \S+resolved\.yaml --runs runs --fresh)`/.exec(stderr) ?? [];
  const fresh = await n2uq(command.split(" "), folder);
  t.equal(fresh.code, 0, fresh.stderr);
  t.equal(existsSync(result) && JSON.parse(readFileSync(result, "utf8")).weights, done.result.weights);
});

t.test("D6: a run without its last checkpoint does not start over silently", async (t) => {
  const { folder, checkpoint } = interrupted(t);
  rmSync(checkpoint("last"));
  const { code, stderr } = await run(t, folder, "tiny.yaml");
  t.equal(code, 2);
  t.match(stderr, /N2UQ_CHECKPOINT_DAMAGED.*no such file[\s\S]*previous checkpoint is intact/);
});

t.test("D6, C: a teacher whose best weights are damaged or deleted names its file and --fresh", async (t) => {
  const folder = t.testdir({
    "tiny.yaml": tiny,
    "teacher.yaml":
      "name: teach\nextends: ./tiny.yaml\nquantization: { method: none }\narchitecture: { layout: n2uq }\n",
    "student.yaml":
      "name: stud\nextends: ./tiny.yaml\nteacher: { experiment: ./teacher.yaml }\ninit: { experiment: ./teacher.yaml }\ntraining: { loss: { kind: distillation } }\n",
  });
  t.equal((await run(t, folder, "teacher.yaml")).code, 0);
  const best = join(directory(folder, "teach"), "checkpoints", "best.safetensors");
  flip(best, -1);
  const evaluated = await n2uq(["evaluate", "teacher.yaml", "--runs", "runs"], folder);
  t.equal(evaluated.code, 2, "it is verified where it is evaluated");
  t.match(evaluated.stderr, /N2UQ_RUN_WEIGHTS_LOST.*best\.safetensors: the file is damaged/);
  const lost =
    /N2UQ_RUN_WEIGHTS_LOST.*of teach .*best\.safetensors.*\n.*`n2uq run teacher\.yaml --runs runs --fresh`/;
  const damaged = await run(t, folder, "student.yaml");
  t.equal(damaged.code, 2);
  t.match(damaged.stderr, lost);
  rmSync(join(best, ".."), { recursive: true });
  const deleted = await run(t, folder, "student.yaml");
  t.equal(deleted.code, 2);
  t.match(deleted.stderr, lost);
  t.equal((await run(t, folder, "teacher.yaml", "--fresh")).code, 0);
});

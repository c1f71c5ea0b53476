import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { n2uq } from "../helpers/cli.js";

const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;
const network = `architecture: { family: stages, classes: 4, inputSize: 8, stages: [{ block: basic, channels: 4, blocks: 1 }] }
training: { steps: 2, batchSize: 8, schedule: { kind: constant } }
engine: cpu
`;
const tiny = `name: tiny
data: { dataset: synthetic, synthetic: { classes: 4, imageSize: [8, 8], trainSize: 16, testSize: 8 } }
${network}`;

t.test("B5: ~/ and $HOME stand for the home folder in files, flags and the project config", async (t) => {
  const home = t.testdir({ "base.yaml": tiny, "teacher.yaml": tiny });
  const folder = join(home, "project");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), "{}");
  writeFileSync(join(folder, "n2uq.config.yaml"), "runs: $HOME/configured\n");
  writeFileSync(join(folder, "x.yaml"), "name: x\nextends: ~/base.yaml\n");
  const inHome = { HOME: home };
  const run = await n2uq(["run", "x.yaml"], folder, inHome);
  t.equal(run.code, 0, run.stderr);
  t.match(readdirSync(join(home, "configured")).join(), /^x-[0-9a-f]{8}$/);
  const flags = ["report", "--runs", "~/configured", "--out", "$HOME/out.html"];
  t.equal((await n2uq(flags, folder, inHome)).code, 0);
  t.ok(existsSync(join(home, "out.html")));
  const init = await n2uq(["init", "~/new"], folder, inHome);
  t.equal(init.code, 0, init.stderr);
  t.ok(existsSync(join(home, "new", "n2uq.config.yaml")));
  t.notOk(
    readdirSync(folder).some((name) => /[~$]/.test(name)),
    "no folder is called ~",
  );
});

t.test("B5: shell expressions in paths are errors at their location", async (t) => {
  const folder = t.testdir({ "package.json": "{}", "tiny.yaml": tiny });
  const files = {
    "user.yaml": "data: { dataset: image-folder, root: ~somebody/images }",
    "variable.yaml": 'data: { dataset: image-folder, root: "$DATA/images" }',
    "windows.yaml": "data: { dataset: image-folder, root: '%USERPROFILE%\\images' }",
    "inner.yaml": "data: { dataset: image-folder, root: ./~/images }",
    "weights.yaml": "data: { dataset: mnist }\ninit: { weights: $MODELS/r18.pth }",
    "splits.yaml": "data: { dataset: image-folder, root: ./x, splits: { train: $TRAIN } }",
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), `name: x\n${text}\n${network}`);
  }
  const { code, stdout } = await n2uq(["validate", "--json", ...Object.keys(files)], folder);
  t.equal(code, 2);
  const reports = JSON.parse(stdout || "[]") as {
    file: string;
    errors: { code: string; location: { line?: number } | null }[];
  }[];
  for (const { file, errors } of reports) {
    t.equal(errors[0]?.code, "N2UQ_PATH_UNEXPANDED", file);
    t.equal(errors[0]?.location?.line, file === "weights.yaml" ? 3 : 2, file);
  }
  for (const [args, place] of [
    [["run", "tiny.yaml", "--runs", "~nobody/runs"], "--runs"],
    [["run", "tiny.yaml", "--set", "init.weights=$MODELS/x.pth"], "--set"],
  ] as const) {
    const flag = await n2uq(args, folder);
    t.equal(flag.code, 2);
    t.match(flag.stderr, "error[N2UQ_PATH_UNEXPANDED]");
    t.match(flag.stderr, `--> ${place}`);
    t.notMatch(flag.stderr, crash);
  }
  t.same(readdirSync(folder).sort(), ["package.json", "tiny.yaml", ...Object.keys(files)].sort());
});

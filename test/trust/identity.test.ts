import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import t from "tap";
import { n2uq } from "../helpers/cli.js";

const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;
const experiment = `name: folder
architecture: { family: stages, inputSize: 8, stem: { channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: n2uq, bits: 2 }
data: { dataset: image-folder, root: ./one/images }
augmentation: { kind: none }
training: { epochs: 1, batchSize: 4, schedule: { kind: constant }, checkpoint: { everySteps: 1 } }
engine: wasm
`;

async function picture(seed: number): Promise<Buffer> {
  const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => (i * (7 + seed) + 31 * seed) % 256);
  return sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

/** Images of equal sizes that differ only in their bytes. */
async function images(folder: string, classes: readonly string[], first: number, count = 4): Promise<void> {
  let seed = first;
  for (const split of ["train", "val"]) {
    for (const name of classes) {
      mkdirSync(join(folder, split, name), { recursive: true });
      for (let i = 0; i < count; i += 1)
        writeFileSync(join(folder, split, name, `${i}.png`), await picture(++seed));
    }
  }
}

const runsIn = (folder: string, runs = "runs") =>
  existsSync(join(folder, runs)) ? readdirSync(join(folder, runs)).filter((name) => name !== "sweeps") : [];

t.test("A3: other data is another run, the same data elsewhere is the same run", async (t) => {
  const folder = t.testdir({ "x.yaml": experiment });
  await images(join(folder, "one", "images"), ["cat", "dog"], 0);
  await images(join(folder, "two", "images"), ["cat", "dog"], 100);
  const first = await n2uq(["run", "x.yaml", "--quiet"], folder);
  t.equal(first.code, 0, first.stderr);
  const second = await n2uq(["run", "x.yaml", "--set", "data.root=./two/images"], folder);
  t.equal(second.code, 0, second.stderr);
  t.notMatch(second.stdout, /done before|Already done/, "the same names and sizes, other bytes");
  t.equal(runsIn(folder).length, 2);
  renameSync(join(folder, "one"), join(folder, "moved"));
  const moved = await n2uq(["run", "x.yaml", "--set", "data.root=./moved/images"], folder);
  t.match(moved.stdout, /Already done/, "a moved folder is the same data");
  const grid = ["--grid", "data.root=./moved/images,./two/images", "--dry-run", "--json"];
  const { stdout, stderr } = await n2uq(["sweep", "x.yaml", ...grid], folder);
  t.equal(JSON.parse(stdout || "{}").cells?.length, 2, stderr);
});

t.test(
  "A3: data that changed under an unfinished run stops it, in words; a finished one is left alone",
  async (t) => {
    const folder = t.testdir({ "x.yaml": experiment });
    await images(join(folder, "one", "images"), ["cat", "dog"], 0);
    const done = await n2uq(["run", "x.yaml", "--quiet"], folder);
    t.equal(done.code, 0, done.stderr);
    const [finished = ""] = runsIn(folder);
    // As if it had been killed after its last checkpoint.
    const unfinished = join(folder, "unfinished");
    cpSync(join(folder, "runs"), unfinished, { recursive: true });
    rmSync(join(unfinished, finished, "result.json"));
    writeFileSync(join(folder, "one", "images", "train", "cat", "9.png"), await picture(77));
    const stopped = await n2uq(["run", "x.yaml", "--runs", "unfinished"], folder);
    t.equal(stopped.code, 2, stopped.stdout);
    t.match(stopped.stderr, "error[N2UQ_RUN_INPUT_CHANGED]");
    t.match(stopped.stderr, /training images: 8 → 9 \(cat \+1\)[\s\S]*--fresh/);
    t.notMatch(stopped.stderr, crash);
    const again = await n2uq(["run", "x.yaml"], folder);
    t.equal(again.code, 0, again.stderr);
    t.match(again.stdout, new RegExp(`${finished} was finished with other inputs`));
    t.equal(runsIn(folder).length, 2, "the finished run is still there");
    const fresh = await n2uq(["run", "x.yaml", "--runs", "unfinished", "--fresh"], folder);
    t.equal(fresh.code, 0, fresh.stderr);
  },
);

t.test("A3: weights count by their content, not by their path", async (t) => {
  const tiny = experiment
    .replace(
      "{ dataset: image-folder, root: ./one/images }",
      "{ dataset: synthetic, synthetic: { imageSize: [8, 8], trainSize: 16, testSize: 8 } }",
    )
    .replace("method: n2uq, bits: 2", "method: none")
    .replace("inputSize: 8", "layout: n2uq");
  const student = tiny
    .replace("name: folder", "name: student")
    .replace("method: none", "method: n2uq, bits: 2");
  const folder = t.testdir({ "full.yaml": tiny, "x.yaml": `${student}init: { weights: ./w.safetensors }\n` });
  for (const seed of ["0", "1"]) {
    const { code, stderr } = await n2uq(["run", "full.yaml", "--quiet", "--set", `seed=${seed}`], folder);
    t.equal(code, 0, stderr);
  }
  const [one = "", two = ""] = runsIn(folder).map((name) =>
    join(folder, "runs", name, "checkpoints", "best.safetensors"),
  );
  const hashes: string[] = [];
  for (const from of [one, two, one]) {
    writeFileSync(join(folder, "w.safetensors"), readFileSync(from));
    hashes.push(JSON.parse((await n2uq(["plan", "x.yaml", "--json"], folder)).stdout).hash);
  }
  t.not(hashes[0], hashes[1], "other weights under the same path");
  t.equal(hashes[0], hashes[2]);
  const copy = await n2uq(["plan", "x.yaml", "--json", "--set", `init.weights=${one}`], folder);
  t.equal(JSON.parse(copy.stdout).hash, hashes[0], "the same weights under another path");
});

t.test("A3: planning and tables need no data, and report missing data", async (t) => {
  const folder = t.testdir({ "x.yaml": experiment.replace("inputSize: 8", "inputSize: 8, classes: 2") });
  for (const args of [
    ["plan", "x.yaml"],
    ["sweep", "x.yaml", "--grid", "bits=2,3", "--dry-run"],
  ]) {
    const { code, stdout, stderr } = await n2uq(args, folder);
    t.equal(code, 0, stderr);
    t.match(stdout, /can't be read on this machine/);
  }
  t.equal((await n2uq(["validate", "x.yaml"], folder)).code, 0);
});

t.test("A9: a copy of a run directory is not taken for the run", async (t) => {
  const folder = t.testdir({ "x.yaml": experiment });
  await images(join(folder, "one", "images"), ["cat", "dog"], 0);
  const { code, stderr } = await n2uq(["run", "x.yaml", "--quiet"], folder);
  t.equal(code, 0, stderr);
  const [own = ""] = runsIn(folder);
  const copy = own.replace("folder-", "folder-backup-");
  cpSync(join(folder, "runs", own), join(folder, "runs", copy), { recursive: true });
  rmSync(join(folder, "runs", copy, "result.json"));
  rmSync(join(folder, "runs", own, "result.json"));
  const resumed = await n2uq(["run", "x.yaml"], folder);
  t.equal(resumed.code, 0, resumed.stderr);
  t.ok(existsSync(join(folder, "runs", own, "result.json")), "the run itself is finished");
  t.notOk(existsSync(join(folder, "runs", copy, "result.json")), "the copy is left alone");
  t.match(resumed.stdout, new RegExp(`${copy} has the same run`));
});

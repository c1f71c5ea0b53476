import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import t from "tap";
import { n2uq } from "../helpers/cli.js";

const TINY = `name: tiny
architecture:
  family: stages
  classes: 4
  inputSize: 8
  stem: { kernel: 3, stride: 1, channels: 4 }
  stages: [{ block: basic, channels: 4, blocks: 1 }]
quantization: { method: n2uq, bits: 2 }
data: { dataset: synthetic, synthetic: { classes: 4, imageSize: [8, 8], channels: 1, trainSize: 32, testSize: 16 } }
training: { steps: 2, batchSize: 8, schedule: { kind: constant } }
engine: cpu
`;
const FOLDER = `name: folder
architecture:
  family: stages
  inputSize: 8
  stem: { kernel: 3, stride: 1, channels: 4 }
  stages: [{ block: basic, channels: 4, blocks: 1 }]
quantization: { method: none }
data: { dataset: image-folder, root: ./images }
augmentation: { kind: pad-crop-flip, padding: 2 }
training: { steps: 2, batchSize: 4, schedule: { kind: constant } }
engine: cpu
`;
/** One gray pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
  "base64",
);

function project(t: Tap, files: Record<string, string | Buffer>): string {
  // Outside the repository, whose project config would name another folder for the runs.
  const folder = mkdtempSync(join(tmpdir(), "n2uq-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

type Tap = Pick<typeof import("tap").default, "teardown">;

const CRASH = /N2UQ_INTERNAL|node:internal|^\s+at /m;

t.test("A1: random crops change what images in memory become", async (t) => {
  const folder = project(t, { "tiny.yaml": TINY });
  const losses = async (kind: string) => {
    const { code, stdout, stderr } = await n2uq(
      ["run", "tiny.yaml", "--json", "--set", `augmentation.kind=${kind}`],
      folder,
    );
    t.equal(code, 0, stderr);
    t.notMatch(stdout + stderr, CRASH);
    const events = stdout.split("\n").filter((line) => line.includes('"step"'));
    return events.map((line) => JSON.parse(line).loss).join();
  };
  const plain = await losses("none");
  t.match(plain, /\d/);
  t.not(await losses("random-resized-crop"), plain);
});

t.test("A1: pad-crop-flip works on images in files", async (t) => {
  const images = Object.fromEntries(
    ["train/a", "train/b", "val/a", "val/b"].flatMap((folder) =>
      [1, 2, 3].map((i) => [`images/${folder}/${i}.png`, PNG]),
    ),
  );
  const { code, stdout, stderr } = await n2uq(
    ["run", "folder.yaml"],
    project(t, { "folder.yaml": FOLDER, ...images }),
  );
  t.equal(code, 0, stderr);
  t.notMatch(stdout + stderr, CRASH);
});

for (const [key, value] of [
  ["augmentation.decode", "scaled"],
  ["augmentation.colorJitter.saturation", "0.4"],
] as const)
  t.test(`A1: ${key} without effect is an error`, async (t) => {
    const folder = project(t, { "tiny.yaml": `${TINY}augmentation: { kind: random-resized-crop }\n` });
    const { code, stderr } = await n2uq(["plan", "tiny.yaml", "--set", `${key}=${value}`], folder);
    t.equal(code, 2, stderr);
    t.match(stderr, /N2UQ_RESOLVE_NO_EFFECT/);
    t.match(stderr, key);
    t.notMatch(stderr, CRASH);
  });

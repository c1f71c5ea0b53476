import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { n2uq } from "../helpers/cli.js";

const CRASH = /N2UQ_INTERNAL|node:internal|^\s+at /m;
const EXPERIMENT = `name: folder
architecture:
  family: stages
  inputSize: 8
  stem: { kernel: 3, stride: 1, channels: 4 }
  stages: [{ block: basic, channels: 4, blocks: 1 }]
quantization: { method: none }
data: { dataset: image-folder, root: ./images }
training: { steps: 2, batchSize: 2, schedule: { kind: constant } }
engine: cpu
`;
/** One gray pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
  "base64",
);

/** Bytes of Latin-1: `é` is no UTF-8 there. */
const latin1 = (text: string) => Buffer.from(text, "latin1");

for (const [what, folders, names] of [
  ["a class folder", ["caf\u00e9", "tea"], ["1.png", "2.png"]],
  ["an image file", ["coffee", "tea"], ["caf\u00e9.png", "2.png"]],
] as const)
  t.test(`B7: ${what} whose name is not UTF-8 is an error that names it`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "n2uq-"));
    t.teardown(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "x.yaml"), EXPERIMENT);
    for (const split of ["train", "val"])
      for (const own of folders) {
        const path = latin1(join(folder, "images", split, own));
        mkdirSync(path, { recursive: true });
        for (const name of names) writeFileSync(Buffer.concat([path, latin1(`/${name}`)]), PNG);
      }
    const { code, stdout, stderr } = await n2uq(["run", "x.yaml"], folder, {
      N2UQ_CACHE: join(folder, "cache"),
    });
    t.equal(code, 2, stderr);
    t.match(stderr, /N2UQ_DATA_NAME/);
    t.match(stderr, "caf\\xe9");
    t.notMatch(stdout + stderr, CRASH);
  });

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import t from "tap";
import { start } from "../helpers/cli.js";

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
const flat = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#804020" } })
    .png()
    .toBuffer();

type Tap = Pick<typeof import("tap").default, "teardown" | "notMatch">;

async function run(t: Tap, odd: Buffer | "pipe", ...options: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "n2uq-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "x.yaml"), EXPERIMENT);
  const small = await flat(8, 8);
  for (const path of ["train/a", "train/b", "val/a", "val/b"]) {
    mkdirSync(join(folder, "images", path), { recursive: true });
    for (const name of ["1.png", "2.png"]) writeFileSync(join(folder, "images", path, name), small);
  }
  const place = join(folder, "images", "val", "a", "odd.png");
  if (odd === "pipe") execFileSync("mkfifo", [place]);
  else writeFileSync(place, odd);
  const { child, done } = start(["run", "x.yaml", ...options], folder, { N2UQ_CACHE: join(folder, "cache") });
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const { code, stdout, stderr } = await done;
  clearTimeout(timer);
  t.notMatch(stdout + stderr, CRASH);
  return { code, said: stdout + stderr };
}

t.test("D4: an image of more pixels than 64 million is not decoded", async (t) => {
  const { code, said } = await run(t, await flat(16_000, 4_001));
  t.equal(code, 0, said);
  t.match(said, /odd\.png.*16000×4001 pixels are too many/);
});

t.test("D4: data.maxPixels limits decoded images", async (t) => {
  const { code, said } = await run(
    t,
    await flat(9, 9),
    "--set",
    "data.maxPixels=64",
    "--set",
    "data.maxUnreadable=0",
  );
  t.equal(code, 3, said);
  t.match(said, /N2UQ_DATA_UNREADABLE.*odd\.png \(9×9 pixels are too many: at most 64/);
});

t.test("D4: a pipe with an image's name is skipped", async (t) => {
  const { code, said } = await run(t, "pipe");
  t.equal(code, 0, said);
  t.match(said, /1 files are skipped/);
});

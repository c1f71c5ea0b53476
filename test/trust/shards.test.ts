import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import t from "tap";
import { start } from "../helpers/cli.js";
import { END, member } from "../helpers/tar.js";

const CRASH = /N2UQ_INTERNAL|node:internal|^\s+at /m;
/** One gray pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
  "base64",
);
const numbers = Array.from({ length: 8 }, (_, i) => i);
const images = numbers.map((i) => member(`000${i}.png`, PNG));
const labels = numbers.map((i) => member(`000${i}.cls`, `${i % 2}`));
const sound = numbers.flatMap((i) => [images[i]!, labels[i]!]);
const tar = (...members: readonly Buffer[]) => Buffer.concat(members);

const EXPERIMENT = `name: shards
architecture:
  family: stages
  inputSize: 8
  stem: { kernel: 3, stride: 1, channels: 4 }
  stages: [{ block: basic, channels: 4, blocks: 1 }]
quantization: { method: none }
data: { dataset: shards, root: ., shards: { train: "a.tar", test: "a.tar" } }
training: { steps: 2, batchSize: 4, schedule: { kind: constant } }
engine: cpu
`;

async function n2uq(t: Tap, command: string, files: Record<string, Buffer>, ...set: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "n2uq-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "x.yaml"), EXPERIMENT);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  const flags = set.flatMap((one) => ["--set", one]);
  const { child, done } = start([command, "x.yaml", ...flags], folder, { N2UQ_CACHE: join(folder, "cache") });
  // At the old build a hostile file is looked at for ever.
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const { code, stdout, stderr } = await done;
  clearTimeout(timer);
  t.notMatch(stdout + stderr, CRASH);
  return { code, stderr, stdout };
}

type Tap = Pick<typeof import("tap").default, "teardown" | "notMatch">;

const refused: Record<string, readonly [files: Record<string, Buffer>, code: RegExp, words: RegExp]> = {
  "D2: a negative size": [
    { "a.tar": tar(member("a.jpg", "", { size: "-0001000\0" }), END) },
    /N2UQ_DATA_SHARD\b/,
    /a\.tar .*-0001000/,
  ],
  "D2: a size that is no number, before sound members": [
    { "a.tar": tar(member("a.jpg", "x", { size: "zzzzzzz\0" }), ...sound, END) },
    /N2UQ_DATA_SHARD\b/,
    /a\.tar .*zzzzzzz/,
  ],
  "D2: a second tar file behind the first": [
    { "a.tar": tar(...sound, END, ...sound, END) },
    /N2UQ_DATA_SHARD\b/,
    /8 samples were read/,
  ],
  "C: a compressed tar file": [{ "a.tar": gzipSync(tar(...sound, END)) }, /N2UQ_DATA_SHARD_PACKED/, /gunzip/],
  "C: members that are not sorted": [
    { "a.tar": tar(...images, ...labels, END) },
    /N2UQ_DATA_SHARD_SAMPLE/,
    /0000 .*two places[\s\S]*--sort=name/,
  ],
  "C: dots in the names of samples": [
    {
      "a.tar": tar(
        ...numbers.flatMap((i) => [member(`img.v1.${i}.png`, PNG), member(`img.v1.${i}.cls`, "0")]),
        END,
      ),
    },
    /N2UQ_DATA_SHARD_SAMPLE/,
    /first dot/,
  ],
  "C: a tar file without members": [{ "a.tar": END }, /N2UQ_DATA_NO_SAMPLES/, /a\.tar/],
  "C: a label of words": [
    { "a.tar": tar(images[0]!, member("0000.cls", "cat"), END) },
    /N2UQ_DATA_LABEL_TEXT/,
    /0000\.cls is "cat"/,
  ],
  "C: labels in text files": [
    { "a.tar": tar(...numbers.flatMap((i) => [images[i]!, member(`000${i}.txt`, "cat")]), END) },
    /N2UQ_DATA_NO_SAMPLES/,
    /0000 has no label: .*\.txt/,
  ],
  "C: JSON without a label": [
    { "a.tar": tar(images[0]!, member("0000.json", '{"class_id": 3}'), END) },
    /N2UQ_DATA_NO_SAMPLES/,
    /no key label \(but class_id\)/,
  ],
  "C: two images of one sample": [
    { "a.tar": tar(images[0]!, member("0000.jpg", ""), labels[0]!, END) },
    /N2UQ_DATA_SHARD_SAMPLE/,
    /0000\.png and 0000\.jpg/,
  ],
  "C: a sample in two tar files": [
    { "a0.tar": tar(...sound.slice(0, -1), END), "a1.tar": tar(...sound.slice(-1), END) },
    /N2UQ_DATA_SHARD_SAMPLE/,
    /0007 .*a1\.tar is split[\s\S]*a0\.tar/,
  ],
};

for (const [name, [files, code, words]] of Object.entries(refused))
  t.test(`${name} is an error with a message`, async (t) => {
    const set = "a0.tar" in files ? ["data.shards.train=a{0..1}.tar"] : [];
    const found = await n2uq(t, "plan", files, ...set);
    t.ok(found.code === 2 || found.code === 3, `${found.code} ${found.stderr}`);
    t.match(found.stderr, code);
    t.match(found.stderr, words);
  });

t.test("D2: a tar file without its end mark is reported with the count", async (t) => {
  const { code, stdout, stderr } = await n2uq(t, "run", { "a.tar": tar(...sound) });
  t.equal(code, 0, stderr);
  t.match(stdout + stderr, /no end mark.*8 samples/);
});

t.test("D4: braces that expand to billions of files are an error", async (t) => {
  const { code, stderr } = await n2uq(
    t,
    "plan",
    { "a.tar": tar(...sound, END) },
    "data.shards.train=a{0..9999999999}.tar",
  );
  t.equal(code, 2, stderr);
  t.match(stderr, /N2UQ_DATA_TOO_MANY_SHARDS/);
});

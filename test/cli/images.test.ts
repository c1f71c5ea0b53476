import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { badFiles, cifarJpegs, jpegs, oddFiles, writeFiles } from "../data/images.js";
import { n2uq } from "../helpers/cli.js";
import { killAfter, outcome } from "../helpers/killing.js";

const experiment = `
name: folder
architecture: { family: stages, inputSize: 24, stem: { kernel: 3, stride: 2, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: n2uq, bits: 2 }
data: { dataset: image-folder, root: ../data, maxUnreadable: 8 }
augmentation: { kind: random-resized-crop, colorJitter: { brightness: 0.3 } }
training: { epochs: 2, batchSize: 16, optimizer: { lr: 1.0e-2 }, schedule: { kind: constant }, checkpoint: { everySteps: 3 } }
`;

/** 300 JPEGs of CIFAR-10 (of gratings where that is not at hand), one of each odd kind, and the unreadable ones, in a folder that two projects share. */
async function projects(folder: string): Promise<readonly [whole: string, killed: string]> {
  await writeFiles(join(folder, "data"), {
    ...(await cifarJpegs("train", 240)),
    ...(await cifarJpegs("val", 60)),
  });
  const bad = Object.entries(await badFiles()).map(([name, [content]]) => [name, content]);
  const files = { ...(await oddFiles()), ...Object.fromEntries(bad) };
  await writeFiles(join(folder, "data", "train", "class1"), files);
  await writeFiles(join(folder, "data", "val", "class1"), files);
  const both = ["whole", "killed"].map((name) => join(folder, name));
  for (const project of both) {
    await mkdir(project);
    await writeFile(join(project, "x.yaml"), experiment);
  }
  return both as unknown as readonly [string, string];
}

t.test(
  "a folder of JPEGs and odd files trains, resumes after kills and evaluates, the same on one thread and four",
  async (t) => {
    const folder = t.testdir();
    const [whole, killed] = await projects(folder);
    const environment = { ...process.env, N2UQ_CACHE: join(folder, "cache") };
    // One run decodes JPEGs by sharp alone, the other ones by TurboJPEG: to the same bits.
    const bySharp = t.intercept(process, "env", { value: { ...environment, N2UQ_TURBOJPEG: "none" } });
    const threads = (count: number) => ["--set", `data.decodeThreads=${count}`];
    const first = await n2uq(["run", "x.yaml", ...threads(4)], whole);
    t.equal(first.code, 0, first.stderr);
    t.match(first.stdout, "Data: data, 263 training and 83 validation images");
    const scaled = await n2uq(
      ["run", "x.yaml", "--set", "augmentation.decode=scaled", "--runs", join(folder, "refused")],
      whole,
    );
    t.same([scaled.code, /N2UQ_DATA_NO_TURBOJPEG.*/.exec(scaled.stderr) !== null], [3, true], scaled.stderr);
    bySharp.restore();
    t.intercept(process, "env", { value: environment });
    for (const name of Object.keys(await badFiles())) {
      const said = first.stdout
        .split("\n")
        .filter((line) => line.includes("warning") && line.includes(`/val/class1/${name} can't be read`));
      t.equal(said.length, 1, `${name} is named, once`);
    }
    for (const after of [5, 13]) {
      t.equal((await killAfter(after, ["run", "x.yaml", ...threads(1)], killed)).signal, "SIGKILL");
    }
    const last = await n2uq(["run", "x.yaml", ...threads(1)], killed);
    t.equal(last.code, 0, last.stderr);
    t.match(last.stdout, /resumed from step \d+ of 32/);
    t.same(outcome(join(killed, "runs")), outcome(join(whole, "runs")));
    const measured = await n2uq(["evaluate", "x.yaml", "--json"], whole);
    t.equal(measured.code, 0, measured.stderr);
    t.match(JSON.parse(measured.stdout.trim().split("\n").at(-1)!), { images: 76 });
  },
);

t.test("an evaluation needs four keys and no training images; too many unreadable ones end it", async (t) => {
  const folder = t.testdir();
  t.intercept(process, "env", { value: { ...process.env, N2UQ_CACHE: join(folder, "cache") } });
  await writeFiles(join(folder, "data"), await jpegs("val", 12));
  const minimal =
    "name: x\narchitecture: { family: cifar-resnet, depth: 20 }\nquantization: { method: none }\ndata: { dataset: image-folder, root: ./data }\n";
  await writeFile(join(folder, "x.yaml"), minimal);
  const plan = await n2uq(["plan", "x.yaml", "--json"], folder);
  t.equal(plan.code, 0, plan.stderr);
  const train = await n2uq(["run", "x.yaml"], folder);
  t.same([train.code, /N2UQ_DATA_TOO_SMALL/.test(train.stderr)], [2, true], train.stderr);
  await writeFile(join(folder, "x.yaml"), minimal.replace("./data", "./gone"));
  const gone = await n2uq(["plan", "x.yaml"], folder);
  t.match(gone.stderr, /N2UQ_DATA_NO_SPLIT/);
});

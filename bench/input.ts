import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import sharp from "sharp";
import { batches } from "../src/data/batches.js";
import { loadDataset } from "../src/data/datasets.js";
import type { BatchRequest, LoadedDataset, RandomResizedCrop } from "../src/data/types.js";
import { stream } from "../src/random.js";
import { withDefaults } from "../src/schema/defaults.js";
import { median } from "./measure.js";

/** Image files and the number of their copies, so that an epoch is long enough for a steady rate. */
const FILES = 192;
const COPIES = Number(process.env.COPIES ?? 24);
const IMAGES = FILES * COPIES;
const BATCH = 64;
const THREADS = 2;
const ROUNDS = Number(process.env.ROUNDS ?? 7);
/** Image size in pixels; `SIZE=1500x1125` measures images that are larger than those of ImageNet. */
const [WIDTH = 500, HEIGHT = 375] = (process.env.SIZE ?? "500x375").split("x").map(Number);

/** Noisy gratings with the file size of ImageNet photographs of the same image size. */
async function writeImages(root: string): Promise<number> {
  let bytes = 0;
  for (let copy = 0; copy < COPIES; copy++) mkdirSync(join(root, `class${copy}`), { recursive: true });
  for (let i = 0; i < FILES; i++) {
    const next = stream(i, "bench images");
    const waves = Array.from({ length: 9 }, () => [
      0.2 * next(),
      0.2 * next(),
      6.28 * next(),
      10 + 30 * next(),
    ]);
    const pixels = Buffer.alloc(WIDTH * HEIGHT * 3);
    for (let at = 0; at < pixels.length; at++) {
      const [x, y, c] = [Math.floor(at / 3) % WIDTH, Math.floor(at / 3 / WIDTH), at % 3];
      let value = 118 + 12 * c + 26 * (next() - 0.5);
      for (const [fx = 0, fy = 0, phase = 0, height = 0] of waves.slice(c, c + 4)) {
        value += height * Math.sin(fx * x + fy * y + phase);
      }
      pixels[at] = Math.max(0, Math.min(255, value));
    }
    const file = join(root, "class0", `${i}.jpg`);
    await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .jpeg({ quality: 90 })
      .toFile(file);
    bytes += statSync(file).size;
    for (let copy = 1; copy < COPIES; copy++) linkSync(file, join(root, `class${copy}`, `${i}.jpg`));
  }
  return bytes / FILES;
}

/** Measurements of one epoch: images per second, and CPU milliseconds of all cores per image. */
interface Pace {
  readonly rate: number;
  readonly cpuMs: number;
}

function requestOf(decode: RandomResizedCrop["decode"], epoch: number): BatchRequest {
  const augmentation = {
    kind: "random-resized-crop",
    scale: [0.08, 1],
    ratio: [3 / 4, 4 / 3],
    horizontalFlip: true,
    colorJitter: { brightness: 0, contrast: 0, saturation: 0 },
    decode,
  } as const;
  return { split: "train", batchSize: BATCH, seed: 0, epoch, shuffle: true, augmentation };
}

/**
 * Milliseconds that each step after the first waits for its batch; steps block this thread according to
 * `rate`.
 */
async function waits(data: LoadedDataset, rate: number, steps: number): Promise<number[]> {
  const waited: number[] = [];
  let asked = performance.now();
  for await (const batch of batches(data, requestOf("exact", 0))) {
    const got = performance.now();
    waited.push(got - asked);
    if (waited.length > steps) break;
    const end = got + (1000 * batch.count) / rate;
    while (performance.now() < end);
    await new Promise(setImmediate);
    asked = performance.now();
  }
  return waited.slice(1);
}

async function ours(data: LoadedDataset, decode: RandomResizedCrop["decode"], epoch: number): Promise<Pace> {
  const request = requestOf(decode, epoch);
  const [started, spent] = [performance.now(), process.cpuUsage()];
  let count = 0;
  for await (const batch of batches(data, request)) count += batch.count;
  const { user, system } = process.cpuUsage(spent);
  return {
    rate: (1000 * count) / (performance.now() - started),
    cpuMs: (user + system) / 1000 / count,
  };
}

/** A torchvision process for all measurements; null if torchvision is not installed. */
async function torchvision(root: string): Promise<{ epoch(): Promise<Pace>; child: ChildProcess } | null> {
  const python = process.env.N2UQ_PYTHON ?? "/usr/bin/python3";
  const script = join(process.cwd(), "bench", "input.py");
  const child = spawn(python, [script, root, String(THREADS), String(BATCH)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string | undefined;
  if ((await next()) !== "ready") return null;
  const epoch = async () => {
    child.stdin.write("go\n");
    const [count = 0, seconds = 1, cpu = 0] = ((await next()) ?? "").split(" ").map(Number);
    return { rate: count / seconds, cpuMs: (1000 * cpu) / count };
  };
  return { epoch, child };
}

const root = mkdtempSync(join(tmpdir(), "n2uq-input-"));
process.env.N2UQ_CACHE = join(root, "cache");
const bytes = await writeImages(join(root, "val"));
const peer = await torchvision(join(root, "val"));
const data = await loadDataset(
  withDefaults("data", {
    dataset: "image-folder",
    root,
    splits: { train: "val", test: "val" },
    trainLimit: null,
    testLimit: null,
    decodeThreads: THREADS,
  }),
);
const cases = {
  "n2uq, exact": { run: (round: number) => ours(data, "exact", round), target: 1.1 },
  "n2uq, decode: scaled": { run: (round: number) => ours(data, "scaled", round), target: 1.8 },
  ...(peer && { torchvision: { run: () => peer.epoch(), target: null } }),
};
const paces: Record<string, Pace[]> = {};
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, { run }] of Object.entries(cases)) {
    const pace = await run(round);
    if (round > 0) paces[name] = [...(paces[name] ?? []), pace];
  }
}
console.log(
  `${IMAGES} JPEGs of ${WIDTH}×${HEIGHT}, ${Math.round(bytes / 1000)} kB each; decode, random crop to 224, flip, normalize;`,
);
console.log(`${THREADS} threads or workers, batches of ${BATCH}; medians of ${ROUNDS} interleaved epochs\n`);
console.log("| pipeline | images/s | ratio to torchvision | target | CPU ms/image | ratio |");
console.log("|---|---:|---:|---:|---:|---:|");
for (const [name, { target }] of Object.entries(cases)) {
  const own = paces[name] ?? [];
  const ratioOf = (ratio: (a: Pace, b: Pace) => number) =>
    median(own.map((pace, round) => ratio(pace, paces.torchvision?.[round] ?? pace)));
  const cells = [
    name,
    median(own.map(({ rate }) => rate)).toFixed(0),
    `${ratioOf((a, b) => a.rate / b.rate).toFixed(2)}×`,
    target === null ? "" : `${target}×`,
    median(own.map(({ cpuMs }) => cpuMs)).toFixed(2),
    `${ratioOf((a, b) => b.cpuMs / a.cpuMs).toFixed(2)}×`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
const waited = await waits(data, 100, 30);
console.log(
  `\nA step that processes 100 images/s and blocks the main thread waited ${median(waited).toFixed(1)} ms in the median,`,
);
console.log(`${Math.max(...waited).toFixed(1)} ms at most, for each of ${waited.length} batches.`);
peer?.child.kill();
rmSync(root, { recursive: true, force: true });

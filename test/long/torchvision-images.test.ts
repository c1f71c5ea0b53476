import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { batches } from "../../src/data/batches.js";
import { loadDataset } from "../../src/data/datasets.js";
import { randomCrop } from "../../src/data/images/crop.js";
import { imagePath } from "../../src/data/images/walk.js";
import { engines } from "../../src/engines/engines.js";
import { buildGraph } from "../../src/models/models.js";
import { forward } from "../../src/ops/execute.js";
import { stream } from "../../src/random.js";
import { uploadImages } from "../../src/train/evaluate.js";
import { createStore, disposeStore, download } from "../../src/train/store.js";
import { writeSafetensors } from "../../src/weights/safetensors.js";
import { crops, jpegs, oddFiles, settings, validation, writeFiles } from "../data/images.js";
import { architecture, quantization } from "../helpers/experiments.js";
import { python, withoutPytorch } from "../helpers/pytorch.js";

const SCRIPT = join(import.meta.dirname, "images-peer.py");
const CLASSES = 10;

function peer(...args: readonly string[]): unknown {
  return JSON.parse(execFileSync(python, [SCRIPT, ...args], { encoding: "utf8", maxBuffer: 1 << 30 }));
}

const skip = withoutPytorch;

async function folder(t: Pick<typeof import("tap").default, "testdir" | "intercept">): Promise<string> {
  const root = t.testdir({ data: {}, cache: {} });
  t.intercept(process, "env", { value: { ...process.env, N2UQ_CACHE: join(root, "cache") } });
  await writeFiles(join(root, "data"), await jpegs("val", 84, 4, 320));
  await writeFiles(join(root, "data", "val", "class2"), await oddFiles(200, 150));
  return join(root, "data");
}

t.test("validation pixels, labels and order are torchvision's", { skip }, async (t) => {
  const root = await folder(t);
  const out = join(root, "..", "pixels.bin");
  const wanted = peer("pixels", join(root, "val"), "256", "224", out) as {
    paths: string[];
    labels: number[];
  };
  const data = await loadDataset(settings(root));
  const { mean, std } = data.info;
  t.same(
    wanted.paths,
    wanted.paths.map((_, i) => imagePath(data.test, "test", i)),
    "paths in order",
  );
  t.same(wanted.labels, [...data.test.labels]);
  const pixels = readFileSync(out);
  const length = 224 * 224 * 3;
  let [sum, worst, count] = [0, 0, 0];
  for await (const { images, numbers } of batches(data, {
    ...validation,
    imageSize: [224, 224],
    shortSide: 256,
  })) {
    numbers.forEach((number, at) => {
      let own = 0;
      for (let i = 0; i < length; i++) {
        const value = ((images[at * length + i] ?? 0) * (std[i % 3] ?? 1) + (mean[i % 3] ?? 0)) * 255;
        own += Math.abs(value - (pixels[number * length + i] ?? 0));
      }
      sum += own / length;
      worst = Math.max(worst, own / length);
      count += 1;
    });
  }
  t.equal(count, wanted.paths.length);
  t.ok(
    worst <= 1,
    `mean difference ${(sum / count).toFixed(5)}/255, of the worst image ${worst.toFixed(5)}/255`,
  );
});

t.test("random crops are distributed as torchvision's", { skip }, async (t) => {
  for (const [width, height] of [
    [500, 375],
    [300, 900],
    [64, 64],
  ] as const) {
    const count = 20000;
    const theirs = peer("crops", String(width), String(height), String(count)) as number[][];
    const next = stream(1, "crops");
    const ours = theirs.map(() => {
      const box = randomCrop({ width, height }, crops, next);
      return [box.left, box.top, box.width, box.height];
    });
    for (const [column, name] of ["left", "top", "width", "height"].entries()) {
      const distance = kolmogorov(
        ours.map((box) => box[column]!),
        theirs.map((box) => box[column]!),
      );
      // The bound for equal distributions at a chance of one in ten thousand.
      const most = 2.23 * Math.sqrt(2 / count);
      t.ok(distance <= most, `${width}×${height} ${name}: ${distance.toFixed(4)} ≤ ${most.toFixed(4)}`);
    }
  }
});

t.test("the same random ResNet-18 predicts the same", { skip }, async (t) => {
  const root = await folder(t);
  await engines.wasm.load();
  const graph = buildGraph(
    architecture("resnet", { depth: 18, layout: "torchvision", classes: CLASSES }),
    quantization({ method: "none" }),
    quantizers,
  );
  const store = createStore(graph, 7);
  const weights = join(root, "..", "weights.safetensors");
  await writeSafetensors(weights, await download(graph, store), {});
  const theirs = peer("predict", join(root, "val"), weights, String(CLASSES)) as number[][];
  const data = await loadDataset(settings(root));
  const request = { ...validation, imageSize: [224, 224], shortSide: 256 } as const;
  let [same, worst] = [0, 0];
  for await (const batch of batches(data, request)) {
    const images = uploadImages(graph, batch);
    const { logits } = forward(graph, store, images, { mode: "inference" });
    const values = (await logits.data()) as Float32Array;
    images.dispose();
    logits.dispose();
    batch.numbers.forEach((number, at) => {
      const own = Array.from(values.subarray(at * CLASSES, (at + 1) * CLASSES));
      const wanted = theirs[number]!;
      const scale = Math.max(...wanted.map(Math.abs));
      worst = Math.max(worst, ...own.map((value, i) => Math.abs(value - wanted[i]!) / scale));
      if (own.indexOf(Math.max(...own)) === wanted.indexOf(Math.max(...wanted))) same += 1;
    });
  }
  disposeStore(store);
  t.ok(same >= 0.99 * theirs.length, `the same top-1 on ${same} of ${theirs.length} images`);
  t.ok(worst <= 1e-3, `logits differ by at most ${worst.toExponential(1)} of the largest`);
});

/** The largest distance between two samples' distribution functions. */
function kolmogorov(a: number[], b: number[]): number {
  const values = [...new Set([...a, ...b])].sort((x, y) => x - y);
  const [left, right] = [a, b].map((sample) => sample.toSorted((x, y) => x - y)) as [number[], number[]];
  let [i, j, most] = [0, 0, 0];
  for (const value of values) {
    while (i < left.length && left[i]! <= value) i += 1;
    while (j < right.length && right[j]! <= value) j += 1;
    most = Math.max(most, Math.abs(i / left.length - j / right.length));
  }
  return most;
}

import type { ExpectedCheckpoint } from "../../../src/train/checkpoint.js";
import { checkpointLayout } from "../../../src/train/checkpoint.js";
import type { Progress } from "../../../src/train/progress.js";
import type { HostTensor } from "../../../src/weights/safetensors.js";
import { writeSafetensors } from "../../../src/weights/safetensors.js";
import { elementsOf } from "../../../src/weights/shape.js";
import type { Random } from "../target.js";
import { between, pick } from "../target.js";

const odd: readonly unknown[] = [null, -1, 0.5, 1e300, "7", "NaN", [], {}, true, 2 ** 53];

export const soundProgress: Progress = {
  step: 6,
  epoch: 1,
  batch: 2,
  sums: { images: 16, loss: 20, top1: 4, top5: 16 },
  gradientNorm: 1.5,
  best: { epoch: 1, loss: 1.2, top1: 30, top5: 100 },
  last: { loss: 1.2, top1: 30, top5: 100 },
  seconds: 3,
};

/** All tensors of an intact checkpoint. */
export function tensorsOf(expected: ExpectedCheckpoint): Map<string, HostTensor> {
  return new Map(
    [...checkpointLayout(expected)].map(([name, { dtype, shape }]): [string, HostTensor] => [
      name,
      dtype === "int64"
        ? { dtype, shape, data: BigInt64Array.of(1n) }
        : { dtype: "float32", shape, data: new Float32Array(elementsOf(shape)).fill(0.5) },
    ]),
  );
}

/** Writes a checkpoint with correct checksums and possibly wrong content. */
export async function writeOddCheckpoint(
  random: Random,
  file: string,
  expected: ExpectedCheckpoint,
): Promise<void> {
  const tensors = tensorsOf(expected);
  const names = [...tensors.keys()];
  const change = between(random, 0, 4);
  const name = pick(random, names);
  if (change === 0) tensors.delete(name);
  if (change === 1) tensors.set(`${name}2`, { dtype: "float32", shape: [1], data: Float32Array.of(1) });
  if (change === 2) tensors.set(name, { dtype: "float32", shape: [3], data: new Float32Array(3) });
  const progress: Record<string, unknown> = structuredClone({ ...soundProgress });
  for (let count = between(random, 0, 2); count > 0; count -= 1) {
    const key = pick(random, Object.keys(soundProgress));
    const inner = progress[key];
    if (typeof inner === "object" && inner !== null && Object.keys(inner).length > 0 && random() < 0.5)
      (inner as Record<string, unknown>)[pick(random, Object.keys(inner))] = pick(random, odd);
    else if (random() < 0.2) delete progress[key];
    else progress[key] = random() < 0.5 ? pick(random, odd) : between(random, 0, 30);
  }
  const text = random() < 0.95 ? JSON.stringify(progress) : pick(random, ["", "null", "[]", "3", "{", '"x"']);
  const metadata: Record<string, string> = {
    hash: random() < 0.95 ? (expected.hashes[0] ?? "") : "other",
    progress: text,
  };
  if (random() < 0.05) delete metadata[pick(random, ["hash", "progress"])];
  await writeSafetensors(file, tensors, metadata);
}

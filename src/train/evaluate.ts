import { dispose, type Tensor, type Tensor1D, type Tensor2D, tensor } from "@tensorflow/tfjs-core";
import { normalizePixels } from "../data/images/normalize.js";
import type { Batch } from "../data/types.js";
import type { TrainingGraph } from "../graph/types.js";
import { forward } from "../ops/execute.js";
import { overrides } from "../overrides.js";
import type { Metrics } from "../runs/record.js";
import { computeLoss } from "./losses/losses.js";
import { countTopK } from "./metrics.js";
import type { MutableStore } from "./store.js";

const LOSS = { kind: "cross-entropy", labelSmoothing: 0 } as const;

/** Uploads a batch to the device, and normalizes its images there if they are pixels. */
export function uploadImages(graph: TrainingGraph, { images, values, count }: Batch): Tensor {
  const shape = [count, ...graph.input];
  if (images instanceof Float32Array || values === undefined) return tensor(images, shape, "float32");
  const onDevice = overrides().normalizePixels;
  if (onDevice === undefined) return tensor(normalizePixels(images, values), shape, "float32");
  // TensorFlow.js has no dtype for bytes, and stores bool in bytes.
  const [pixels, table] = [tensor(images, shape, "bool"), tensor(values, [256, values.length / 256])];
  const normalized = onDevice(pixels, table);
  dispose([pixels, table]);
  return normalized;
}

/** The metrics of one batch. */
export interface BatchScore {
  readonly logits: Float32Array;
  readonly labels: Int32Array;
  /** The index of each image in its split. */
  readonly numbers: Uint32Array;
}

/**
 * Top-1, top-5 and cross-entropy against the labels over all batches, in inference mode. Yields to the event
 * loop between batches; stops early when the signal is aborted.
 */
export async function evaluate(
  graph: TrainingGraph,
  store: MutableStore,
  batches: AsyncIterable<Batch>,
  onBatch?: (done: number, score: BatchScore) => void,
  signal?: AbortSignal,
): Promise<Metrics> {
  const sums = { images: 0, loss: 0, top1: 0, top5: 0 };
  for await (const batch of batches) {
    if (signal?.aborted === true) break;
    const images = uploadImages(graph, batch);
    const { logits } = forward(graph, store, images, { mode: "inference" });
    const labels = tensor(batch.labels, [batch.count], "int32") as Tensor1D;
    const { loss, dLogits } = computeLoss(logits as Tensor2D, { labels }, LOSS);
    const [values, mean] = [(await logits.data()) as Float32Array, (await loss.data())[0] ?? Number.NaN];
    for (const held of [images, logits, labels, loss, dLogits]) held.dispose();
    sums.images += batch.count;
    sums.loss += mean * batch.count;
    sums.top1 += countTopK(values, batch.labels, graph.classes, 1);
    sums.top5 += countTopK(values, batch.labels, graph.classes, 5);
    onBatch?.(sums.images, { logits: values, labels: batch.labels, numbers: batch.numbers });
    await new Promise(setImmediate);
  }
  return meanMetrics(sums);
}

/** Converts sums over images to means and percentages. */
export function meanMetrics(sums: { images: number; loss: number; top1: number; top5: number }): Metrics {
  const share = (count: number) => (100 * count) / Math.max(1, sums.images);
  return { loss: sums.loss / Math.max(1, sums.images), top1: share(sums.top1), top5: share(sums.top5) };
}

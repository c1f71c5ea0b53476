import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { countBelow, sumRowsByBin } from "../core/binned.js";
import { quantizers, weightPasses } from "../core/quantizers.js";
import type { Batch } from "../data/types.js";
import { layerCosts } from "../graph/cost.js";
import { weightQuantization } from "../graph/nodes.js";
import type { QuantizationCurve, WeightQuantization } from "../graph/quantizer.js";
import type { GraphNode, QuantizeNode, TrainingGraph } from "../graph/types.js";
import { forward } from "../ops/execute.js";
import { parametersOf } from "../ops/quantize.js";
import { tensorOf } from "../ops/tensors.js";
import { flatten, isDepthwise, quantizerTensors } from "../ops/weights.js";
import type { ActivationAnalysis, Analysis, WeightAnalysis } from "../runs/record.js";
import { entropyBits } from "./entropy.js";
import { uploadImages } from "./evaluate.js";
import type { MutableStore } from "./store.js";

/**
 * For each quantizer, counts how often its weights or its activations (over `batches`) take each level.
 * Changes no parameter and leaks no tensor. @param start threshold curves at the start of training, by node
 * id; null if unknown
 */
export async function analyze(
  graph: TrainingGraph,
  store: MutableStore,
  batches: AsyncIterable<Batch>,
  hash: string,
  start: Readonly<Record<string, QuantizationCurve>> | null,
): Promise<Analysis> {
  const weights: WeightAnalysis[] = [];
  for (const node of graph.nodes) {
    const quant = weightQuantization(node);
    if (quant !== undefined) weights.push(await analyzeWeights(node, quant, store));
  }
  const curves = await curvesOf(graph, store);
  const { images, counts } = await countLevels(graph, store, batches, curves);
  const activations = quantizersOf(graph).map(({ id, attrs }): ActivationAnalysis => {
    const end = curves[id] ?? { thresholds: [], levels: [] };
    const used = counts.get(id) ?? end.levels.map(() => 0);
    const { method, bits } = attrs;
    const levels = { method, bits, levels: end.levels, counts: used, entropy: entropyBits(used) };
    return { layer: id, ...levels, start: start?.[id] ?? null, end };
  });
  return { format: 1, hash, images, layers: layerCosts(graph), weights, activations };
}

/** The current threshold curve of every activation quantizer, by node id. */
export async function curvesOf(
  graph: TrainingGraph,
  store: MutableStore,
): Promise<Record<string, QuantizationCurve>> {
  const curves: Record<string, QuantizationCurve> = {};
  for (const node of quantizersOf(graph)) {
    const values: Record<string, number[]> = {};
    for (const [name, tensor] of Object.entries(parametersOf(node, store)))
      values[name] = Array.from(await tensor.data());
    curves[node.id] = quantizers[node.attrs.method].activation.curve(node.attrs, values);
  }
  return curves;
}

async function analyzeWeights(
  node: GraphNode,
  quant: WeightQuantization,
  store: MutableStore,
): Promise<WeightAnalysis> {
  const { id } = node;
  const flat = flatten(tensorOf(store, `${id}.weight`), isDepthwise(node));
  const parameters = quantizerTensors(id, quant, flat, store);
  const { y, saved } = weightPasses(quant.method).forward(flat, parameters, quant);
  const found = quantizers[quant.method].weight.levels(flat, parameters, quant);
  const [values, table] = [await y.data(), await found.levels.data()];
  const channels = flat.shape[1] ?? 1;
  const each = found.levels.rank === 2 ? channels : 1;
  tf.dispose([flat, y, found.levels, ...saved]);
  const counts = countWeights(values, channels, table, each);
  const levels =
    found.normalized ?? Array.from({ length: table.length / each }, (_, i) => table[i * each] ?? 0);
  return {
    layer: id,
    method: quant.method,
    bits: quant.bits,
    levels: [...levels],
    counts,
    entropy: entropyBits(counts),
  };
}

/**
 * Counts `values [fan, channels]` by the nearest level. Skips channels whose levels are all equal. @param
 * table `[levels, channels or 1]`, ascending
 */
function countWeights(
  values: ArrayLike<number>,
  channels: number,
  table: ArrayLike<number>,
  each: number,
): number[] {
  const count = table.length / each;
  const counts = new Array<number>(count).fill(0);
  for (let i = 0; i < values.length; i++) {
    const column = each === 1 ? 0 : i % channels;
    const at = (level: number) => table[level * each + column] ?? 0;
    if (at(0) === at(count - 1)) continue;
    const value = values[i] ?? 0;
    let [low, high] = [0, count - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (at(middle) <= value) low = middle;
      else high = middle;
    }
    const nearest = value - at(low) <= at(high) - value ? low : high;
    counts[nearest] = (counts[nearest] ?? 0) + 1;
  }
  return counts;
}

/**
 * Counts how often each activation quantizer outputs each level. The counting runs on the device; only sums
 * per row are downloaded.
 */
async function countLevels(
  graph: TrainingGraph,
  store: MutableStore,
  batches: AsyncIterable<Batch>,
  curves: Readonly<Record<string, QuantizationCurve>>,
): Promise<{ images: number; counts: Map<string, number[]> }> {
  const counts = new Map<string, number[]>();
  let seen = 0;
  if (quantizersOf(graph).length === 0) return { images: 0, counts };
  for await (const batch of batches) {
    const found: { id: string; rows: Tensor; bins: number }[] = [];
    const observe = (node: GraphNode, output: Tensor): void => {
      const levels = curves[node.id]?.levels;
      if (node.kind !== "quantize" || levels === undefined) return;
      found.push({ id: node.id, rows: countRows(output, levels), bins: levels.length });
    };
    const images = uploadImages(graph, batch);
    const { logits } = forward(graph, store, images, { mode: "inference", observe });
    tf.dispose([images, logits]);
    for (const { id, rows, bins } of found) {
      const sofar = counts.get(id) ?? new Array<number>(bins).fill(0);
      const values = await rows.data();
      values.forEach((count, i) => {
        sofar[i % bins] = (sofar[i % bins] ?? 0) + count;
      });
      rows.dispose();
      counts.set(id, sofar);
    }
    seen += batch.count;
    await new Promise(setImmediate);
  }
  return { images: seen, counts };
}

/** How often each level occurs, per row: `[rows, levels]`. Each value is counted for its nearest level. */
function countRows(output: Tensor, levels: readonly number[]): Tensor {
  const order = levels.map((_, i) => i).sort((a, b) => (levels[a] ?? 0) - (levels[b] ?? 0));
  const sorted = order.map((i) => levels[i] ?? 0);
  const middles = sorted.slice(1).map((level, i) => (level + (sorted[i] ?? 0)) / 2);
  return tf.tidy(() => {
    const place =
      middles.length === 0 ? tf.cast(tf.sub(output, output), "int32") : placesOf(output, sorted, middles);
    const rows = sumRowsByBin(place, tf.onesLike(output), levels.length);
    return tf.gather(
      rows,
      tf.tensor1d(
        levels.map((_, i) => order.indexOf(i)),
        "int32",
      ),
      1,
    );
  });
}

/**
 * The index of each value's level: for uniform levels from the distance to the first level (one pass),
 * otherwise by binary search.
 */
function placesOf(output: Tensor, sorted: readonly number[], middles: readonly number[]): Tensor {
  const [first = 0, second = first] = sorted;
  const step = second - first;
  const isUniform = sorted.every((level, i) => Math.abs(level - first - i * step) <= 1e-3 * Math.abs(step));
  if (!isUniform || step === 0) return countBelow(tf.tensor1d([...middles]), output);
  return tf.cast(tf.round(tf.div(tf.sub(output, first), step)), "int32");
}

function quantizersOf(graph: TrainingGraph): QuantizeNode[] {
  return graph.nodes.filter((node): node is QuantizeNode => node.kind === "quantize");
}

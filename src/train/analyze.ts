import type { Tensor } from "@tensorflow/tfjs-core";
import { cast, dispose, div, onesLike, round, scalar, sub, tidy } from "@tensorflow/tfjs-core";
import { sumRowsByBin } from "../core/binned.js";
import { activationParameters, steps, weightParameters } from "../core/parameters.js";
import { weightQuantizers } from "../core/quantizers.js";
import type { Staircase } from "../core/staircase.js";
import { staircaseOf } from "../core/staircase.js";
import type { QuantizerTensors } from "../core/types.js";
import { weightLevels } from "../core/weightLevels.js";
import type { Batch } from "../data/types.js";
import { N2uqError } from "../errors.js";
import { layerCosts } from "../graph/cost.js";
import type { ConvNode, GraphNode, LinearNode, QuantizeNode, TrainingGraph } from "../graph/types.js";
import { forward } from "../ops/execute.js";
import { flatten } from "../ops/weights.js";
import type { ActivationAnalysis, Analysis, WeightAnalysis } from "../runs/record.js";
import { entropyBits } from "./entropy.js";
import { uploadImages } from "./evaluate.js";
import type { MutableStore } from "./store.js";

/**
 * Looks at a network's quantizers: which levels its weights take, and which its activations take over `batches`.
 * Changes nothing and leaves no tensor behind.
 * @param start the staircases when training began, by node; null where they are not known
 */
export async function analyze(
  graph: TrainingGraph,
  store: MutableStore,
  batches: AsyncIterable<Batch>,
  hash: string,
  start: Readonly<Record<string, Staircase>> | null,
): Promise<Analysis> {
  const weights: WeightAnalysis[] = [];
  for (const node of graph.nodes) {
    if ((node.kind === "conv" || node.kind === "linear") && node.attrs.quant !== undefined)
      weights.push(await analyzeWeights(node, store));
  }
  const staircases = await staircasesOf(graph, store);
  const { images, counts } = await countLevels(graph, store, batches, staircases);
  const activations = quantizersOf(graph).map(({ id, attrs }): ActivationAnalysis => {
    const end = staircases[id] ?? { thresholds: [], levels: [] };
    const used = counts.get(id) ?? end.levels.map(() => 0);
    const { method, bits } = attrs;
    const levels = { method, bits, levels: end.levels, counts: used, entropy: entropyBits(used) };
    return { layer: id, ...levels, start: start?.[id] ?? null, end };
  });
  return { format: 1, hash, images, layers: layerCosts(graph), weights, activations };
}

/** Thresholds and levels of every activation quantizer as its parameters are now, by node. */
export async function staircasesOf(
  graph: TrainingGraph,
  store: MutableStore,
): Promise<Record<string, Staircase>> {
  const staircases: Record<string, Staircase> = {};
  for (const { id, attrs } of quantizersOf(graph)) {
    const values: Record<string, number[]> = {};
    for (const { name } of activationParameters(attrs))
      values[name] = Array.from(await held(store, `${id}.${name}`).data());
    staircases[id] = staircaseOf(attrs, values);
  }
  return staircases;
}

async function analyzeWeights(node: ConvNode | LinearNode, store: MutableStore): Promise<WeightAnalysis> {
  const { id, attrs } = node;
  const quant = attrs.quant;
  if (quant === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: `${id} is not quantized` });
  const flat = flatten(held(store, `${id}.weight`));
  const names = weightParameters(quant, flat.shape[1] ?? 1).map(({ name }) => name);
  const parameters: QuantizerTensors = Object.fromEntries(
    names.map((name) => [name, held(store, `${id}.${name}`)]),
  );
  const { y, saved } = weightQuantizers[quant.method].forward(flat, parameters, quant);
  const { step, lowest, unit } = weightLevels(flat, parameters, quant);
  const [values, stepByChannel] = [await y.data(), await step.data()];
  dispose([flat, y, step, ...saved]);
  const counts = countWeights(values, stepByChannel, lowest, steps(quant.bits));
  const levels = counts.map((_, i) => (i + lowest) * (unit === 1 ? (stepByChannel[0] ?? 1) : unit));
  return {
    layer: id,
    method: quant.method,
    bits: quant.bits,
    levels,
    counts,
    entropy: entropyBits(counts),
  };
}

/** `values [fan, channels]`; channels without levels are left out. */
function countWeights(
  values: ArrayLike<number>,
  stepByChannel: ArrayLike<number>,
  lowest: number,
  N: number,
): number[] {
  const counts = new Array<number>(N + 1).fill(0);
  for (let i = 0; i < values.length; i++) {
    const step = stepByChannel[i % stepByChannel.length] ?? 0;
    if (step === 0) continue;
    const level = Math.min(N, Math.max(0, Math.round((values[i] ?? 0) / step - lowest)));
    counts[level] = (counts[level] ?? 0) + 1;
  }
  return counts;
}

/** How often each quantizer's levels come out, counted where the tensors are: only sums by line are downloaded. */
async function countLevels(
  graph: TrainingGraph,
  store: MutableStore,
  batches: AsyncIterable<Batch>,
  staircases: Readonly<Record<string, Staircase>>,
): Promise<{ images: number; counts: Map<string, number[]> }> {
  const counts = new Map<string, number[]>();
  let seen = 0;
  if (quantizersOf(graph).length === 0) return { images: 0, counts };
  for await (const batch of batches) {
    const found: { id: string; rows: Tensor; bins: number }[] = [];
    const observe = (node: GraphNode, output: Tensor): void => {
      const levels = staircases[node.id]?.levels;
      if (node.kind !== "quantize" || levels === undefined) return;
      found.push({ id: node.id, rows: countRows(output, levels), bins: levels.length });
    };
    const images = uploadImages(graph, batch);
    const { logits } = forward(graph, store, images, { mode: "inference", observe });
    dispose([images, logits]);
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

/** Levels are uniform: a value's place among them is its distance from the first one in steps. `[rows, levels]`. */
function countRows(output: Tensor, levels: readonly number[]): Tensor {
  const [first = 0, second = first] = levels;
  const step = second - first;
  return tidy(() => {
    const place = step === 0 ? sub(output, output) : round(div(sub(output, scalar(first)), scalar(step)));
    return sumRowsByBin(cast(place, "int32"), onesLike(output), levels.length);
  });
}

function quantizersOf(graph: TrainingGraph): QuantizeNode[] {
  return graph.nodes.filter((node): node is QuantizeNode => node.kind === "quantize");
}

function held(store: MutableStore, name: string): Tensor {
  const tensor = store.get(name);
  if (tensor === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: `no tensor ${name}` });
  return tensor;
}

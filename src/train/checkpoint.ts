import { createHash } from "node:crypto";
import { tensor } from "@tensorflow/tfjs-core";
import { N2uqError } from "../errors.js";
import type { ParameterSpec, TrainingGraph } from "../graph/types.js";
import type { HostTensor } from "../weights/safetensors.js";
import { readSafetensors, writeSafetensors } from "../weights/safetensors.js";
import type { Clamped } from "./quantizerWatch.js";
import type { Metrics } from "./record.js";
import type { TrainState } from "./step.js";
import type { MutableStore } from "./store.js";
import { download, replace, upload, uploadBuffer } from "./store.js";

/** Sums over the images of the running epoch, so that a resumed epoch reports as an uninterrupted one. */
export interface EpochSums {
  readonly images: number;
  readonly loss: number;
  readonly top1: number;
  readonly top5: number;
}

/** Where training stands; kept in the checkpoint's own metadata, so that one rename replaces everything at once. */
export interface Progress {
  /** Optimizer steps done. */
  readonly step: number;
  /** Epochs finished; `batch` batches of the next one are done. */
  readonly epoch: number;
  readonly batch: number;
  readonly sums: EpochSums;
  /** Of the epoch's last step, once that is done. */
  readonly gradientNorm: number | null;
  readonly best: ({ readonly epoch: number } & Metrics) | null;
  readonly last: Metrics | null;
  /** Training time so far. */
  readonly seconds: number;
  /** Quantizer parameters that fell to their bounds; absent in checkpoints of older versions. */
  readonly clamped?: Clamped;
}

const OPTIMIZER_PREFIX = "optimizer.";

/** Writes model, optimizer state and progress as one file, atomically. */
export async function writeCheckpoint(
  file: string,
  hash: string,
  state: TrainState,
  progress: Progress,
): Promise<void> {
  const tensors = await download(state.graph, state.store);
  for (const spec of parametersOf(state.graph)) {
    for (const [moment, tensor] of Object.entries(state.optimizerState.get(spec.name) ?? {})) {
      tensors.set(`${OPTIMIZER_PREFIX}${spec.name}.${moment}`, {
        dtype: "float32",
        shape: [...tensor.shape],
        data: Float32Array.from(await tensor.data()),
      });
    }
  }
  await writeSafetensors(file, tensors, { hash, progress: JSON.stringify(progress) });
}

/** Writes the model alone: a state dict as PyTorch has it. */
export async function writeWeights(file: string, hash: string, state: TrainState): Promise<void> {
  await writeSafetensors(file, await download(state.graph, state.store), { hash });
}

/**
 * Brings a state back to a checkpoint.
 * @throws N2uqError N2UQ_CHECKPOINT_FOREIGN when another experiment wrote it, N2UQ_WEIGHTS_CORRUPT
 */
export async function restoreCheckpoint(file: string, hash: string, state: TrainState): Promise<Progress> {
  const { tensors, metadata } = await readSafetensors(file);
  if (metadata.hash !== hash || metadata.progress === undefined) {
    throw new N2uqError("N2UQ_CHECKPOINT_FOREIGN", { file });
  }
  const progress = JSON.parse(metadata.progress) as Progress;
  loadState(state.graph, state.store, tensors);
  for (const [name, held] of tensors) {
    if (!name.startsWith(OPTIMIZER_PREFIX)) continue;
    const cut = name.lastIndexOf(".");
    restoreMoment(state, name.slice(OPTIMIZER_PREFIX.length, cut), name.slice(cut + 1), held);
  }
  state.step = progress.step;
  return progress;
}

/** Fills a store from a state dict; every tensor of the graph but BatchNorm's counters must be there. */
export function loadState(
  graph: TrainingGraph,
  store: MutableStore,
  tensors: ReadonlyMap<string, HostTensor>,
): void {
  for (const spec of parametersOf(graph)) {
    replace(store, spec.name, upload(spec, floats(tensors, spec.name)));
  }
  for (const spec of graph.nodes.flatMap(({ buffers }) => buffers)) {
    if (spec.shape.length === 0 && !tensors.has(spec.name)) continue;
    replace(store, spec.name, uploadBuffer(spec, floats(tensors, spec.name)));
  }
}

/** sha256 over names, shapes and values of a state dict, in the graph's order. */
export async function weightsDigest(graph: TrainingGraph, store: MutableStore): Promise<string> {
  const digest = createHash("sha256");
  for (const [name, { shape, data }] of await download(graph, store)) {
    digest.update(`${name}:${shape.join("x")}\n`);
    digest.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return digest.digest("hex");
}

export function parametersOf(graph: TrainingGraph): ParameterSpec[] {
  return graph.nodes.flatMap(({ params }) => params);
}

/** Moments are kept in our layouts: they belong to this engine's run, not to PyTorch. */
function restoreMoment(state: TrainState, parameter: string, moment: string, held: HostTensor): void {
  const value = tensor(Float32Array.from(held.data, Number), [...held.shape], "float32");
  state.optimizerState.set(parameter, { ...state.optimizerState.get(parameter), [moment]: value });
}

function floats(tensors: ReadonlyMap<string, HostTensor>, name: string): Float32Array {
  const held = tensors.get(name);
  if (held === undefined) throw new N2uqError("N2UQ_WEIGHTS_MISSING_TENSOR", { name });
  return held.data instanceof Float32Array ? held.data : Float32Array.from(held.data, Number);
}

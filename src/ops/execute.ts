import type { Tensor } from "@tensorflow/tfjs-core";
import { add, dispose } from "@tensorflow/tfjs-core";
import { N2uqError } from "../errors.js";
import type { GraphNode, NodeKind, TrainingGraph } from "../graph/types.js";
import { ops } from "./ops.js";
import type { AcrossRanks, Mode, NodeOp, TensorStore } from "./types.js";

interface TapeEntry {
  readonly node: GraphNode;
  readonly saved: readonly Tensor[];
  readonly inputShapes: readonly (readonly number[])[];
}

/** A finished forward pass. Whoever holds it disposes `logits`, and the tape through `backward` or `disposeTape`. */
export interface ForwardPass {
  readonly logits: Tensor;
  readonly tape: readonly TapeEntry[];
  /** New values of running statistics, by full name; empty in inference. */
  readonly buffers: ReadonlyMap<string, Tensor>;
}

export interface ForwardOptions {
  readonly mode: Mode;
  /** Sees each node's output as it appears (to look for NaN, to collect levels); must not dispose it. */
  readonly observe?: (node: GraphNode, output: Tensor) => void;
  /** Sees a node's inputs just before it runs (to initialise quantizers from the first batch). */
  readonly before?: (node: GraphNode, inputs: readonly Tensor[]) => void;
  /** Makes BatchNorm's statistics those of all ranks' parts of the batch. */
  readonly across?: AcrossRanks | undefined;
}

export interface BackwardOptions {
  /** Sees the gradient of each node's output as it is known; must not dispose it. */
  readonly observe?: (node: GraphNode, dOutput: Tensor) => void;
  /** Takes the gradients of a node's parameters as they are known, instead of the result. */
  readonly take?: (name: string, gradient: Tensor) => void;
  /** As the forward pass had it. */
  readonly across?: AcrossRanks | undefined;
}

/**
 * Runs a graph on `images [batch, height, width, channels]`. Every activation is disposed after its last use.
 */
export function forward(
  graph: TrainingGraph,
  store: TensorStore,
  images: Tensor,
  options: ForwardOptions,
): ForwardPass {
  const live = new Map<string, Tensor>();
  const uses = countUses(graph);
  const tape: TapeEntry[] = [];
  const buffers = new Map<string, Tensor>();
  for (const node of graph.nodes) {
    if (node.kind === "input") {
      live.set(node.id, images.clone());
      continue;
    }
    const inputs = node.inputs.map((id) => tensorFrom(live, id));
    options.before?.(node, inputs);
    const result = opOf(node).forward(node, inputs, store, options.mode, options.across);
    options.observe?.(node, result.output);
    for (const [name, tensor] of Object.entries(result.buffers ?? {})) buffers.set(name, tensor);
    if (options.mode === "training") {
      tape.push({ node, saved: result.saved, inputShapes: inputs.map(({ shape }) => shape) });
    }
    live.set(node.id, result.output);
    for (const id of node.inputs) release(live, uses, id);
  }
  return { logits: tensorFrom(live, lastOf(graph).id), tape, buffers };
}

/**
 * Gradients of every parameter from the gradient of the logits. Consumes the tape; `dLogits` stays the caller's.
 */
export function backward(
  graph: TrainingGraph,
  store: TensorStore,
  pass: ForwardPass,
  dLogits: Tensor,
  { observe, take, across }: BackwardOptions = {},
): Map<string, Tensor> {
  const pending = new Map<string, Tensor>([[lastOf(graph).id, dLogits.clone()]]);
  const gradients = new Map<string, Tensor>();
  const input = graph.nodes[0]?.id;
  for (const { node, saved, inputShapes } of [...pass.tape].reverse()) {
    const dOutput = tensorFrom(pending, node.id);
    observe?.(node, dOutput);
    const needsInputGradient = !node.inputs.every((id) => id === input);
    const request = { saved, inputShapes, needsInputGradient, across };
    const result = opOf(node).backward(node, dOutput, store, request);
    dispose([...saved, dOutput]);
    pending.delete(node.id);
    for (const [name, gradient] of Object.entries(result.gradients)) {
      if (take === undefined) gradients.set(name, gradient);
      else take(name, gradient);
    }
    for (const [index, id] of node.inputs.entries()) {
      accumulate(pending, id, result.inputs[index] ?? null, id === input);
    }
  }
  return gradients;
}

/** Frees a training pass whose gradient nobody wants. */
export function disposeTape(pass: ForwardPass): void {
  dispose(pass.tape.flatMap(({ saved }) => [...saved]));
  dispose([...pass.buffers.values()]);
}

function accumulate(
  pending: Map<string, Tensor>,
  id: string,
  gradient: Tensor | null,
  unwanted: boolean,
): void {
  if (gradient === null) return;
  const sofar = pending.get(id);
  if (unwanted) gradient.dispose();
  else if (sofar === undefined) pending.set(id, gradient);
  else {
    pending.set(id, add(sofar, gradient));
    dispose([sofar, gradient]);
  }
}

function release(live: Map<string, Tensor>, uses: Map<string, number>, id: string): void {
  const left = (uses.get(id) ?? 1) - 1;
  uses.set(id, left);
  if (left > 0) return;
  live.get(id)?.dispose();
  live.delete(id);
}

function countUses(graph: TrainingGraph): Map<string, number> {
  const uses = new Map<string, number>();
  for (const id of graph.nodes.flatMap(({ inputs }) => inputs)) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

function tensorFrom(tensors: ReadonlyMap<string, Tensor>, id: string): Tensor {
  const tensor = tensors.get(id);
  if (tensor === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: `no tensor for node ${id}` });
  return tensor;
}

function lastOf(graph: TrainingGraph): GraphNode {
  const last = graph.nodes.at(-1);
  if (last === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: "empty graph" });
  return last;
}

/** The table is exact for each kind; a union of kinds needs one widening. */
function opOf(node: GraphNode): NodeOp<NodeKind> {
  return ops[node.kind] as NodeOp<NodeKind>;
}

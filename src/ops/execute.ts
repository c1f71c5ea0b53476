import { add, dispose, engine, type Tensor } from "@tensorflow/tfjs-core";
import { N2uqError } from "../errors.js";
import type { GraphNode, NodeKind, TrainingGraph } from "../graph/types.js";
import { overrides } from "../overrides.js";
import type { FusedNodes, Fusion } from "./fusion.js";
import { ops } from "./ops.js";
import type { AcrossRanks, Mode, NodeOp, TensorStore } from "./types.js";

/** One node, or several fused nodes; `node` is the one that produces the output. */
interface Step {
  readonly node: GraphNode;
  readonly inputs: readonly string[];
  readonly fused: FusedNodes | null;
}

interface TapeEntry {
  readonly step: Step;
  readonly saved: readonly Tensor[];
  readonly inputShapes: readonly (readonly number[])[];
}

/**
 * A finished forward pass. The caller disposes `logits`, and disposes the tape with `backward` or
 * `disposeTape`.
 */
export interface ForwardPass {
  readonly logits: Tensor;
  readonly tape: readonly TapeEntry[];
  /** Updated running statistics, by full name; empty in inference. */
  readonly buffers: ReadonlyMap<string, Tensor>;
}

export interface ForwardOptions {
  readonly mode: Mode;
  /**
   * Called with each node's output, for example to find NaN or to count levels. The callback must not dispose
   * it.
   */
  readonly observe?: (node: GraphNode, output: Tensor) => void;
  /**
   * Called with a node's inputs before the node runs, for example to initialize quantizers from the first
   * batch.
   */
  readonly before?: (node: GraphNode, inputs: readonly Tensor[]) => void;
  /** Makes BatchNorm use the statistics of the global batch. */
  readonly across?: AcrossRanks | undefined;
}

export interface BackwardOptions {
  /** Called with the gradient of each node's output. The callback must not dispose it. */
  readonly observe?: (node: GraphNode, dOutput: Tensor) => void;
  /**
   * Receives and owns each parameter's gradient as soon as it is computed; `backward` then returns an empty
   * map.
   */
  readonly take?: (name: string, gradient: Tensor) => void;
  /** The same as in the forward pass. */
  readonly across?: AcrossRanks | undefined;
}

/**
 * Runs a graph on `images [batch, height, width, channels]`. Disposes every activation after its last use.
 */
export function forward(
  graph: TrainingGraph,
  store: TensorStore,
  images: Tensor,
  options: ForwardOptions,
): ForwardPass {
  return inScope(images, () => runForward(graph, store, images, options));
}

function runForward(
  graph: TrainingGraph,
  store: TensorStore,
  images: Tensor,
  options: ForwardOptions,
): ForwardPass {
  const live = new Map<string, Tensor>();
  // Hooks need the output of every node, so nodes are not fused.
  const hasHooks = options.observe !== undefined || options.before !== undefined;
  const steps = hasHooks ? graph.nodes.map(singleStep) : fusedSteps(graph);
  const uses = countUses(steps);
  const tape: TapeEntry[] = [];
  const buffers = new Map<string, Tensor>();
  for (const step of steps) {
    const { node, fused } = step;
    if (node.kind === "input") {
      live.set(node.id, images.clone());
      continue;
    }
    const inputs = step.inputs.map((id) => tensorFrom(live, id));
    options.before?.(node, inputs);
    const result =
      fused === null
        ? opOf(node).forward(node, inputs, store, options.mode, options.across)
        : fused.forward(inputs, store, options.mode);
    options.observe?.(node, result.output);
    for (const [name, tensor] of Object.entries(result.buffers ?? {})) buffers.set(name, tensor);
    if (options.mode === "training")
      tape.push({ step, saved: result.saved, inputShapes: inputs.map(({ shape }) => shape) });
    live.set(node.id, result.output);
    for (const id of step.inputs) release(live, uses, id);
  }
  return { logits: tensorFrom(live, lastOf(graph).id), tape, buffers };
}

/**
 * Computes every parameter's gradient from the gradient of the logits. Disposes the saved tensors of the
 * tape; `dLogits` stays with the caller.
 */
export function backward(
  graph: TrainingGraph,
  store: TensorStore,
  pass: ForwardPass,
  dLogits: Tensor,
  options: BackwardOptions = {},
): Map<string, Tensor> {
  try {
    return inScope(dLogits, () => runBackward(graph, store, pass, dLogits, options));
  } catch (error) {
    disposeTape(pass);
    throw error;
  }
}

function runBackward(
  graph: TrainingGraph,
  store: TensorStore,
  pass: ForwardPass,
  dLogits: Tensor,
  { observe, take, across }: BackwardOptions,
): Map<string, Tensor> {
  const pending = new Map<string, Tensor>([[lastOf(graph).id, dLogits.clone()]]);
  const gradients = new Map<string, Tensor>();
  const input = graph.nodes[0]?.id;
  for (const { step, saved, inputShapes } of [...pass.tape].reverse()) {
    const { node, fused } = step;
    const dOutput = tensorFrom(pending, node.id);
    observe?.(node, dOutput);
    const needsInputGradient = !step.inputs.every((id) => id === input);
    const result =
      fused === null
        ? opOf(node).backward(node, dOutput, store, { saved, inputShapes, needsInputGradient, across })
        : fused.backward(dOutput, store, saved, across?.world);
    dispose([...saved, dOutput]);
    pending.delete(node.id);
    for (const [name, gradient] of Object.entries(result.gradients)) {
      if (take === undefined) gradients.set(name, gradient);
      else take(name, gradient);
    }
    for (const [index, id] of step.inputs.entries())
      accumulate(pending, id, result.inputs[index] ?? null, id === input);
  }
  return gradients;
}

/**
 * Runs a pass in a tfjs scope. If the pass throws, the scope frees all its tensors. @throws N2uqError
 * N2UQ_OUT_OF_MEMORY, with the batch size in its details
 */
function inScope<Result>(batch: Tensor, pass: () => Result): Result {
  engine().startScope("pass");
  let made: readonly Tensor[] = [];
  try {
    const result = pass();
    made = (engine().state.activeScope?.track ?? []).filter(({ isDisposed }) => !isDisposed);
    return result;
  } catch (error) {
    if (!(error instanceof N2uqError) || error.code !== "N2UQ_OUT_OF_MEMORY") throw error;
    const details = { ...error.details, batch: ` with a batch of ${batch.shape[0]} images` };
    throw new N2uqError("N2UQ_OUT_OF_MEMORY", details, { cause: error });
  } finally {
    engine().endScope([...made]);
  }
}

/** Frees a training pass without running backward. */
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

function countUses(steps: readonly Step[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const id of steps.flatMap(({ inputs }) => inputs)) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

function singleStep(node: GraphNode): Step {
  return { node, inputs: node.inputs, fused: null };
}

const known = new WeakMap<TrainingGraph, { by: readonly Fusion[]; steps: readonly Step[] }>();

/** The nodes in order; a fusion runs at the position of its last node. */
function fusedSteps(graph: TrainingGraph): readonly Step[] {
  const by = overrides().fusions ?? NONE;
  const before = known.get(graph);
  if (before?.by === by) return before.steps;
  const found = by.flatMap((fusion) => fusion(graph));
  const last = new Map(found.map((fused) => [fused.nodes.at(-1), fused]));
  const inside = new Set(found.flatMap(({ nodes }) => nodes));
  const steps = graph.nodes.flatMap((node): Step[] => {
    const fused = last.get(node);
    if (fused !== undefined) return [{ node, inputs: fused.nodes[0]?.inputs ?? [], fused }];
    return inside.has(node) ? [] : [singleStep(node)];
  });
  known.set(graph, { by, steps });
  return steps;
}

const NONE: readonly Fusion[] = [];

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

/**
 * The current engine's implementation of a node. The tables have an exact type for each kind, so a node of
 * any kind needs one type assertion.
 */
function opOf(node: GraphNode): NodeOp<NodeKind> {
  return (overrides().ops?.[node.kind] ?? ops[node.kind]) as NodeOp<NodeKind>;
}

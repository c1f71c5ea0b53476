import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { dispose, memory, tensor, transpose } from "@tensorflow/tfjs-core";
import { quantizers } from "../../src/core/quantizers.js";
import type { ParameterGroup } from "../../src/graph/groups.js";
import type { TrainingGraph } from "../../src/graph/types.js";
import { buildGraph } from "../../src/models/models.js";
import { forward } from "../../src/ops/execute.js";
import { stream } from "../../src/random.js";
import { createOptimizer } from "../../src/train/optimizers/optimizers.js";
import type { TrainState } from "../../src/train/step.js";
import { disposeState, trainStep } from "../../src/train/step.js";
import { createStore, replace, upload } from "../../src/train/store.js";
import { architecture, bits, quantization } from "./experiments.js";
import type { Tap } from "./golden.js";
import { golden } from "./golden.js";

interface Trajectory {
  tag: string;
  batch: number;
  size: number;
  lr: number;
  steps: { loss: number; logits_norm: number }[];
  eval_after: { logits_norm: number };
  param_groups: Record<"alpha" | "weight" | "other", string[]>;
  fill: [string, number[], number, number, number][];
}

/** A measured value, PyTorch's value, and the relative tolerance. */
interface Figure {
  name: string;
  found: number;
  wanted: number;
  share: number;
}

/**
 * Compares three Adam steps of a ResNet-18 with PyTorch's: losses within 1 %, norms of the logits within 2 %.
 * The steps are sensitive to rounding: initial values that differ by one part in a million can change a norm
 * by 3 %. So the steps are computed from several starts, PyTorch's and others perturbed by that much, and the
 * median of each value must be within the tolerance. If all values of the first two starts are within it, there
 * are two starts; otherwise three, five or seven, until the medians are within it.
 */
export async function followTrajectory(t: Tap, tag: string): Promise<void> {
  const c = golden<Trajectory[]>("trajectory").find((one) => one.tag === tag)!;
  const graph = graphOf(c);
  t.same(
    graph.nodes.flatMap(({ params }) => params.map(({ name, shape }) => [name, [...shape]])).sort(),
    trained(c, graph).map(([name, shape]) => [name, shape]),
    `${tag}: names and shapes`,
  );
  t.same(
    groupsOf(c, graph)
      .flatMap(({ tensors }) => tensors)
      .sort(),
    trained(c, graph).map(([name]) => name),
    `${tag}: every parameter is in a group`,
  );
  const before = memory().numTensors;
  const walks = [0, 1].map((shake) => walk(c, graph, shake));
  if (!walks.flat().every(isNear)) {
    walks.push(walk(c, graph, 2));
    while (walks.length < MOST_STARTS && !mediansOf(walks).every(isNear))
      for (let more = 0; more < 2; more++) walks.push(walk(c, graph, walks.length));
  }
  t.equal(memory().numTensors, before, `${tag}: nothing leaks`);
  for (const [index, { name, wanted }] of walks[0]!.entries()) {
    const figures = walks.map((walked) => walked[index]!);
    const shown = figures.map(({ found }) => found.toFixed(4)).join(", ");
    const held = walks.length === 2 ? figures : [mediansOf(walks)[index]!];
    t.ok(held.every(isNear), `${tag}: ${name} ${shown} against ${wanted.toFixed(4)}`);
  }
}

const MOST_STARTS = 7;

/** The median of each value over an odd number of starts. */
function mediansOf(walks: readonly Figure[][]): Figure[] {
  return walks[0]!.map((_, index) => {
    const sorted = walks.map((walked) => walked[index]!).toSorted((a, b) => a.found - b.found);
    return sorted[(sorted.length - 1) / 2]!;
  });
}

function isNear({ found, wanted, share }: Figure): boolean {
  return Math.abs(found - wanted) <= share * wanted;
}

function graphOf({ tag, size }: Trajectory): TrainingGraph {
  return buildGraph(
    architecture("resnet", { depth: 18, inputSize: [size, size] }),
    quantization({ bits: bits(Number(/(\d)bit/.exec(tag)?.[1])), downsample: tag.endsWith("quantized") }),
    quantizers,
  );
}

/** The initial values of trained parameters, by name; the released code also lists constants (`clip_val`). */
function trained({ fill }: Trajectory, graph: TrainingGraph): Trajectory["fill"] {
  const known = new Set(graph.nodes.flatMap(({ params }) => params.map(({ name }) => name)));
  return fill.filter(([name]) => known.has(name)).sort(([a], [b]) => (a < b ? -1 : 1));
}

function groupsOf({ param_groups, lr }: Trajectory, graph: TrainingGraph): ParameterGroup[] {
  const { alpha, weight, other } = param_groups;
  const known = new Set(graph.nodes.flatMap(({ params }) => params.map(({ name }) => name)));
  const trainable = (names: string[]) => names.filter((name) => known.has(name));
  return [
    { lr: lr / 10, weightDecay: 0, tensors: trainable(alpha) },
    { lr, weightDecay: 0, tensors: trainable([...weight, ...other]) },
  ];
}

function walk(c: Trajectory, graph: TrainingGraph, shake: number): Figure[] {
  const state = startOf(c, graph, shake);
  const groups = groupsOf(c, graph);
  const adam = { kind: "adam", lr: c.lr, weightDecay: 0, groups: [], betas: [0.9, 0.999], epsilon: 1e-8 };
  const optimizer = createOptimizer(adam as never);
  const figures: Figure[] = [];
  for (const [j, step] of c.steps.entries()) {
    const images = imagesOf(c, j);
    const labels = tensor(new Int32Array(c.batch), [c.batch], "int32") as Tensor1D;
    const teacherLogits = tensor(filled(c.batch * 1000, 2000 + j, 3, 0), [c.batch, 1000]) as Tensor2D;
    const targets = { labels, teacherLogits };
    const loss = { kind: "distillation", temperature: 1 } as const;
    const result = trainStep(state, { images, targets, loss, optimizer, groups, lrFactor: 1 });
    const [lossFound, normFound] = [result.loss.dataSync()[0]!, norm(result.logits)];
    figures.push(
      { name: `loss of step ${j}`, found: lossFound, wanted: step.loss, share: 0.01 },
      { name: `logits of step ${j}`, found: normFound, wanted: step.logits_norm, share: 0.02 },
    );
    dispose([images, labels, teacherLogits, result.loss, result.logits]);
  }
  const images = imagesOf(c, 0);
  const { logits } = forward(graph, state.store, images, { mode: "inference" });
  // A perturbation of 1e-6 changes this norm by up to 7 % (measured), because it is not averaged like the
  // loss. So its tolerance is higher than the 2 % of the steps.
  const wanted = c.eval_after.logits_norm;
  figures.push({ name: "logits in evaluation mode afterwards", found: norm(logits), wanted, share: 0.06 });
  dispose([images, logits]);
  disposeState(state);
  return figures;
}

/**
 * The initial state of the golden data; if `shake` is not 0, with a relative change of up to 1e-6 in every
 * value.
 */
function startOf(c: Trajectory, graph: TrainingGraph, shake: number): TrainState {
  const state: TrainState = { graph, store: createStore(graph, 0), optimizerState: new Map(), step: 0 };
  const fills = new Map(trained(c, graph).map(([name, , ...rest]) => [name, rest]));
  for (const spec of graph.nodes.flatMap(({ params }) => params)) {
    const [k, scale, offset] = fills.get(spec.name)!;
    const values = filled(
      spec.shape.reduce((product, n) => product * n, 1),
      k,
      scale,
      offset,
    );
    const next = stream(shake, spec.name);
    const start = shake === 0 ? values : values.map((value) => value * (1 + 1e-6 * (2 * next() - 1)));
    replace(state.store, spec.name, upload(spec, start));
  }
  return state;
}

function imagesOf({ batch, size }: Trajectory, j: number): Tensor {
  const nchw = tensor(filled(batch * 3 * size ** 2, 1000 + j, 1.7, 0), [batch, 3, size, size]);
  const nhwc = transpose(nchw, [0, 2, 3, 1]);
  nchw.dispose();
  return nhwc;
}

/** Values by the formula of the golden data, computed in float64 and rounded to float32. */
function filled(count: number, k: number, scale: number, offset: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const s = 43758.5453123 * Math.sin(12.9898 * (i + 1) + 78.233 * (k + 1));
    return offset + scale * (2 * (s - Math.floor(s)) - 1);
  });
}

function norm(values: Tensor): number {
  return Math.sqrt(Array.from(values.dataSync()).reduce((sum, v) => sum + v * v, 0));
}

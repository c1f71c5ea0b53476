import { weightQuantization } from "./nodes.js";
import type { GraphNode, TrainingGraph } from "./types.js";

const FULL_PRECISION_BITS = 32;
/** Images are 8-bit numbers before normalization. */
const IMAGE_BITS = 8;

/** The cost of one layer for one image. */
export interface LayerCost {
  readonly id: string;
  readonly kind: GraphNode["kind"];
  readonly outputShape: readonly number[];
  /** 32 if not quantized; null if the layer has no multiplications by weights. */
  readonly weightBits: number | null;
  readonly activationBits: number | null;
  readonly method: string;
  readonly parameters: number;
  readonly macs: number;
  /** MACs × weight bits × activation bits. */
  readonly bitOps: number;
  /**
   * Size with weights stored in their number of bits and every other parameter in float32, rounded up to
   * whole bytes per tensor.
   */
  readonly packedBytes: number;
}

/** The costs of a network: see `LayerCost`. */
export interface Totals {
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly macs: number;
  readonly bitOps: number;
  readonly packedBytes: number;
}

/** The cost of every node, in the graph's order. */
export function layerCosts(graph: TrainingGraph): LayerCost[] {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  return graph.nodes.map((node) => {
    const macs = multiplications(node);
    const weightBits = bitsOfWeights(node);
    const activationBits = macs === 0 ? null : bitsOfInput(node, byId);
    return {
      id: node.id,
      kind: node.kind,
      outputShape: node.shape,
      weightBits,
      activationBits: node.kind === "quantize" ? node.attrs.bits : activationBits,
      method: methodOf(node),
      parameters: node.params.reduce((sum, { shape }) => sum + size(shape), 0),
      macs,
      bitOps: macs * (weightBits ?? 0) * (activationBits ?? 0),
      packedBytes: packedBytes(node, weightBits ?? FULL_PRECISION_BITS),
    };
  });
}

/** Sums over the graph. Buffers (running statistics) are included in the bytes, not in the parameters. */
export function totals(costs: readonly LayerCost[]): Totals {
  const sum = (pick: (cost: LayerCost) => number) => costs.reduce((all, cost) => all + pick(cost), 0);
  const parameters = sum((cost) => cost.parameters);
  return {
    parameters,
    trainableParameters: parameters,
    macs: sum((cost) => cost.macs),
    bitOps: sum((cost) => cost.bitOps),
    packedBytes: sum((cost) => cost.packedBytes),
  };
}

export function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function multiplications(node: GraphNode): number {
  if (node.kind === "linear") return node.attrs.inFeatures * node.attrs.outFeatures;
  if (node.kind !== "conv") return 0;
  const { kernel, inChannels, depthwise } = node.attrs;
  return size(node.shape) * kernel * kernel * (depthwise ? 1 : inChannels);
}

function bitsOfWeights(node: GraphNode): number | null {
  if (node.kind !== "conv" && node.kind !== "linear") return null;
  return weightQuantization(node)?.bits ?? FULL_PRECISION_BITS;
}

function bitsOfInput(node: GraphNode, byId: ReadonlyMap<string, GraphNode>): number {
  const source = byId.get(node.inputs[0] ?? "");
  if (source?.kind === "quantize") return source.attrs.bits;
  const isQuantized = weightQuantization(node) !== undefined;
  return source?.kind === "input" && isQuantized ? IMAGE_BITS : FULL_PRECISION_BITS;
}

function methodOf(node: GraphNode): string {
  if (node.kind === "quantize") return node.attrs.method;
  return weightQuantization(node)?.method ?? "none";
}

function packedBytes(node: GraphNode, weightBits: number): number {
  const parameters = node.params.map(({ name, shape }) => {
    const isWeight = (node.kind === "conv" || node.kind === "linear") && name === `${node.id}.weight`;
    return Math.ceil((size(shape) * (isWeight ? weightBits : FULL_PRECISION_BITS)) / 8);
  });
  const statistics = node.buffers.filter(({ shape }) => shape.length > 0).map(({ shape }) => 4 * size(shape));
  return [...parameters, ...statistics].reduce((sum, bytes) => sum + bytes, 0);
}

import { N2uqError } from "../errors.js";
import type { ResolvedQuantization } from "../resolve/types.js";
import { blank, constant, lastOf, outputSizes, quantizerSpecs } from "./nodes.js";
import { type QuantizableLayer, QuantizationPolicy } from "./quantization.js";
import type { ActivationQuantization, DescribedQuantizers, WeightQuantization } from "./quantizer.js";
import { SizeLimit } from "./size.js";
import type { BufferSpec, GraphNode, LayerDecision, ParameterSpec, Shape, TrainingGraph } from "./types.js";

/** The options of a convolution with a square kernel and without bias. */
export interface ConvOptions {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  /** Default: half the kernel, which keeps the size at stride 1. */
  readonly padding?: number;
  readonly depthwise?: boolean;
  readonly quant?: WeightQuantization;
  readonly fullPrecisionName?: string;
}

const BATCH_NORM = { epsilon: 1e-5, momentum: 0.1 };
const PRELU_INIT = 0.25;

/**
 * Builds a training graph node by node and infers the shapes. Every method that adds a node takes the ids of
 * its inputs and returns its id, so a model's source lists the layers in network order. Ids are PyTorch's
 * module paths.
 */
export class GraphBuilder {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #decisions: Record<string, LayerDecision> = {};
  readonly #policy: QuantizationPolicy;
  readonly #size = new SizeLimit();

  readonly #quantizers: DescribedQuantizers;
  readonly #onLayer: (layer: QuantizableLayer) => void;

  /**
   * Begins an empty graph. @param quantizers the parameters and options of each quantizer @param onLayer called
   * for every quantizable layer, in order
   */
  constructor(
    quantization: ResolvedQuantization,
    quantizers: DescribedQuantizers,
    onLayer: (layer: QuantizableLayer) => void = () => {},
  ) {
    this.#policy = new QuantizationPolicy(quantization, quantizers);
    this.#quantizers = quantizers;
    this.#onLayer = onLayer;
  }

  /** Decides how a layer is quantized; call once per layer, before adding its nodes. */
  decide(layer: QuantizableLayer): LayerDecision {
    this.#onLayer(layer);
    return this.#policy.decide(layer);
  }

  /** Stores the decision under the layer's final node id. */
  record(id: string, decision: LayerDecision): void {
    this.#decisions[id] = decision;
  }

  /** The images `[height, width, channels]`; the first node. */
  input(height: number, width: number, channels: number): string {
    return this.#add({ ...blank("input", "input", [], [height, width, channels]), attrs: {} });
  }

  /** A convolution without bias; its input is `[height, width, channels]`. @throws N2uqError N2UQ_GRAPH_TOO_SMALL */
  conv(id: string, input: string, options: ConvOptions): string {
    const [height, width, inChannels] = this.#spatial(id, input);
    const { kernel, channels, stride = 1, depthwise = false, quant } = options;
    const { padding = Math.floor(kernel / 2) } = options;
    const shape = [...outputSizes([height, width], kernel, stride, padding), channels];
    const attrs = { inChannels, outChannels: channels, kernel, stride, padding, depthwise };
    const weight: ParameterSpec = {
      name: `${id}.weight`,
      shape: [channels, depthwise ? 1 : inChannels, kernel, kernel],
      layout: depthwise ? "depthwise" : "conv",
      init: { kind: "kaiming-normal", fan: channels * kernel * kernel },
      ...(options.fullPrecisionName === undefined
        ? {}
        : { fullPrecisionName: `${options.fullPrecisionName}.weight` }),
    };
    const learned = this.#learned(quant, channels);
    return this.#add({
      ...blank(id, "conv", [input], shape),
      attrs: quant === undefined ? attrs : { ...attrs, quant },
      params: [weight, ...quantizerSpecs(id, learned)],
    });
  }

  /** BatchNorm over channels with PyTorch's running statistics. */
  batchNorm(id: string, input: string, fullPrecisionName?: string): string {
    const shape = this.shape(input);
    const channels = lastOf(shape);
    const alias = (leaf: string) =>
      fullPrecisionName === undefined ? {} : { fullPrecisionName: `${fullPrecisionName}.${leaf}` };
    const buffer = (
      leaf: string,
      initialValue: number,
      size: readonly number[] = [channels],
    ): BufferSpec => ({ name: `${id}.${leaf}`, shape: size, initialValue, ...alias(leaf) });
    return this.#add({
      ...blank(id, "batch-norm", [input], shape),
      attrs: BATCH_NORM,
      params: [
        { ...constant(`${id}.weight`, [channels], "vector", 1), ...alias("weight") },
        { ...constant(`${id}.bias`, [channels], "vector", 0), ...alias("bias") },
      ],
      buffers: [buffer("running_mean", 0), buffer("running_var", 1), buffer("num_batches_tracked", 0, [])],
    });
  }

  /** ReLU, or min(max(x, 0), `max`). */
  relu(id: string, input: string, max?: number): string {
    return this.#add({
      ...blank(id, "relu", [input], this.shape(input)),
      attrs: max === undefined ? {} : { max },
    });
  }

  /** PReLU with one learnable slope per channel, initially 0.25. */
  prelu(id: string, input: string): string {
    const shape = this.shape(input);
    const params = [constant(`${id}.weight`, [lastOf(shape)], "vector", PRELU_INIT)];
    return this.#add({ ...blank(id, "prelu", [input], shape), attrs: {}, params });
  }

  /** A learnable bias per channel. */
  bias(id: string, input: string): string {
    const shape = this.shape(input);
    const params = [constant(`${id}.bias`, [1, lastOf(shape), 1, 1], "channel", 0)];
    return this.#add({ ...blank(id, "bias", [input], shape), attrs: {}, params });
  }

  /** An activation quantizer with its parameters. */
  quantize(id: string, input: string, quantization: ActivationQuantization): string {
    return this.#add({
      ...blank(id, "quantize", [input], this.shape(input)),
      attrs: quantization,
      params: quantizerSpecs(id, this.#quantizers[quantization.method].activation.parameters(quantization)),
    });
  }

  /** The sum of two nodes of equal shape. @throws N2uqError N2UQ_INTERNAL */
  add(id: string, left: string, right: string): string {
    const shape = this.shape(left);
    if (shape.join() !== this.shape(right).join()) {
      throw new N2uqError("N2UQ_INTERNAL", { message: `${id}: ${left} and ${right} differ in shape` });
    }
    return this.#add({ ...blank(id, "add", [left, right], shape), attrs: {} });
  }

  /** Max pooling over square windows; padding is never the maximum. */
  maxPool(id: string, input: string, kernel: number, stride: number, padding: number): string {
    const [height, width, channels] = this.#spatial(id, input);
    const shape = [...outputSizes([height, width], kernel, stride, padding), channels];
    return this.#add({ ...blank(id, "max-pool", [input], shape), attrs: { kernel, stride, padding } });
  }

  /** The mean over height and width: `[channels]`. */
  globalAveragePool(id: string, input: string): string {
    const [, , channels] = this.#spatial(id, input);
    return this.#add({ ...blank(id, "global-average-pool", [input], [channels]), attrs: {} });
  }

  /** Flattens to one vector in PyTorch's order (channel first). */
  flatten(id: string, input: string): string {
    const [height, width, channels] = this.#spatial(id, input);
    return this.#add({ ...blank(id, "flatten", [input], [height * width * channels]), attrs: {} });
  }

  /** A linear layer with bias on `[features]`. */
  linear(id: string, input: string, outFeatures: number, quant?: WeightQuantization): string {
    const inFeatures = lastOf(this.shape(input));
    const bound = 1 / Math.sqrt(inFeatures);
    const learned = this.#learned(quant, outFeatures);
    return this.#add({
      ...blank(id, "linear", [input], [outFeatures]),
      attrs: quant === undefined ? { inFeatures, outFeatures } : { inFeatures, outFeatures, quant },
      params: [
        {
          name: `${id}.weight`,
          shape: [outFeatures, inFeatures],
          layout: "linear",
          init: { kind: "uniform", bound },
        },
        { name: `${id}.bias`, shape: [outFeatures], layout: "vector", init: { kind: "uniform", bound } },
        ...quantizerSpecs(id, learned),
      ],
    });
  }

  /** The shape of a node without the batch. */
  shape(id: string): Shape {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: `no node ${id}` });
    return node.shape;
  }

  /**
   * Checks the quantization rules and returns the frozen graph. @throws N2uqError N2UQ_RULE_MATCHES_NOTHING,
   * N2UQ_RULE_WITHOUT_EFFECT
   */
  finish(name: string): TrainingGraph {
    this.#policy.check();
    const nodes = [...this.#nodes.values()];
    const [first, last] = [nodes[0], nodes.at(-1)];
    if (first === undefined || last === undefined)
      throw new N2uqError("N2UQ_INTERNAL", { message: "empty graph" });
    return Object.freeze({
      name,
      input: first.shape,
      classes: lastOf(last.shape),
      nodes: Object.freeze(nodes),
      decisions: Object.freeze(this.#decisions),
    });
  }

  #learned(quant: WeightQuantization | undefined, channels: number) {
    return quant === undefined ? [] : this.#quantizers[quant.method].weight.parameters(quant, channels);
  }

  #add(node: GraphNode): string {
    if (this.#nodes.has(node.id))
      throw new N2uqError("N2UQ_INTERNAL", { message: `two nodes named ${node.id}` });
    this.#size.add(node);
    this.#nodes.set(node.id, Object.freeze(node));
    return node.id;
  }

  #spatial(id: string, input: string): [number, number, number] {
    const [height, width, channels] = this.shape(input);
    if (height === undefined || width === undefined || channels === undefined) {
      throw new N2uqError("N2UQ_INTERNAL", { message: `${id} wants [height, width, channels]` });
    }
    if (height < 1 || width < 1) throw new N2uqError("N2UQ_GRAPH_TOO_SMALL", { layer: id });
    return [height, width, channels];
  }
}

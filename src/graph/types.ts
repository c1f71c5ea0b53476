import type { ActivationQuantization, WeightQuantization } from "./quantizer.js";

/** Shape of one sample without the batch: `[height, width, channels]` or `[features]`. */
export type Shape = readonly number[];

/** How a parameter is initialized. `fan` counts the inputs (or outputs) of one unit. */
export type Init =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "kaiming-normal"; readonly fan: number }
  | { readonly kind: "uniform"; readonly bound: number };

/**
 * How PyTorch's layout maps to the runtime's: OIHW → HWIO, [C,1,H,W] → [H,W,C,1], [O,I] → [I,O], [1,C,1,1] →
 * [C], or unchanged.
 */
export type Layout = "conv" | "depthwise" | "linear" | "channel" | "vector";

/** One learnable tensor. */
export interface ParameterSpec {
  /** PyTorch's name, e.g. `layer1.0.conv1.weight`. */
  readonly name: string;
  /** PyTorch's shape. */
  readonly shape: readonly number[];
  readonly layout: Layout;
  readonly init: Init;
  /** Initialized from data before the first step (LSQ's step sizes). */
  readonly fromFirstBatch?: boolean;
  /** The tensor's name in the full-precision network, if it differs. */
  readonly fullPrecisionName?: string;
}

/** A tensor that training updates without a gradient (running statistics). */
export interface BufferSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initialValue: number;
  readonly fullPrecisionName?: string;
}

/** The common part of all nodes of a training graph. The kind determines the type of `attrs`. */
export interface Node<Kind extends string, Attributes> {
  /** PyTorch's module path; unique. */
  readonly id: string;
  readonly kind: Kind;
  readonly inputs: readonly string[];
  readonly attrs: Attributes;
  readonly shape: Shape;
  readonly params: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
}

/** A convolution: square kernel, stride and padding in pixels; `quant` is absent in full precision. */
export interface ConvAttributes {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly depthwise: boolean;
  readonly quant?: WeightQuantization;
}

/** A linear layer; `quant` is absent in full precision. */
export interface LinearAttributes {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly quant?: WeightQuantization;
}

/** The images `[height, width, channels]`. */
export type InputNode = Node<"input", Record<string, never>>;
/** `[height, width, inChannels]` → `[height, width, outChannels]`, without bias. */
export type ConvNode = Node<"conv", ConvAttributes>;
/** BatchNorm over channels, with PyTorch's running statistics. */
export type BatchNormNode = Node<"batch-norm", { readonly epsilon: number; readonly momentum: number }>;
/** `max` is 6 for ReLU6. */
export type ReluNode = Node<"relu", { readonly max?: number }>;
/** x where x > 0, else slope·x; one learnable slope per channel. */
export type PReluNode = Node<"prelu", Record<string, never>>;
/** x + bias; one learnable bias per channel. */
export type BiasNode = Node<"bias", Record<string, never>>;
/** An activation quantizer. */
export type QuantizeNode = Node<"quantize", ActivationQuantization>;
/** The sum of two inputs of equal shape. */
export type AddNode = Node<"add", Record<string, never>>;
/** Max pooling over square windows; sizes in pixels. */
export type MaxPoolNode = Node<
  "max-pool",
  { readonly kernel: number; readonly stride: number; readonly padding: number }
>;
/** `[height, width, channels]` → `[channels]`, the mean over height and width. */
export type GlobalAveragePoolNode = Node<"global-average-pool", Record<string, never>>;
/** `[height, width, channels]` → `[features]` in PyTorch's order (channel first). */
export type FlattenNode = Node<"flatten", Record<string, never>>;
/** `[inFeatures]` → `[outFeatures]`, with bias. */
export type LinearNode = Node<"linear", LinearAttributes>;

/** A node of a training graph, by its kind. */
export type GraphNode =
  | InputNode
  | ConvNode
  | BatchNormNode
  | ReluNode
  | PReluNode
  | BiasNode
  | QuantizeNode
  | AddNode
  | MaxPoolNode
  | GlobalAveragePoolNode
  | FlattenNode
  | LinearNode;

/** The kinds of nodes; each has its implementation in `src/ops/`. */
export type NodeKind = GraphNode["kind"];

/**
 * How one layer is quantized, and which part of the experiment set it (`from`). In full precision `weight`
 * and `activation` are absent.
 */
export interface LayerDecision {
  readonly from: string;
  readonly weight?: WeightQuantization;
  readonly activation?: ActivationQuantization;
}

/** A checked network: nodes in topological order; the last one outputs the logits. */
export interface TrainingGraph {
  readonly name: string;
  readonly input: Shape;
  readonly classes: number;
  readonly nodes: readonly GraphNode[];
  /** The decision for every convolution and for the classifier, by layer id. */
  readonly decisions: Readonly<Record<string, LayerDecision>>;
}

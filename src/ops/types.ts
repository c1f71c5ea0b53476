import type { Tensor } from "@tensorflow/tfjs-core";
import type { GraphNode, NodeKind } from "../graph/types.js";

/** Parameters and buffers by PyTorch's names, in the runtime layout (HWIO, `[in, out]`, `[channels]`). */
export type TensorStore = ReadonlyMap<string, Tensor>;

/**
 * `training` uses batch statistics and saves what backward needs; `inference` uses running statistics and
 * saves nothing.
 */
export type Mode = "training" | "inference";

/** A process group whose ranks each have an equal part of the batch. */
export interface AcrossRanks {
  readonly world: number;
  /** The sum over all ranks, owned by the caller. */
  allReduceSum(tensor: Tensor): Tensor;
}

/** The result of a node's forward pass. The caller owns the tensors. */
export interface NodeForward {
  readonly output: Tensor;
  /** Tensors for backward, owned by the tape (clones of inputs, or new tensors). Empty in inference. */
  readonly saved: readonly Tensor[];
  /** Updated buffers of the node, by full name. */
  readonly buffers?: Readonly<Record<string, Tensor>>;
}

/** The gradients of one node. The caller owns the tensors. */
export interface NodeBackward {
  /** One per input, in order; null if the input takes no gradient. */
  readonly inputs: readonly (Tensor | null)[];
  /** By full parameter name. */
  readonly gradients: Readonly<Record<string, Tensor>>;
}

/** What `backward` needs besides the node, the output's gradient and the parameters. */
export interface BackwardRequest {
  readonly saved: readonly Tensor[];
  /** Shapes of the node's inputs, including the batch. */
  readonly inputShapes: readonly (readonly number[])[];
  /** False for a node that reads the images, whose gradient is not used. */
  readonly needsInputGradient: boolean;
  /** The same as in `forward`. */
  readonly across?: AcrossRanks | undefined;
}

/** The implementation of one node kind. The caller owns returned tensors; inputs are never disposed. */
export interface NodeOp<Kind extends NodeKind> {
  /** Computes the output `[batch, …shape]` from inputs whose first axis is the batch too. */
  forward(
    node: Extract<GraphNode, { kind: Kind }>,
    inputs: readonly Tensor[],
    store: TensorStore,
    mode: Mode,
    /** Present if BatchNorm uses the statistics of the global batch. */
    across?: AcrossRanks,
  ): NodeForward;
  /** Gradients from `dOutput`, which has the shape of the output. */
  backward(
    node: Extract<GraphNode, { kind: Kind }>,
    dOutput: Tensor,
    store: TensorStore,
    request: BackwardRequest,
  ): NodeBackward;
}

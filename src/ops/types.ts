import type { Tensor } from "@tensorflow/tfjs-core";
import type { GraphNode, NodeKind } from "../graph/types.js";

/** Parameters and buffers by PyTorch's names, in our layouts (HWIO, `[in, out]`, `[channels]`). */
export type TensorStore = ReadonlyMap<string, Tensor>;

/** `training` uses batch statistics and keeps what backward needs; `inference` uses running statistics and keeps nothing. */
export type Mode = "training" | "inference";

/** The processes that train together, each with a part of the batch, all of one size. */
export interface AcrossRanks {
  readonly world: number;
  /** The sum over all ranks, the caller's. */
  sum(tensor: Tensor): Tensor;
}

export interface NodeForward {
  readonly output: Tensor;
  /** What backward needs, owned by the tape (clones of inputs, or new tensors). Empty in inference. */
  readonly saved: readonly Tensor[];
  /** New values of the node's buffers, by full name. */
  readonly buffers?: Readonly<Record<string, Tensor>>;
}

export interface NodeBackward {
  /** One for each input, in order; null where the input takes no gradient. */
  readonly inputs: readonly (Tensor | null)[];
  /** By full parameter name. */
  readonly gradients: Readonly<Record<string, Tensor>>;
}

export interface BackwardRequest {
  readonly saved: readonly Tensor[];
  /** Shapes of the node's inputs with the batch in front. */
  readonly inputShapes: readonly (readonly number[])[];
  /** False for a node that reads the images: nobody uses their gradient. */
  readonly needsInputGradient: boolean;
  /** As `forward` had it. */
  readonly across?: AcrossRanks | undefined;
}

/** How one kind of node runs. Whoever calls owns every tensor that comes back and disposes none that went in. */
export interface NodeOp<Kind extends NodeKind> {
  forward(
    node: Extract<GraphNode, { kind: Kind }>,
    inputs: readonly Tensor[],
    store: TensorStore,
    mode: Mode,
    /** Where statistics of the batch are those of all ranks' parts. */
    across?: AcrossRanks,
  ): NodeForward;
  backward(
    node: Extract<GraphNode, { kind: Kind }>,
    dOutput: Tensor,
    store: TensorStore,
    request: BackwardRequest,
  ): NodeBackward;
}

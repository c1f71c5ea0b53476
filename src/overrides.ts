import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { getBackend } from "@tensorflow/tfjs-core";
import type { ActivationQuantizer, WeightQuantizer } from "./core/quantizer.js";
import type { ConvAttributes, NodeKind } from "./graph/types.js";
import type { Fusion } from "./ops/fusion.js";
import type { NodeOp } from "./ops/types.js";
import type { DistributionLoss } from "./train/losses/types.js";
import type { Update } from "./train/optimizers/types.js";

/** Operations for which tfjs has no public function, or one that is not accurate enough; every engine has them. */
export interface Primitives {
  /** Sums `[batch, height, width, channels]` or `[rows, channels]` to `[channels]`, in float32 whatever the matmul precision. */
  sumToChannels(x: Tensor): Tensor1D;
  /** The sum of all values, `[1]`. */
  sumAll(x: Tensor): Tensor1D;
  /** For each value the number of ascending edges `[n]` below it: int32 of the values' shape. */
  countBelow(edges: Tensor, values: Tensor): Tensor;
  /** Sums `weights [rows, n]` by their bin, row by row: float32 `[rows, bins]`. */
  sumRowsByBin(bin: Tensor2D, weights: Tensor2D, bins: number): Tensor2D;
  /** `x [batch, height, width, in]` with `filter` HWIO, or `[height, width, channels, 1]` when depthwise. */
  convolve(x: Tensor, filter: Tensor, attributes: ConvAttributes): Tensor;
  /** The gradient of `convolve` with respect to `x`, from `dy` of the output's shape: `inputShape`. */
  convolveInputGradient(
    dy: Tensor,
    filter: Tensor,
    attributes: ConvAttributes,
    inputShape: readonly number[],
  ): Tensor;
  /** The gradient of `convolve` with respect to the filter, from `dy` of the output's shape: `filterShape`. */
  convolveFilterGradient(
    x: Tensor,
    dy: Tensor,
    attributes: ConvAttributes,
    filterShape: readonly number[],
  ): Tensor;
  /** The gradient of max pooling with respect to `x`, from `dy` and the output `y`. */
  maxPoolGradient(dy: Tensor, x: Tensor, y: Tensor, kernel: number, stride: number, padding: number): Tensor;
  /** `[batch, height, width, channels]` → `[batch, channels]`. */
  averagePool(x: Tensor): Tensor;
  /** `dy [batch, channels]` → `[batch, height, width, channels]`, divided by height·width. */
  averagePoolGradient(dy: Tensor, height: number, width: number): Tensor;
  /** scale·(x - mean)/√(variance + ε) + offset by channel. */
  normalize(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    scale: Tensor,
    offset: Tensor,
    epsilon: number,
  ): Tensor;
}

/** What an engine computes in another way than the plain mathematics of core, ops and train: the same results in less time. */
export interface Overrides {
  readonly primitives: Primitives;
  /** By quantizer and side; forward and backward belong together. */
  readonly quantizers?: Readonly<Record<string, SideOverrides>>;
  readonly ops?: { readonly [Kind in NodeKind]?: NodeOp<Kind> };
  /** By optimizer. */
  readonly optimizers?: Readonly<Record<string, Update>>;
  readonly loss?: DistributionLoss;
  /** Chains of nodes that run as one kernel. */
  readonly fusions?: readonly Fusion[];
}

/** What an engine overrides of one quantizer. */
export interface SideOverrides {
  readonly activation?: Pick<ActivationQuantizer, "forward" | "backward">;
  readonly weight?: Pick<WeightQuantizer, "forward" | "backward">;
}

const byBackend = new Map<string, Overrides>();

/** Enters what an engine overrides, under the name of its tfjs backend. */
export function setOverrides(backend: string, overrides: Overrides): void {
  byBackend.set(backend, overrides);
}

/** The overrides of the engine in use. @throws Error where no engine is loaded */
export function overrides(): Overrides {
  const backend = getBackend();
  const found = byBackend.get(backend);
  if (found === undefined) throw new Error(`no engine is loaded for the tfjs backend ${backend}`);
  return found;
}

/** The primitives of the engine in use. */
export function primitives(): Primitives {
  return overrides().primitives;
}

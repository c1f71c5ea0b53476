import { getBackend, type Tensor, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";
import type { ActivationQuantizer, WeightQuantizer } from "./core/quantizer.js";
import type { ConvAttributes, NodeKind, Shape } from "./graph/types.js";
import type { Fusion } from "./ops/fusion.js";
import type { NodeOp } from "./ops/types.js";
import type { DistributionLoss } from "./train/losses/types.js";
import type { Update } from "./train/optimizers/types.js";

/** Operations for which tfjs has no public function, or no accurate one; every engine implements them. */
export interface Primitives {
  /**
   * Sums `[batch, height, width, channels]` or `[rows, channels]` to `[channels]`, in float32 for every
   * matmul precision.
   */
  sumToChannels(x: Tensor): Tensor1D;
  /** The sum of all values, `[1]`. */
  sumAll(x: Tensor): Tensor1D;
  /** For each value, the number of the ascending `edges [n]` below it: int32, shape of `values`. */
  countBelow(edges: Tensor, values: Tensor): Tensor;
  /** Sums `weights [rows, n]` per bin and row: float32 `[rows, bins]`. */
  sumRowsByBin(bin: Tensor2D, weights: Tensor2D, bins: number): Tensor2D;
  /**
   * `x [batch, height, width, in]` with `filter` HWIO, or `[height, width, channels, 1]` for depthwise
   * convolutions.
   */
  convolve(x: Tensor, filter: Tensor, attributes: ConvAttributes): Tensor;
  /** The gradient of `convolve` for `x`, of shape `inputShape`; `dy` has the output's shape. */
  convolveInputGradient(dy: Tensor, filter: Tensor, attributes: ConvAttributes, inputShape: Shape): Tensor;
  /** The gradient of `convolve` for `filter`, of shape `filterShape`; `dy` has the output's shape. */
  convolveFilterGradient(x: Tensor, dy: Tensor, attributes: ConvAttributes, filterShape: Shape): Tensor;
  /** The gradient of max pooling with respect to `x`, from `dy` and the output `y`. */
  maxPoolGradient(dy: Tensor, x: Tensor, y: Tensor, kernel: number, stride: number, padding: number): Tensor;
  /** `[batch, height, width, channels]` → `[batch, channels]`. */
  averagePool(x: Tensor): Tensor;
  /** `dy [batch, channels]` → `[batch, height, width, channels]`, divided by height·width. */
  averagePoolGradient(dy: Tensor, height: number, width: number): Tensor;
  /** scale·(x - mean)/√(variance + ε) + offset per channel. */
  normalize(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    scale: Tensor,
    offset: Tensor,
    epsilon: number,
  ): Tensor;
}

/** Faster engine-specific versions of the plain tfjs code in core, ops and train, with the same results. */
export interface Overrides {
  readonly primitives: Primitives;
  /** The quantizers' overrides, by quantizer and side. Forward and backward are overridden together. */
  readonly quantizers?: Readonly<Record<string, SideOverrides>>;
  readonly ops?: { readonly [Kind in NodeKind]?: NodeOp<Kind> };
  /** The optimizers' overrides, by optimizer. */
  readonly optimizers?: Readonly<Record<string, Update>>;
  readonly loss?: DistributionLoss;
  /**
   * Normalizes 8-bit pixels `[batch, height, width, channels]`, whose dtype is bool, by the table `values
   * [256, channels]`: the same bits as on the host.
   */
  readonly normalizePixels?: (pixels: Tensor, values: Tensor) => Tensor;
  /** Chains of nodes that run as one kernel. */
  readonly fusions?: readonly Fusion[];
}

/** An engine's overrides for one quantizer, for weights or for activations. */
export interface SideOverrides {
  readonly activation?: Pick<ActivationQuantizer, "forward" | "backward">;
  readonly weight?: Pick<WeightQuantizer, "forward" | "backward">;
}

const byBackend = new Map<string, Overrides>();

/** Registers an engine's overrides under the name of its tfjs backend. */
export function setOverrides(backend: string, overrides: Overrides): void {
  byBackend.set(backend, overrides);
}

/** The overrides of the current engine. @throws Error if no engine is loaded */
export function overrides(): Overrides {
  const backend = getBackend();
  const found = byBackend.get(backend);
  if (found === undefined) throw new Error(`no engine is loaded for the tfjs backend ${backend}`);
  return found;
}

/** The primitives of the current engine. */
export function primitives(): Primitives {
  return overrides().primitives;
}

/**
 * n2uq/core, for authors of parts (quantizers, models, losses, optimizers, …): the types of parts, the
 * registered quantizers, TensorFlow.js, and helpers for float32 threshold curves and for graphs.
 */
import * as tf from "@tensorflow/tfjs-core";

export { curveOf, f32, numberOf, roundEven, uniformCurve, valuesOf } from "./src/core/curve.js";
export * from "./src/core/quantizer.js";
export { quantizers } from "./src/core/quantizers.js";
export { sumAll, sumToChannels } from "./src/core/sums.js";
export { type ConvOptions, GraphBuilder } from "./src/graph/builder.js";
export { layerCosts, totals } from "./src/graph/cost.js";
export { groupParameters } from "./src/graph/groups.js";
export type { QuantizableLayer } from "./src/graph/quantization.js";
export type * from "./src/graph/quantizer.js";
export type { GraphNode, NodeKind, TrainingGraph } from "./src/graph/types.js";
export { buildGraph } from "./src/models/models.js";
export type { FusedNodes, Fusion } from "./src/ops/fusion.js";
export type * from "./src/ops/types.js";
export type { Overrides, Primitives, SideOverrides } from "./src/overrides.js";
export type { CompleteRegularizer } from "./src/schema/generated/complete.js";
export type { DistributionLoss, Loss } from "./src/train/losses/types.js";
export type { Given, OptimizerState, StepSettings, Update, Updated } from "./src/train/optimizers/types.js";
/** The TensorFlow.js instance of n2uq. Parts must use this one, because another copy has separate engines. */
export { tf };

/**
 * n2uq/core, for authors of parts: records and their types, tensors, and helpers for float32 threshold curves
 * and for graphs.
 */
import * as tf from "@tensorflow/tfjs-core";

export { curveOf, f32, numberOf, roundEven, uniformCurve, valuesOf } from "./src/core/curve.js";
export type {
  ActivationQuantizer,
  Backward,
  Forward,
  ParameterValues,
  Quantizer,
  QuantizerTensors,
  WeightLevels,
  WeightQuantizer,
} from "./src/core/quantizer.js";
export { defineQuantizer, parameterOf, savedAt, steps } from "./src/core/quantizer.js";
export { quantizers } from "./src/core/quantizers.js";
export { sumAll, sumToChannels } from "./src/core/sums.js";
export { GraphBuilder } from "./src/graph/builder.js";
export { layerCosts, totals } from "./src/graph/cost.js";
export { groupParameters } from "./src/graph/groups.js";
export type {
  ActivationQuantization,
  QuantizationCurve,
  QuantizerParameter,
  WeightQuantization,
} from "./src/graph/quantizer.js";
export type { GraphNode, TrainingGraph } from "./src/graph/types.js";
export { buildGraph } from "./src/models/models.js";
export type { Overrides, SideOverrides } from "./src/overrides.js";
/** The TensorFlow.js instance of n2uq. Parts must use this one, because another copy has separate engines. */
export { tf };

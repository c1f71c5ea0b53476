/**
 * n2uq as a library: the way from an experiment file to a trained network, in the pieces that the commands are made of.
 */
export type { Evaluation } from "./runners/evaluate.js";
export { evaluateExperiment } from "./runners/evaluate.js";
export type { ResolvedFile } from "./runners/resolve.js";
export { resolveFile } from "./runners/resolve.js";
export type { Session, SessionOptions } from "./runners/session.js";
export { createSession, loadEngine } from "./runners/session.js";
export { trainExperiment } from "./runners/train.js";
export { loadExperiment } from "./src/config/load.js";
export { loadProject } from "./src/config/project.js";
export type { ActivationQuantizer, Quantizer, WeightQuantizer } from "./src/core/quantizer.js";
export { defineQuantizer } from "./src/core/quantizer.js";
export { quantizers } from "./src/core/quantizers.js";
export { describeEngines, engines, selectEngine } from "./src/engines/engines.js";
export type { ErrorCode, SourceLocation } from "./src/errors.js";
export { N2uqError, N2uqErrors } from "./src/errors.js";
export { layerCosts, totals } from "./src/graph/cost.js";
export { groupParameters } from "./src/graph/groups.js";
export type { GraphNode, TrainingGraph } from "./src/graph/types.js";
export { buildGraph } from "./src/models/models.js";
export { experimentHash } from "./src/resolve/hash.js";
export { resolveExperiment } from "./src/resolve/resolve.js";
export type { ResolvedExperiment } from "./src/resolve/types.js";
export type { TrainEvent } from "./src/runs/events.js";
export type { Metrics, RunRecord } from "./src/runs/record.js";
export type { Experiment } from "./src/schema/generated/experiment.js";
export { convertWeights } from "./src/weights/convert.js";
export { openWeights, readWeights } from "./src/weights/open.js";
export { readSafetensors, writeSafetensors } from "./src/weights/safetensors.js";

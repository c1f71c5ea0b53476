/**
 * n2uq as a library: the way from an experiment file to a trained network, in the pieces that the commands are made of.
 */
export type { Evaluation } from "../runners/evaluate.js";
export { evaluateExperiment } from "../runners/evaluate.js";
export type { ResolvedFile } from "../runners/resolve.js";
export { resolveFile } from "../runners/resolve.js";
export type { Session, SessionOptions } from "../runners/session.js";
export { createSession, loadEngine } from "../runners/session.js";
export { trainExperiment } from "../runners/train.js";
export { loadExperiment } from "./config/load.js";
export { loadProject } from "./config/project.js";
export { activationQuantizers, weightQuantizers } from "./core/quantizers.js";
export type { ActivationQuantizer, WeightQuantizer } from "./core/types.js";
export { describeEngines, engines, selectEngine } from "./engines/engines.js";
export type { ErrorCode, SourceLocation } from "./errors.js";
export { N2uqError, N2uqErrors } from "./errors.js";
export { layerCosts, totals } from "./graph/cost.js";
export { groupParameters } from "./graph/groups.js";
export type { GraphNode, TrainingGraph } from "./graph/types.js";
export { buildGraph } from "./models/models.js";
export { experimentHash } from "./resolve/hash.js";
export { resolveExperiment } from "./resolve/resolve.js";
export type { ResolvedExperiment } from "./resolve/types.js";
export type { Experiment } from "./schema/generated/experiment.js";
export type { TrainEvent } from "./train/events.js";
export type { Metrics, RunRecord } from "./train/record.js";
export { convertWeights } from "./weights/convert.js";
export { openWeights, readWeights } from "./weights/open.js";
export { readSafetensors, writeSafetensors } from "./weights/safetensors.js";

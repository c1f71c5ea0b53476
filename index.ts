/**
 * n2uq as a library: the commands as functions, and functions to define parts. `n2uq/core` has more for
 * authors of parts.
 */
export { type Evaluation, evaluateExperiment } from "./runners/evaluate.js";
export { type EvaluateOptions, evaluate } from "./runners/library/evaluate.js";
export type { ExperimentSource, LibraryOptions } from "./runners/library/open.js";
export { type Plan, plan } from "./runners/library/plan.js";
export { type SweepObject, type SweepOptions, sweep } from "./runners/library/sweep.js";
export { exportTable, type TableOptions } from "./runners/library/table.js";
export { type TrainedRun, type TrainOptions, train } from "./runners/library/train.js";
export { projectIn as loadProject } from "./runners/project.js";
export { type ResolvedFile, resolveFile } from "./runners/resolve.js";
export { createSession, loadEngine, type Session, type SessionOptions } from "./runners/session.js";
export type { SweepStatus } from "./runners/sweep/ledger.js";
export type { SweepEvent } from "./runners/sweep/placement.js";
export { trainExperiment } from "./runners/train.js";
export { loadExperiment } from "./src/config/load.js";
export type { ActivationQuantizer, Quantizer, WeightQuantizer } from "./src/core/quantizer.js";
export { defineQuantizer } from "./src/core/quantizer.js";
export { quantizers } from "./src/core/quantizers.js";
export { defineDataset } from "./src/data/types.js";
export { describeEngines, engines, selectEngine } from "./src/engines/engines.js";
export { type ErrorCode, N2uqError, N2uqErrors, type SourceLocation } from "./src/errors.js";
export { layerCosts, totals } from "./src/graph/cost.js";
export { groupParameters } from "./src/graph/groups.js";
export type * from "./src/graph/types.js";
export type { Init as ParameterInit, Layout as ParameterLayout } from "./src/graph/types.js";
export { defineModel } from "./src/models/model.js";
export { buildGraph } from "./src/models/models.js";
export { definePlugin, type Plugin, type PluginPart } from "./src/plugins/plugin.js";
export type { TableFormat } from "./src/report/tables/formats.js";
export { experimentHash } from "./src/resolve/hash.js";
export { resolveExperiment } from "./src/resolve/resolve.js";
export type { ResolvedExperiment } from "./src/resolve/types.js";
export type { TrainEvent } from "./src/runs/events.js";
export type * from "./src/runs/record.js";
export type { Experiment } from "./src/schema/generated/experiment.js";
export type { Fragment } from "./src/schema/parts.js";
export { defineLoss } from "./src/train/losses/types.js";
export { defineOptimizer } from "./src/train/optimizers/types.js";
export { defineSchedule } from "./src/train/schedules/types.js";
export { convertWeights } from "./src/weights/convert.js";
export { openWeights, readWeights } from "./src/weights/open.js";
export { readSafetensors, writeSafetensors } from "./src/weights/safetensors.js";

// The types that these functions take and return.

export type { ClassAccuracy, Confusion } from "./runners/classCounts.js";
export type { Contents } from "./runners/content.js";
export type { EvaluateOptions as EvaluateExperimentOptions } from "./runners/evaluate.js";
export type { ResolvedReference } from "./runners/resolve.js";
export type { Ledger, LedgerCell } from "./runners/sweep/ledger.js";
export type { Only } from "./runners/sweep/sweep.js";
export type { Note } from "./runners/withoutEffect.js";
export type { Dropped, LoadedExperiment, LoadOptions, Sources } from "./src/config/load.js";
export type { Overlay } from "./src/config/overlay.js";
export type { Project } from "./src/config/project.js";
export type { Origin, OriginKind, Position, Scalar, Tree } from "./src/config/tree.js";
export type { DataFingerprint, SplitSummary } from "./src/data/fingerprint.js";
export type * from "./src/data/types.js";
export type {
  Augmentation as BatchAugmentation,
  LoadOptions as DatasetLoadOptions,
} from "./src/data/types.js";
export type { EngineDescription } from "./src/engines/engines.js";
export type { ProcessGroupFactory, Rendezvous } from "./src/engines/ranks.js";
export type * from "./src/engines/types.js";
export type { ErrorOptions } from "./src/errors.js";
export type { Holder, LockProgress } from "./src/files/holder.js";
export type { LayerCost, Totals } from "./src/graph/cost.js";
export type { ParameterGroup } from "./src/graph/groups.js";
export type * from "./src/graph/quantizer.js";
export type { ModelFamily, PluginModel } from "./src/models/model.js";
export type { PluginTables } from "./src/plugins/plugin.js";
export type { DataFacts } from "./src/resolve/facts.js";
export type { Idle } from "./src/resolve/idle.js";
export type { FamilyDefaults, Network } from "./src/resolve/network.js";
export type { Models, Resolution, ResolveContext } from "./src/resolve/resolve.js";
export type {
  ArchitectureOf,
  ContentKey,
  ResolvedInit,
  ResolvedLayerRule,
  ResolvedQuantization,
  ResolvedTeacher,
  WeightsReference,
} from "./src/resolve/types.js";
export type { Emit, EpochEvent, StepEvent } from "./src/runs/events.js";
export type { RunFailure } from "./src/runs/runDirectory.js";
export type { RunIndex } from "./src/runs/runIndex.js";
export type { RunState, RunStatus, SchedulerStatus } from "./src/runs/state.js";
export type { WholeExperiment } from "./src/schema/defaults.js";
export type { PartNames } from "./src/schema/generated/parts.js";
export type { Alternative, Path, Schema } from "./src/schema/schema.js";
export type { LossPart, PluginLoss, Targets } from "./src/train/losses/types.js";
export type {
  OptimizerPart,
  OptionsOf as OptimizerOptionsOf,
  PluginOptimizer,
} from "./src/train/optimizers/types.js";
export type { PluginSchedule, SchedulePart, SchedulePoint } from "./src/train/schedules/types.js";
export type { Converted } from "./src/weights/convert.js";
export type { OpenOptions } from "./src/weights/open.js";
export type { SafetensorsFile } from "./src/weights/safetensors.js";
export type * from "./src/weights/types.js";

// Types of an experiment file's sections: as written, with defaults (Complete…), and resolved (Resolved…).
// They are generated from the schemas.

export type { Patience, ProcessGroup } from "./src/engines/ranks.js";
export type { GroupAssignment, IdleGlob } from "./src/resolve/network.js";
export type * from "./src/schema/generated/complete.js";
export type { Method as CompleteMethod } from "./src/schema/generated/complete.js";
export type * from "./src/schema/generated/config.js";
export type * from "./src/schema/generated/experiment.js";
export type {
  Augmentation,
  Init,
  Method,
  ParameterGroup as WrittenParameterGroup,
} from "./src/schema/generated/experiment.js";
export type * from "./src/schema/generated/resolved.js";
export type {
  Method as ResolvedMethod,
  ResolvedInit as WrittenInit,
  ResolvedLayerRule as WrittenLayerRule,
  ResolvedQuantization as WrittenQuantization,
  ResolvedTeacher as WrittenTeacher,
} from "./src/schema/generated/resolved.js";
export type {
  Analysis as AnalysisFile,
  Environment as EnvironmentFile,
  Failure as FailureFile,
  Identity as IdentityFile,
  Ledger as LedgerFile,
  StartRecord as StartRecordFile,
} from "./src/schema/generated/run.js";
export type * from "./src/schema/generated/sweep.js";

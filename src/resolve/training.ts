import type { Experiment } from "../schema/generated/experiment.js";
import type { ResolvedLoss, ResolvedOptimizer, ResolvedSchedule, ResolvedTraining } from "./types.js";

type Training = NonNullable<Experiment["training"]>;

/** The released code's recipe (docs/method.md) where the experiment is silent. */
export function resolveTraining(training: Training, hasTeacher: boolean): ResolvedTraining {
  const {
    epochs = 128,
    steps = null,
    batchSize = 256,
    seed = 0,
    precision = "float32",
    syncBatchNorm = false,
    stopOnNaN = true,
    maxLoss = null,
  } = training;
  const { everySteps = null, everyEpochs = 1 } = training.checkpoint ?? {};
  return {
    epochs: steps === null ? epochs : 0,
    steps,
    batchSize,
    optimizer: resolveOptimizer(training.optimizer ?? {}),
    schedule: resolveSchedule(training.schedule ?? {}),
    loss: resolveLoss(training.loss ?? {}, hasTeacher),
    seed,
    precision,
    syncBatchNorm,
    checkpoint: { everySteps, everyEpochs },
    stopOnNaN,
    maxLoss,
  };
}

function resolveOptimizer(optimizer: NonNullable<Training["optimizer"]>): ResolvedOptimizer {
  const { kind = "adam", weightDecay = 0, groups = [] } = optimizer;
  const base = {
    lr: optimizer.lr ?? (kind === "adam" ? 1.25e-3 : 0.1),
    weightDecay,
    groups: groups.map(({ match, lrScale = 1, weightDecay: own }) => ({
      match: typeof match === "string" ? [match] : [...match],
      lrScale,
      ...(own === undefined ? {} : { weightDecay: own }),
    })),
  };
  if (kind === "adam") {
    const [beta1 = 0.9, beta2 = 0.999] = optimizer.betas ?? [];
    return { kind, ...base, betas: [beta1, beta2], epsilon: optimizer.epsilon ?? 1e-8 };
  }
  return { kind, ...base, momentum: optimizer.momentum ?? 0.9, nesterov: optimizer.nesterov ?? false };
}

function resolveSchedule(schedule: NonNullable<Training["schedule"]>): ResolvedSchedule {
  const { kind = "linear", per = "step", warmupEpochs = 0 } = schedule;
  if (kind === "constant") return { kind, warmupEpochs };
  if (kind !== "step") return { kind, per, warmupEpochs };
  return { kind, milestones: schedule.milestones ?? [], gamma: schedule.gamma ?? 0.1, warmupEpochs };
}

/** With a teacher the paper's loss, without one plain cross-entropy. */
function resolveLoss(loss: NonNullable<Training["loss"]>, hasTeacher: boolean): ResolvedLoss {
  const { kind = hasTeacher ? "distillation" : "cross-entropy", temperature = 1, labelSmoothing = 0 } = loss;
  if (kind === "distillation") return { kind, temperature };
  if (kind === "cross-entropy") return { kind, labelSmoothing };
  return { kind, temperature, labelSmoothing, distillationWeight: loss.distillationWeight ?? 0.5 };
}

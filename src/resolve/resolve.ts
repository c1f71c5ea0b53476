import type { Experiment } from "../schema/generated/experiment.js";
import { resolveArchitecture } from "./architecture.js";
import { resolveAugmentation } from "./augmentation.js";
import { checkTogether, missing } from "./checks.js";
import { resolveData } from "./data.js";
import { freeze } from "./freeze.js";
import { experimentHash } from "./hash.js";
import { resolveQuantization } from "./quantization.js";
import { resolveTraining } from "./training.js";
import type { ResolvedExperiment, ResolvedInit, ResolvedTeacher } from "./types.js";

/** Facts about the data set that defaults follow from. */
export interface DataFacts {
  readonly classes: number;
  readonly imageSize: readonly [number, number];
  readonly channels: number;
}

/** What an experiment's references were resolved to, and the facts that the outside world decides. */
export interface ResolveContext {
  readonly facts: DataFacts;
  /** The experiment that `teacher.experiment` (`init.experiment`) names, resolved already. */
  readonly teacher?: ResolvedExperiment;
  readonly init?: ResolvedExperiment;
  /** The engine that runs it: concrete, since results depend on it. */
  readonly engine: string;
}

/**
 * Decides every value of an experiment: shorthands expanded, defaults derived, combinations checked.
 * @returns frozen plain JSON
 * @throws N2uqError or N2uqErrors N2UQ_RESOLVE_*, with the key's path in `details.path`
 */
export function resolveExperiment(experiment: Experiment, context: ResolveContext): ResolvedExperiment {
  const { name } = experiment;
  if (name === undefined) throw missing(["name"]);
  const quantization = resolveQuantization(experiment.quantization ?? {});
  const data = resolveData(experiment.data ?? {});
  const augmentation = resolveAugmentation(experiment, data);
  const teacher = resolveTeacher(experiment, context);
  const resolved: ResolvedExperiment = {
    name,
    architecture: resolveArchitecture(experiment.architecture ?? {}, {
      ...context.facts,
      imageSize:
        augmentation.kind === "random-resized-crop"
          ? [augmentation.size, augmentation.size]
          : context.facts.imageSize,
      method: quantization.method,
    }),
    quantization,
    teacher,
    init: resolveInit(experiment, context),
    data,
    augmentation,
    training: resolveTraining(experiment.training ?? {}, teacher !== null),
    engine: context.engine,
    devices: experiment.devices ?? 1,
    nodes: experiment.nodes ?? 1,
  };
  checkTogether(resolved);
  return freeze(resolved);
}

function resolveTeacher({ teacher }: Experiment, context: ResolveContext): ResolvedTeacher | null {
  if (teacher === undefined || teacher === null) return null;
  if (context.teacher !== undefined) {
    return { experiment: context.teacher, hash: experimentHash(context.teacher) };
  }
  if (teacher.weights === undefined) throw missing(["teacher", "weights"]);
  if (teacher.architecture === undefined) throw missing(["teacher", "architecture"]);
  const facts = { ...context.facts, method: "none" as const };
  return { architecture: resolveArchitecture(teacher.architecture, facts), weights: teacher.weights };
}

function resolveInit({ init }: Experiment, context: ResolveContext): ResolvedInit | null {
  if (init === undefined || init === null) return null;
  const strict = init.strict ?? true;
  if (context.init !== undefined) {
    return { experiment: context.init, hash: experimentHash(context.init), strict };
  }
  if (init.weights === undefined) throw missing(["init", "weights"]);
  return { weights: init.weights, strict };
}

import type { Experiment } from "../schema/generated/experiment.js";
import type { DataOptions, ResolvedArchitecture, ResolvedExperiment } from "./types.js";

/** Files of the experiments that a resolved experiment refers to, as its YAML names them. */
export interface References {
  readonly teacher?: string;
  readonly init?: string;
}

/**
 * A resolved experiment as the content of an experiment file with every value. Resolving it again results in
 * the same experiment and the same hash. Its parts are those of the resolved experiment, and frozen.
 */
export function toExperiment(resolved: ResolvedExperiment, references: References): Experiment {
  const { name, architecture, quantization, teacher, init, data, augmentation, training } = resolved;
  const { engine, devices, nodes } = resolved;
  const { keep, layers, ...quantized } = quantization;
  const { steps, epochs, maxLoss, checkpoint, ...trained } = training;
  const { everySteps, everyEpochs } = checkpoint;
  const { trainLimit, testLimit, maxUnreadable = null, decodeThreads = null, ...source }: DataOptions = data;
  const plain = {
    name,
    architecture: toArchitecture(architecture),
    quantization: {
      ...quantized,
      ...given({ keep }),
      layers: layers.map(({ place: _place, ...rule }) => rule),
    },
    teacher: teacher !== null && "experiment" in teacher ? { experiment: references.teacher } : teacher,
    init: init !== null && "experiment" in init ? { experiment: references.init, strict: init.strict } : init,
    data: { ...source, ...given({ trainLimit, testLimit, maxUnreadable, decodeThreads }) },
    augmentation,
    training: {
      ...(steps === null ? { epochs } : { steps }),
      ...trained,
      ...given({ maxLoss }),
      checkpoint: { everyEpochs, ...given({ everySteps }) },
    },
    engine,
    devices,
    nodes,
  };
  return plain as unknown as Experiment;
}

/** The architecture with the family first; stages have `expansion` only if their block has an expansion. */
function toArchitecture(architecture: ResolvedArchitecture): object {
  const { family, ...rest } = architecture;
  if (architecture.family !== "stages") return { family, ...rest };
  const stages = architecture.stages.map(({ expansion, ...stage }) =>
    stage.block === "inverted-residual" ? { ...stage, expansion } : stage,
  );
  return { family, ...rest, stages };
}

/** Omits null values: in a file, these keys are not set. */
function given(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

import { N2uqError, N2uqErrors } from "../errors.js";
import { isTaught } from "../schema/roots.js";
import type { Images } from "./facts.js";
import { shareFault } from "./ranks.js";
import { lengthOf } from "./time.js";
import type { ResolvedArchitecture, ResolvedExperiment, ResolvedSchedule } from "./types.js";

/**
 * Checks combinations of keys: teacher and loss, teacher and student, schedule and length. @throws N2uqErrors
 * N2UQ_RESOLVE_* with all errors found
 */
export function checkTogether(experiment: ResolvedExperiment, images: Images): void {
  const faults = [
    ...teacherFaults(experiment),
    ...trainingFaults(experiment),
    ...rateFaults(experiment, images),
    ...imageFaults(experiment),
    ...syntheticFaults(experiment),
  ];
  if (faults.length > 0) throw new N2uqErrors(faults);
}

function* teacherFaults({ teacher, training, architecture }: ResolvedExperiment): Iterable<N2uqError> {
  const { kind } = training.loss;
  if (teacher === null) {
    const path = ["training", "loss", "kind"];
    if (isTaught(kind)) yield new N2uqError("N2UQ_RESOLVE_NO_TEACHER", { kind, path });
    return;
  }
  if (!isTaught(kind)) yield new N2uqError("N2UQ_RESOLVE_UNUSED_TEACHER", { path: ["teacher"] });
  const other = "experiment" in teacher ? teacher.experiment.architecture : teacher.architecture;
  for (const key of ["classes", "inputSize", "inputChannels"] as const) {
    const [student, theirs] = [show(architecture, key), show(other, key)];
    if (student === theirs) continue;
    yield new N2uqError("N2UQ_RESOLVE_TEACHER_DIFFERS", { key, student, teacher: theirs, path: ["teacher"] });
  }
}

function* trainingFaults(experiment: ResolvedExperiment): Iterable<N2uqError> {
  const { training, engine } = experiment;
  for (const key of ["devices", "nodes"] as const) {
    if (experiment[key] === 1 || engine === "torch") continue;
    yield new N2uqError("N2UQ_RANKS_ENGINE", { key, count: experiment[key], engine, path: [key] });
  }
  const { precision } = training;
  if (precision !== "float32" && engine !== "torch") {
    const path = ["training", "precision"];
    yield new N2uqError("N2UQ_ENGINE_PRECISION", { engine, precision, path });
  }
  const unshared = shareFault(experiment, training.batchSize);
  if (unshared !== null) yield unshared;
}

/**
 * Reports a schedule whose learning rate is 0 at every step. If the length depends on the data, `n2uq run`
 * checks this again.
 */
function* rateFaults({ training }: ResolvedExperiment, { train }: Images): Iterable<N2uqError> {
  const { optimizer } = training;
  if (optimizer.kind === "sgd" && optimizer.nesterov && optimizer.momentum === 0) {
    const path = ["training", "optimizer", "nesterov"];
    yield new N2uqError("N2UQ_RESOLVE_NO_EFFECT", { key: path.join("."), why: "with momentum 0", path });
  }
  const length = train === null ? null : lengthOf(training, train);
  const epochs = length?.epochs ?? training.epochs;
  if (!hasNoRate(training.schedule, epochs)) return;
  yield new N2uqError("N2UQ_RESOLVE_ZERO_LR", { path: ["training", "schedule"] });
}

/**
 * Whether the learning rate is 0 at every step: with `per: epoch`, a linear schedule reaches 0 in the last
 * epoch, so a single epoch has learning rate 0. @param epochs 0 if their number is unknown
 */
export function hasNoRate(schedule: ResolvedSchedule, epochs: number): boolean {
  return epochs === 1 && schedule.kind === "linear" && schedule.per === "epoch";
}

function* imageFaults({ augmentation, architecture }: ResolvedExperiment): Iterable<N2uqError> {
  const size = Math.max(...architecture.inputSize);
  if ((augmentation.validationResize ?? size) < size) {
    const path = ["augmentation", "validationResize"];
    yield new N2uqError("N2UQ_RESOLVE_CROP", { resize: augmentation.validationResize, size, path });
  }
  if ("size" in augmentation && augmentation.size !== Math.min(...architecture.inputSize)) {
    const input = show(architecture, "inputSize");
    const path = ["augmentation", "size"];
    yield new N2uqError("N2UQ_RESOLVE_CROP_SIZE", { size: augmentation.size, input, path });
  }
}

/** Generated images are kept in memory, one byte per value. */
const MOST_SYNTHETIC_BYTES = 2 ** 30;

function* syntheticFaults({ data }: ResolvedExperiment): Iterable<N2uqError> {
  if (data.dataset !== "synthetic") return;
  const { trainSize, testSize, imageSize, channels } = data.synthetic;
  const bytes = (trainSize + testSize) * imageSize[0] * imageSize[1] * channels;
  if (bytes <= MOST_SYNTHETIC_BYTES) return;
  const details = { bytes, most: MOST_SYNTHETIC_BYTES, path: ["data", "synthetic"] };
  yield new N2uqError("N2UQ_RESOLVE_SYNTHETIC_SIZE", details);
}

function show(architecture: ResolvedArchitecture, key: "classes" | "inputSize" | "inputChannels"): string {
  const value = architecture[key];
  return typeof value === "number" ? String(value) : value.join("×");
}

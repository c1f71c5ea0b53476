import { orElse } from "../attempt.js";
import type { Length } from "../resolve/time.js";
import { checkRunFile, type RunFileKinds } from "../schema/runFiles.js";

/** A file's content in memory: NaN and infinities, which JSON stores as strings, are numbers. */
type Restored<Value> = Value extends object
  ? { readonly [Key in keyof Value]: Restored<Value[Key]> }
  : Exclude<Value, string>;

/**
 * Training progress. It is stored in the checkpoint's metadata, so that one rename replaces weights and
 * progress together.
 */
export type Progress = Restored<RunFileKinds["progress"]>;

/** The length of a run. */
export type RunLength = Omit<Length, "epochs">;

/** What is wrong with a checkpoint. */
export class CheckpointFault extends Error {}

/** Converts progress to JSON. NaN and infinities, which occur with `stopOnNaN: false`, become strings. */
export function progressText(progress: Progress): string {
  return JSON.stringify(progress, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

const NOT_FINITE = ["NaN", "Infinity", "-Infinity"];

/**
 * Parses the output of `progressText`. @throws CheckpointFault if it is not JSON, does not follow its schema,
 * or does not fit a run of this length
 */
export function parseProgress(text: string, length: RunLength): Progress {
  const written = orElse(() => JSON.parse(text) as unknown, undefined);
  if (written === undefined) throw new CheckpointFault("progress is not JSON");
  const checked = checkRunFile("progress", written);
  if (!checked.ok) throw new CheckpointFault(`progress: ${checked.fault}`);
  const progress: Progress = JSON.parse(text, (_, value: unknown) =>
    NOT_FINITE.some((one) => one === value) ? Number(value) : value,
  );
  const { images, top1, top5 } = progress.sums;
  const most = Math.max(top1, top5);
  if (most > images) throw new CheckpointFault(`${most} of ${images} images are counted as correct`);
  checkPlace(progress, length);
  return progress;
}

/** Steps, epochs and validations must be consistent with each other. */
function checkPlace({ step, epoch, batch, best, last }: Progress, length: RunLength): void {
  const { stepsPerEpoch, totalSteps } = length;
  const isEnd = step === totalSteps && batch === 0 && epoch === Math.ceil(totalSteps / stepsPerEpoch);
  const isWithin = step > 0 && step <= totalSteps && batch <= stepsPerEpoch;
  if (!isEnd && !(isWithin && step === epoch * stepsPerEpoch + batch)) {
    throw new CheckpointFault(
      `step ${step}, epoch ${epoch}, batch ${batch} is not a valid position in a run of ${totalSteps} steps, ${stepsPerEpoch} per epoch`,
    );
  }
  if (epoch > 0 !== (last !== null) || epoch > 0 !== (best !== null))
    throw new CheckpointFault(`the validations of ${epoch} epochs are missing`);
  if (best !== null && (best.epoch < 1 || best.epoch > epoch))
    throw new CheckpointFault(`the best of ${epoch} epochs is epoch ${best.epoch}`);
}

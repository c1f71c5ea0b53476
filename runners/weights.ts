import { access } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { N2uqError } from "../src/errors.js";
import { experimentHash } from "../src/resolve/hash.js";
import type { ResolvedExperiment, ResolvedInit, ResolvedTeacher } from "../src/resolve/types.js";
import { RunDirectory } from "../src/train/runDirectory.js";
import type { Session } from "./session.js";

/** The run directory of an experiment. */
export function directoryOf(
  { directories }: Pick<Session, "directories">,
  resolved: ResolvedExperiment,
): RunDirectory {
  return new RunDirectory(directories.directory(resolved.name, experimentHash(resolved)));
}

/**
 * The safetensors file with the weights of a teacher or start: an experiment's best ones, a path, or a named source's
 * file in the project's models folder.
 * @throws N2uqError N2UQ_WEIGHTS_MISSING, which says what to put where
 */
export async function weightsFile(
  session: Session,
  reference: ResolvedTeacher | ResolvedInit,
): Promise<string> {
  if ("experiment" in reference) return directoryOf(session, reference.experiment).best;
  return placedFile(session.models, reference.weights);
}

/** `torchvision:resnet18` is looked for as `torchvision-resnet18.safetensors`. */
export async function placedFile(models: string, weights: string): Promise<string> {
  const named = /^[a-z0-9]+:[^/\\]+$/i.test(weights);
  const file = named ? join(models, `${weights.replace(":", "-")}.safetensors`) : weights;
  const absolute = isAbsolute(file) ? file : join(process.cwd(), file);
  try {
    await access(absolute);
    return absolute;
  } catch (cause) {
    throw new N2uqError("N2UQ_WEIGHTS_MISSING", { weights, file: absolute }, { cause });
  }
}

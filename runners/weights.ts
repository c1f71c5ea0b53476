import { access } from "node:fs/promises";
import { N2uqError } from "../src/errors.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { experimentHash } from "../src/resolve/hash.js";
import type { ResolvedExperiment, ResolvedInit, ResolvedTeacher } from "../src/resolve/types.js";
import { RunDirectory } from "../src/runs/runDirectory.js";
import { describeMatch, isComplete, matchTensors } from "../src/train/match.js";
import { userPath } from "../src/userPath.js";
import { loadTensors } from "../src/weights/load.js";
import { openWeights } from "../src/weights/open.js";
import { findPlaced } from "../src/weights/placed.js";
import { isSourceName } from "../src/weights/sources.js";
import type { HostTensor } from "../src/weights/types.js";
import { freshCommand } from "./again.js";
import type { Session } from "./session.js";

const CHECKPOINT =
  "It is a checkpoint with the optimizer's moments. Use best.safetensors in the same folder: the weights of the best epoch.";

/** The run directory of an experiment. */
export function directoryOf(
  { directories }: { readonly directories: Pick<Session["directories"], "directory"> },
  resolved: ResolvedExperiment,
): RunDirectory {
  return new RunDirectory(directories.directory(resolved.name, experimentHash(resolved)));
}

/**
 * The weights file of a teacher or of initial weights: an experiment's best weights, a path, or a named
 * source's file in the project's models folder. @throws N2uqError N2UQ_WEIGHTS_MISSING, which says which file
 * to put where; N2UQ_WEIGHTS_CHECKSUM
 */
export async function weightsFile(
  session: Session,
  reference: ResolvedTeacher | ResolvedInit,
): Promise<string> {
  if ("experiment" in reference) return bestFile(session, reference.experiment);
  return placedFile(session.models, reference.weights);
}

/**
 * The best weights of a finished run.
 * @throws N2uqError N2UQ_RUN_WEIGHTS_LOST, which says how to train them again
 */
export async function bestFile(session: Session, resolved: ResolvedExperiment): Promise<string> {
  const { best } = directoryOf(session, resolved);
  await access(best).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "ENOENT" ? "there is no such file" : (cause.code ?? cause.message);
    throw weightsLost(session, resolved, best, reason, cause);
  });
  return best;
}

/**
 * Reads the weights of a teacher or initial weights. If they belong to a run and are damaged, the error says
 * how to train them again. @throws N2uqError N2UQ_RUN_WEIGHTS_LOST; errors of `read`
 */
export async function readingBest<Value>(
  session: Session,
  resolved: ResolvedExperiment | null,
  read: () => Promise<Value>,
): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (resolved === null || !(error instanceof N2uqError) || error.code !== "N2UQ_WEIGHTS_CORRUPT")
      throw error;
    const { file, reason } = error.details;
    throw weightsLost(session, resolved, String(file), `the file is damaged: ${reason}`, error);
  }
}

function weightsLost(
  session: Session,
  resolved: ResolvedExperiment,
  file: string,
  reason: string,
  cause: unknown,
): N2uqError {
  const command = freshCommand(session, resolved);
  return new N2uqError("N2UQ_RUN_WEIGHTS_LOST", { name: resolved.name, file, reason, command }, { cause });
}

/**
 * Returns a path unchanged; resolves `torchvision:resnet18` to a file in the models folder. @throws as
 * `weightsFile`
 */
export async function placedFile(models: string, weights: string): Promise<string> {
  if (isSourceName(weights)) return findPlaced(models, weights);
  const file = userPath(weights);
  await access(file).catch((cause) => {
    throw new N2uqError("N2UQ_WEIGHTS_MISSING", { weights, file }, { cause });
  });
  return file;
}

/**
 * The tensors of a file that must contain exactly the network's tensors. @throws N2uqError
 * N2UQ_WEIGHTS_MISMATCH with the matched, missing and unused tensors; N2UQ_WEIGHTS_*
 */
export async function readFitting(
  graph: TrainingGraph,
  file: string,
): Promise<ReadonlyMap<string, HostTensor>> {
  const weights = await openWeights(file);
  try {
    // Names and shapes are checked before values are read: a file that does not fit may be of any size.
    const match = matchTensors(graph, weights.tensors, "all");
    if (isComplete(match)) return await loadTensors(weights.tensors);
    const { missing, otherShape, leftOver } = match;
    const isCheckpoint = leftOver.length > 0 && leftOver.every((name) => name.startsWith("optimizer."));
    const isOther = missing.length + otherShape.length > 0 || !isCheckpoint;
    const details = { file, summary: describeMatch(match) };
    throw new N2uqError("N2UQ_WEIGHTS_MISMATCH", details, isOther ? {} : { hint: CHECKPOINT });
  } finally {
    await weights.close();
  }
}

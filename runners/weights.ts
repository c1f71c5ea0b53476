import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { N2uqError } from "../src/errors.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { experimentHash } from "../src/resolve/hash.js";
import type { ResolvedExperiment, ResolvedInit, ResolvedTeacher } from "../src/resolve/types.js";
import { describeMatch, isWhole, matchTensors } from "../src/train/match.js";
import { RunDirectory } from "../src/train/runDirectory.js";
import { readWeights } from "../src/weights/open.js";
import { findPlaced } from "../src/weights/placed.js";
import { isSourceName } from "../src/weights/sources.js";
import type { HostTensor } from "../src/weights/types.js";
import type { Session } from "./session.js";

/** The run directory of an experiment. */
export function directoryOf(
  { directories }: { readonly directories: Pick<Session["directories"], "directory"> },
  resolved: ResolvedExperiment,
): RunDirectory {
  return new RunDirectory(directories.directory(resolved.name, experimentHash(resolved)));
}

/**
 * The file with the weights of a teacher or start: an experiment's best ones, a path, or a named source's file in the
 * project's models folder.
 * @throws N2uqError N2UQ_WEIGHTS_MISSING, which says what to put where; N2UQ_WEIGHTS_CHECKSUM
 */
export async function weightsFile(
  session: Session,
  reference: ResolvedTeacher | ResolvedInit,
): Promise<string> {
  if ("experiment" in reference) return directoryOf(session, reference.experiment).best;
  return placedFile(session.models, reference.weights);
}

/** A path as it is; `torchvision:resnet18` as a file in the models folder. @throws as `weightsFile` */
export async function placedFile(models: string, weights: string): Promise<string> {
  if (isSourceName(weights)) return findPlaced(models, weights);
  const file = resolve(weights);
  await access(file).catch((cause) => {
    throw new N2uqError("N2UQ_WEIGHTS_MISSING", { weights, file }, { cause });
  });
  return file;
}

/**
 * The tensors of a file that must hold the whole network and nothing else.
 * @throws N2uqError N2UQ_WEIGHTS_MISMATCH, with what matched, is missing and is left over; N2UQ_WEIGHTS_*
 */
export async function readFitting(
  graph: TrainingGraph,
  file: string,
): Promise<ReadonlyMap<string, HostTensor>> {
  const tensors = await readWeights(file);
  const match = matchTensors(graph, tensors, "whole");
  if (isWhole(match)) return tensors;
  throw new N2uqError("N2UQ_WEIGHTS_MISMATCH", { file, summary: describeMatch(match) });
}

import { existsSync } from "node:fs";
import { N2uqError } from "../src/errors.js";
import { experimentHash } from "../src/resolve/hash.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import { readIdentity } from "../src/runs/identity.js";
import type { RunDirectory } from "../src/runs/runDirectory.js";
import { type ExpectedCheckpoint, readCheckpoint, restore } from "../src/train/checkpoint.js";
import { momentsOf } from "../src/train/optimizers/optimizers.js";
import type { Progress, RunLength } from "../src/train/progress.js";
import type { TrainState } from "../src/train/step.js";
import { freshCommand, shellPath } from "./again.js";
import type { Session } from "./session.js";

/**
 * Restores a state from the run's last checkpoint. Does not silently use the previous checkpoint if the last
 * one is damaged: the error says whether the previous one is intact, and how to resume from it. @throws
 * N2uqError N2UQ_CHECKPOINT_DAMAGED, N2UQ_CHECKPOINT_FOREIGN
 */
export async function resume(
  session: Session,
  resolved: ResolvedExperiment,
  directory: RunDirectory,
  state: TrainState,
  length: RunLength,
): Promise<Progress> {
  const kept = momentsOf(resolved.training.optimizer);
  const formerly = readIdentity(directory.path)?.formerly ?? [];
  const hashes = [experimentHash(resolved), ...formerly];
  const expected = { ...length, hashes, graph: state.graph, moments: kept };
  try {
    const checkpoint = await readCheckpoint(directory.last, expected);
    restore(state, checkpoint, kept);
    return checkpoint.progress;
  } catch (error) {
    if (!(error instanceof N2uqError) || error.code !== "N2UQ_CHECKPOINT_DAMAGED") throw error;
    const fresh = `\`${freshCommand(session, resolved)}\``;
    const hint = `${await previousWords(directory, expected)} start over with ${fresh}.`;
    throw new N2uqError(error.code, { ...error.details }, { hint, cause: error });
  }
}

/** The first part of the hint: describes the previous checkpoint and how to resume from it. */
async function previousWords(directory: RunDirectory, expected: ExpectedCheckpoint): Promise<string> {
  const { previous, last } = directory;
  if (!existsSync(previous)) return "There is no previous checkpoint:";
  try {
    const { progress } = await readCheckpoint(previous, expected);
    const move = `\`mv ${shellPath(previous)} ${shellPath(last)}\``;
    return `The previous checkpoint is intact, of step ${progress.step} of ${expected.totalSteps}: to resume from it, ${move} and run the same command again. Or`;
  } catch (error) {
    if (!(error instanceof N2uqError)) throw error;
    return `The previous checkpoint can't be resumed from either (${error.message}):`;
  }
}

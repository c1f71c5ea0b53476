/**
 * Keys that do not change results: experiments that differ only in these keys have the same hash. The hash,
 * comparisons and tests use this list.
 *
 * - `name` and `data.name` are labels; data and weights are identified by their content
 *   (`ResolvedExperiment.content`);
 * - options for reading images, checkpoint intervals and limits for a diverging loss change no training step;
 * - `devices`, `nodes` and `training.syncBatchNorm` are hashed by their effect: the number of parts of a
 *   batch, where each part has its own BatchNorm statistics;
 * - `init.strict` accepts or rejects initial weights, but does not change them.
 */
export const DECIDES_NO_RESULT = [
  "name",
  "data.root",
  "data.name",
  "data.splits",
  "data.shards",
  "data.maxUnreadable",
  "data.decodeThreads",
  "init.strict",
  "training.checkpoint",
  "training.stopOnNaN",
  "training.maxLoss",
  "training.syncBatchNorm",
  "devices",
  "nodes",
] as const;

/** Whether a key or one of its parent sections is in the list. */
export function decidesNoResult(path: readonly (string | number)[]): boolean {
  const key = path.join(".");
  return DECIDES_NO_RESULT.some((known) => key === known || key.startsWith(`${known}.`));
}

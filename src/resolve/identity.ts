/**
 * The keys that decide no result: two experiments that differ in nothing else are one experiment. The only list of them; what a
 * hash covers (hash.ts), what a comparison leaves out and what the tests expect follow from it.
 *
 * - `name` is a label, `data.name` too; where data and weights lie is told apart by their content (`ResolvedExperiment.content`);
 * - how data is read, how often checkpoints are written, and when a run is given up as diverged, change no step;
 * - `devices`, `nodes` and `training.syncBatchNorm` count by what they come to: how many parts BatchNorm sees of a batch;
 * - `init.strict` refuses initial weights or does not; it changes none.
 */
const DECIDES_NO_RESULT = [
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

/** Whether a key, or the section that it lies in, is in the list. */
export function decidesNoResult(path: readonly (string | number)[]): boolean {
  const key = path.join(".");
  return DECIDES_NO_RESULT.some((known) => key === known || key.startsWith(`${known}.`));
}

import { createHash } from "node:crypto";
import { rankCount } from "./ranks.js";
import type { ResolvedExperiment } from "./types.js";

const known = new WeakMap<ResolvedExperiment, string>();

/**
 * sha256 of what decides the result: everything but the name, where data lies and how it is read, and how often checkpoints are
 * written. The number of ranks decides it only where each has BatchNorm's statistics of its own part.
 * A teacher or start that is an experiment counts by its own hash.
 */
export function experimentHash(experiment: ResolvedExperiment): string {
  const before = known.get(experiment);
  if (before !== undefined) return before;
  const {
    name: _name,
    data,
    training,
    teacher,
    init,
    devices: _devices,
    nodes: _nodes,
    ...rest
  } = experiment;
  const { root: _root, maxUnreadable: _most, decodeThreads: _threads, ...dataHashed } = data;
  const { checkpoint: _checkpoint, syncBatchNorm, precision, ...trainingHashed } = training;
  const batchNormParts = syncBatchNorm ? 1 : rankCount(experiment);
  const identity = {
    ...rest,
    ...(batchNormParts > 1 && { batchNormParts }),
    data: dataHashed,
    training: { ...trainingHashed, ...(precision !== "float32" && { precision }) },
    teacher: teacher !== null && "hash" in teacher ? { hash: teacher.hash } : teacher,
    init: init !== null && "hash" in init ? { hash: init.hash, strict: init.strict } : init,
  };
  const hash = createHash("sha256").update(canonical(identity)).digest("hex");
  if (Object.isFrozen(experiment)) known.set(experiment, hash);
  return hash;
}

/** JSON with sorted keys: two objects with the same content have the same text. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const parts = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
  return `{${parts.join(",")}}`;
}

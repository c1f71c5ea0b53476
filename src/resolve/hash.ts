import { createHash } from "node:crypto";
import type { ResolvedExperiment } from "./types.js";

/**
 * sha256 of what decides the result: everything but the name, where data lies, and how often checkpoints are written.
 * A teacher or start that is an experiment counts by its own hash.
 */
export function experimentHash(experiment: ResolvedExperiment): string {
  const { name: _name, data, training, teacher, init, ...rest } = experiment;
  const { root: _root, ...dataHashed } = data;
  const { checkpoint: _checkpoint, ...trainingHashed } = training;
  const identity = {
    ...rest,
    data: dataHashed,
    training: trainingHashed,
    teacher: teacher !== null && "hash" in teacher ? { hash: teacher.hash } : teacher,
    init: init !== null && "hash" in init ? { hash: init.hash, strict: init.strict } : init,
  };
  return createHash("sha256").update(canonical(identity)).digest("hex");
}

/** JSON with sorted keys: two objects with the same content have the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}

import type { ResolvedExperiment } from "../src/resolve/types.js";

/**
 * The experiments that this one refers to (teacher, initial weights), each once, in the order in which they
 * must run.
 */
export function prerequisites(resolved: ResolvedExperiment): ResolvedExperiment[] {
  const found = new Map<string, ResolvedExperiment>();
  const visit = ({ teacher, init }: ResolvedExperiment): void => {
    for (const reference of [teacher, init]) {
      if (reference === null || !("experiment" in reference)) continue;
      visit(reference.experiment);
      if (!found.has(reference.hash)) found.set(reference.hash, reference.experiment);
    }
  };
  visit(resolved);
  return [...found.values()];
}

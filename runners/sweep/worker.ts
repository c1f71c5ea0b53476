import { basename, dirname, join, resolve } from "node:path";
import { N2uqError } from "../../src/errors.js";
import type { ResolvedExperiment } from "../../src/resolve/types.js";
import type { RunRecord } from "../../src/runs/record.js";
import { resolveFile } from "../resolve.js";
import { createSession, type Session } from "../session.js";
import { trainAlone } from "../train.js";

export type WorkerOptions = Pick<Session, "models" | "signal" | "emit">;

/**
 * Runs the cell that was queued in a run directory, from the files in it only. @throws N2uqError
 * N2UQ_SWEEP_CELL_CHANGED if it no longer resolves to the hash in the directory's name; as training
 */
export async function runCell(directory: string, options: WorkerOptions): Promise<RunRecord> {
  const own = resolve(directory);
  const resolved = await resolvedIn(own);
  return trainAlone(createSession({ runs: dirname(own), ...options }), resolved);
}

/** Reads the experiment of a run directory. @throws N2uqError N2UQ_SWEEP_CELL_CHANGED */
export async function resolvedIn(directory: string): Promise<ResolvedExperiment> {
  const { resolved, hash } = await resolveFile(join(directory, "resolved.yaml"), {});
  const wanted = basename(directory).slice(-8);
  if (hash.startsWith(wanted)) return resolved;
  throw new N2uqError("N2UQ_SWEEP_CELL_CHANGED", { directory, wanted, found: hash.slice(0, 8) });
}

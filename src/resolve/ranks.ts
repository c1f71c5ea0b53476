import { N2uqError } from "../errors.js";
import type { ResolvedExperiment } from "./types.js";

type Placed = Pick<ResolvedExperiment, "devices" | "nodes">;

/** Number of processes that train together. */
export function rankCount({ devices, nodes }: Placed): number {
  return devices * nodes;
}

/** Number of images of a batch per process. */
export function rankBatch(resolved: Placed & { readonly training: { readonly batchSize: number } }): number {
  return Math.ceil(resolved.training.batchSize / rankCount(resolved));
}

/**
 * The error for a batch that can't be split into equal parts of at least two images (BatchNorm's minimum),
 * one per rank.
 */
export function shareFault(placed: Placed, batchSize: number): N2uqError | null {
  const ranks = rankCount(placed);
  if (ranks === 1 || (batchSize % ranks === 0 && batchSize >= 2 * ranks)) return null;
  const path = [placed.devices > 1 ? "devices" : "nodes"];
  return new N2uqError("N2UQ_RANKS_BATCH", { batchSize, ranks: ranksWords(placed), path });
}

/** The ranks as a text: `4 devices`, or `4 devices (2 nodes × 2)`. */
export function ranksWords({ devices, nodes }: Placed): string {
  return nodes === 1 ? `${devices} devices` : `${devices * nodes} devices (${nodes} nodes × ${devices})`;
}

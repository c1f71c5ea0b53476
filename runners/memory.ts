import { totalmem } from "node:os";
import type { LoadedEngine } from "../src/engines/types.js";
import { N2uqError } from "../src/errors.js";
import { leastBytes } from "../src/graph/size.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { formatBytes } from "../src/report/units.js";

/** WebAssembly's address space. */
const WASM_BYTES = 2 ** 32;

/**
 * Rejects a run that cannot fit in memory, before the run allocates memory. Does not check a GPU's memory:
 * the GPU's library reports an error itself.
 * @param batchSize images per rank @throws N2uqError N2UQ_RUN_TOO_LARGE
 */
export function checkMemory(graph: TrainingGraph, batchSize: number, engine: LoadedEngine): void {
  if (engine.capabilities.gpu) return;
  const { weights, batch } = leastBytes(graph, batchSize);
  const isWasm = engine.name === "wasm";
  const memory = isWasm ? Math.min(WASM_BYTES, totalmem()) : totalmem();
  if (weights + batch <= memory) return;
  throw new N2uqError("N2UQ_RUN_TOO_LARGE", {
    needed: formatBytes(weights + batch),
    weights: formatBytes(weights),
    batch: formatBytes(batch),
    batchSize,
    where: isWasm && totalmem() > WASM_BYTES ? "the wasm engine" : "this machine",
    memory: formatBytes(memory),
    path: ["training", "batchSize"],
  });
}

import { totalmem } from "node:os";
import type { LoadedEngine } from "../src/engines/types.js";
import { N2uqError } from "../src/errors.js";
import { leastBytes } from "../src/graph/size.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { formatBytes } from "../src/report/units.js";

/** What WebAssembly can address. */
const WASM_BYTES = 2 ** 32;

/**
 * Refuses a run that can't fit, before it takes any memory. A GPU's memory is for its library to judge.
 * @param batchSize images of one process
 * @throws N2uqError N2UQ_RUN_TOO_LARGE
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

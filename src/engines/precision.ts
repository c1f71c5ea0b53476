import type { MatmulPrecision } from "./types.js";

/**
 * What a run says at its start about the precision of its matmuls and convolutions; null if it is that of every
 * other program on this device. PyTorch computes convolutions in TF32 on a GPU by default. Here the
 * precision is part of the recipe, which is the same on a CPU, so it does not depend on the device.
 */
export function precisionText(precision: MatmulPrecision, gpu: boolean): string | null {
  if (precision !== "float32") return `${precision} products`;
  return gpu ? "float32 products (PyTorch's default on a GPU: `training.precision: tf32`, faster)" : null;
}

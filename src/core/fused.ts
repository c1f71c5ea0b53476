import type { Tensor } from "@tensorflow/tfjs-core";
import { engine, getBackend, getKernel } from "@tensorflow/tfjs-core";

/**
 * Runs a kernel that only some engines have, made of several of tfjs's operations; null on the others, where the caller does
 * the same with these.
 */
export function fused(
  name: string,
  inputs: Readonly<Record<string, Tensor>>,
  attrs: Readonly<Record<string, number>> = {},
): Tensor[] | null {
  if (getKernel(name, getBackend()) === undefined) return null;
  const outputs = engine().runKernel(name, inputs, { ...attrs }) as Tensor | Tensor[];
  return Array.isArray(outputs) ? outputs : [outputs];
}

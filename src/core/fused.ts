import type { Tensor } from "@tensorflow/tfjs-core";
import { engine, getBackend, getKernel, round } from "@tensorflow/tfjs-core";

/**
 * Runs a kernel that only some engines have, made of several of tfjs's operations; null on the others, where the caller does
 * the same with these.
 */
export function fused(
  name: string,
  inputs: Readonly<Record<string, Tensor>>,
  attrs: Readonly<Record<string, number | boolean>> = {},
): Tensor[] | null {
  if (getKernel(name, getBackend()) === undefined) return null;
  const outputs = engine().runKernel(name, inputs, { ...attrs }) as Tensor | Tensor[];
  return Array.isArray(outputs) ? outputs : [outputs];
}

/** `round` of numbers that are no larger than a million, which an engine may do in fewer passes. */
export function roundSmall(x: Tensor): Tensor {
  return fused("RoundSmall", { x })?.[0] ?? round(x);
}

import type { Tensor } from "@tensorflow/tfjs-core";
import { fused } from "./fused.js";

/** A uniform quantizer: with v = x/d, y = round(clip(v, low, high)·k)·d/k, and whether low and high themselves are inside. */
export interface UniformRange {
  readonly low: number;
  readonly high: number;
  readonly k: number;
  readonly closed: boolean;
}

/** y by the engine's own kernel; null where it has none. */
export function uniformForward(x: Tensor, divisor: Tensor, range: UniformRange): Tensor | null {
  return fused("UniformQuantize", { x, divisor }, { ...range })?.[0] ?? null;
}

/**
 * dx = dy inside, and the sums `[3]` Σdy·(round(clip(v)·k)/k - v inside), Σdy where v ≥ high, Σdy·round(clip(v)·k)/k by the
 * engine's own kernel; null where it has none.
 */
export function uniformBackward(
  dy: Tensor,
  x: Tensor,
  divisor: Tensor,
  range: UniformRange,
): [dx: Tensor, sums: Tensor] | null {
  return fused("UniformQuantizeGradient", { dy, x, divisor }, { ...range }) as [Tensor, Tensor] | null;
}

import type { TensorInfo } from "@tensorflow/tfjs-core";

/** Values that are integers times a unit: 0 to `most`, or -`most` to `most` if they are `signed`. */
export interface Codes {
  /** One unit, or one per channel of the last axis; float32. */
  readonly units: ArrayLike<number>;
  readonly most: number;
  readonly signed: boolean;
}

/** By the memory of the values, which tfjs never writes again. Reshaped tensors share it. */
const known = new WeakMap<object, Codes>();

/** Remembers that a quantizer's output has codes. Units that cannot be divided by are ignored. */
export function rememberCodes({ dataId }: TensorInfo, codes: Codes): void {
  const isUsable = (unit: number) => Math.abs(unit) > 1e-30 && Math.abs(unit) < 1e30;
  // A channel of zeros has the unit 0.
  if (codes.most > 0 && codes.most <= 255 && Array.from(codes.units).every((n) => n === 0 || isUsable(n)))
    known.set(dataId, codes);
}

export function codesOf({ dataId }: TensorInfo): Codes | undefined {
  return known.get(dataId);
}

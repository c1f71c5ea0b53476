import type { ResolvedArchitecture, ResolvedQuantization } from "../../src/resolve/types.js";

type Family = ResolvedArchitecture["family"];

/** A resolved ImageNet architecture, for tests that start below the resolver. */
export function architecture<Name extends Family>(
  family: Name,
  rest: Partial<Extract<ResolvedArchitecture, { family: Name }>>,
): ResolvedArchitecture {
  const mobile = family === "mobilenet-v2";
  return {
    family,
    layout: "n2uq",
    classes: 1000,
    inputSize: [224, 224],
    inputChannels: 3,
    stem: mobile
      ? { kernel: 3, stride: 2, channels: 32, pool: false }
      : { kernel: 7, stride: 2, channels: 64, pool: true },
    width: 1,
    ...rest,
  } as unknown as ResolvedArchitecture;
}

/** A resolved quantization; n2uq W2A2 by default. */
export function quantization(rest: Partial<ResolvedQuantization> = {}): ResolvedQuantization {
  return {
    method: "n2uq",
    bits: { weights: 2, activations: 2 },
    downsample: true,
    regularizer: { kind: "entropy", weight: 1 },
    keep: null,
    layers: [],
    ...rest,
  };
}

export const bits = (n: number) => ({ weights: n, activations: n });

import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Translate, Translations } from "../kernel.js";

/** Three parameters of RPReLU and four of N2UQ's quantizer; either group may be absent. */
const partsOf: Translate = (_attrs, { bias1, start }: Readonly<Record<string, TensorInfo>>) => ({
  rectifies: bias1 !== undefined,
  quantizes: start !== undefined,
});

/** Kernels whose attributes say which inputs are present. */
export const fused: Translations = {
  ActivationChain: partsOf,
  ActivationChainGradient: partsOf,
  FusedBatchNorm: ({ varianceEpsilon }: { varianceEpsilon: number }, { scale, offset }) => ({
    varianceEpsilon,
    scaled: scale !== undefined,
    shifted: offset !== undefined,
  }),
};

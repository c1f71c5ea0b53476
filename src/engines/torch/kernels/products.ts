import type { KernelConfig } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import { kernel } from "../kernel.js";
import { finish } from "./convolution.js";

interface Transposed {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

const transposed = ({ transposeA = false, transposeB = false }: Transposed) => ({ transposeA, transposeB });

export const products: readonly KernelConfig[] = [
  kernel<Transposed>("BatchMatMul", ["a", "b"], transposed),
  kernel<Transposed & { activation: string; leakyreluAlpha?: number }>(
    "_FusedMatMul",
    ["a", "b", "bias", "preluActivationWeights"],
    (attrs, { bias }) => ({ ...transposed(attrs), ...finish(attrs, bias) }),
  ),
  kernel<{ equation: string }>("Einsum", undefined, ({ equation }, inputs) => {
    const given = Object.values(inputs);
    // For what it throws.
    const { allDims, idDims } = backend_util.decodeEinsumEquation(equation, given.length);
    backend_util.checkEinsumDimSizes(allDims.length, idDims, given as never);
    return { equation };
  }),
];

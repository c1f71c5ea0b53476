import type { KernelConfig } from "@tensorflow/tfjs-core";
import { getKernel, registerKernel, unregisterKernel } from "@tensorflow/tfjs-core";
import { adam } from "./adam.js";
import { batchMatMul } from "./batchMatMul.js";
import { keepOriginal } from "./calls.js";
import { conv2d } from "./conv2d.js";
import { conv2dBackpropFilter } from "./conv2dBackpropFilter.js";
import { conv2dBackpropInput } from "./conv2dBackpropInput.js";
import { depthwiseBackpropFilter } from "./depthwiseBackpropFilter.js";
import { depthwiseBackpropInput } from "./depthwiseBackpropInput.js";
import { maximum, minimum } from "./extremum.js";
import { fusedBatchNorm } from "./fusedBatchNorm.js";
import { gather } from "./gather.js";
import { identity } from "./identity.js";
import { maxPoolGrad } from "./maxPoolGrad.js";
import { sum } from "./sum.js";

/** The kernels that tfjs's wasm backend lacks or has only in a slow version, and fused ones that tfjs does not know. */
export const trainingKernels: readonly KernelConfig[] = [
  adam,
  batchMatMul,
  conv2d,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  fusedBatchNorm,
  gather,
  identity,
  maximum,
  maxPoolGrad,
  minimum,
  sum,
];

/** Enters them in tfjs's registry, in place of its own; the second call changes nothing. */
export function registerTrainingKernels(): void {
  for (const kernel of trainingKernels) {
    const { kernelName } = kernel;
    const registered = getKernel(kernelName, "wasm");
    if (registered === kernel) continue;
    if (registered !== undefined) {
      keepOriginal(kernelName, registered.kernelFunc);
      unregisterKernel(kernelName, "wasm");
    }
    registerKernel(kernel);
  }
}

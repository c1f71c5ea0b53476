import type { KernelConfig } from "@tensorflow/tfjs-core";
import { getKernel, registerKernel, unregisterKernel } from "@tensorflow/tfjs-core";
import { conv2dBackpropFilter } from "./conv2dBackpropFilter.js";
import { conv2dBackpropInput } from "./conv2dBackpropInput.js";
import { depthwiseBackpropFilter } from "./depthwiseBackpropFilter.js";
import { depthwiseBackpropInput } from "./depthwiseBackpropInput.js";

/** The kernels that tfjs's wasm backend lacks, or has only in a slow version. */
export const trainingKernels: readonly KernelConfig[] = [
  conv2dBackpropFilter,
  conv2dBackpropInput,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
];

/** Enters them in tfjs's registry, in place of its own; the second call changes nothing. */
export function registerTrainingKernels(): void {
  for (const kernel of trainingKernels) {
    const registered = getKernel(kernel.kernelName, "wasm");
    if (registered === kernel) continue;
    if (registered !== undefined) unregisterKernel(kernel.kernelName, "wasm");
    registerKernel(kernel);
  }
}

import type { KernelConfig } from "@tensorflow/tfjs-core";
import { getKernel, registerKernel, unregisterKernel } from "@tensorflow/tfjs-core";

type KernelFunction = KernelConfig["kernelFunc"];

const originals = new Map<string, KernelFunction>();

/** Enters an engine's kernels in tfjs's registry, in place of its own; the second call changes nothing. */
export function registerKernels(kernels: readonly KernelConfig[]): void {
  for (const kernel of kernels) {
    const { kernelName, backendName } = kernel;
    const registered = getKernel(kernelName, backendName);
    if (registered === kernel) continue;
    if (registered !== undefined) {
      originals.set(`${backendName}/${kernelName}`, registered.kernelFunc);
      unregisterKernel(kernelName, backendName);
    }
    registerKernel(kernel);
  }
}

/** tfjs's own kernel that one of ours took the place of: for the cases that ours hands back to it, and to compare with. */
export function originalKernel(kernelName: string, backendName: string): KernelFunction | undefined {
  return originals.get(`${backendName}/${kernelName}`);
}

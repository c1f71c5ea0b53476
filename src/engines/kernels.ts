import { getKernel, type KernelConfig, registerKernel, unregisterKernel } from "@tensorflow/tfjs-core";

type KernelFunction = KernelConfig["kernelFunc"];

/** The attributes of a kernel that reduces axes. */
export interface Reduction {
  /** Null: all axes. */
  readonly axis?: number | number[] | null;
  /** tfjs's name of the axes in a maximum. */
  readonly reductionIndices?: number | number[] | null;
  readonly keepDims?: boolean;
}

const originals = new Map<string, KernelFunction>();

/** Registers an engine's kernels in tfjs, replacing existing ones. Idempotent. */
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

/**
 * The tfjs kernel that a kernel of n2uq replaced, for unsupported cases and for comparison; undefined if
 * there was none.
 */
export function originalKernel(kernelName: string, backendName: string): KernelFunction | undefined {
  return originals.get(`${backendName}/${kernelName}`);
}

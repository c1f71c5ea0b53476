import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import * as tfjs from "@tensorflow/tfjs-core";
import { N2uqError } from "../../errors.js";
import { BACKEND, type TorchBackend } from "./backend.js";
import type { Binding } from "./binding.js";
import { kernel } from "./kernel.js";
import { translations } from "./translations.js";

/** Returns another tensor that shares the data, so code that writes to an input must check `refCount`. */
const identity: KernelConfig = {
  kernelName: tfjs.Identity,
  backendName: BACKEND,
  kernelFunc: ({ inputs, backend }) => {
    const { x } = inputs as { x: TensorInfo };
    (backend as TorchBackend).incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  },
};

/**
 * The kernels that the backend registers: all kernels of the addon, and for every other tfjs kernel one that
 * throws an error.
 */
export function torchKernels(binding: Pick<Binding, "kernels">): KernelConfig[] {
  const there = [...binding.kernels().map((listed) => kernel(listed, translations[listed.name])), identity];
  const names = new Set(there.map(({ kernelName }) => kernelName));
  return [...there, ...kernelsOfTfjs.filter((name) => !names.has(name)).map(missing)];
}

/** tfjs exports each kernel's name as a constant of the same name. */
const kernelsOfTfjs = Object.entries(tfjs).flatMap(([key, value]) => (key === value ? [key] : []));

function missing(kernelName: string): KernelConfig {
  const kernelFunc = () => {
    throw new N2uqError("N2UQ_ENGINE_KERNEL", { engine: BACKEND, kernel: kernelName });
  };
  return { kernelName, backendName: BACKEND, kernelFunc };
}

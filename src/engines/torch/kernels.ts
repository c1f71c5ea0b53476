import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import * as tfjs from "@tensorflow/tfjs-core";
import { N2uqError } from "../../errors.js";
import { BACKEND, type TorchBackend } from "./backend.js";
import type { Binding } from "./binding.js";
import { kernel, type Translations } from "./kernel.js";
import { convolution } from "./kernels/convolution.js";
import { fused } from "./kernels/fused.js";
import { lookup } from "./kernels/lookup.js";
import { pooling } from "./kernels/pooling.js";
import { reductions } from "./kernels/reductions.js";
import { shapes } from "./kernels/shapes.js";

/** Kernels of the addon whose attributes differ from tfjs's. */
export const translations: Translations = {
  ...convolution,
  ...fused,
  ...lookup,
  ...pooling,
  ...reductions,
  ...shapes,
};

/** Another tensor that shares the data: code that writes to an input must check `refCount`. */
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
 * The kernels that the backend registers: all kernels of the addon, and an error for each other tfjs kernel.
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

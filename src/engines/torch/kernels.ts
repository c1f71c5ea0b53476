import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import * as tfjs from "@tensorflow/tfjs-core";
import { N2uqError } from "../../errors.js";
import type { TorchBackend } from "./backend.js";
import { BACKEND } from "./backend.js";
import type { Binding } from "./binding.js";
import type { Translations } from "./kernel.js";
import { kernel } from "./kernel.js";
import { convolution } from "./kernels/convolution.js";
import { fused } from "./kernels/fused.js";
import { lookup } from "./kernels/lookup.js";
import { pooling } from "./kernels/pooling.js";
import { reductions } from "./kernels/reductions.js";
import { shapes } from "./kernels/shapes.js";

/** The kernels of the addon whose attributes are not tfjs's. */
export const translations: Translations = {
  ...convolution,
  ...fused,
  ...lookup,
  ...pooling,
  ...reductions,
  ...shapes,
};

/** The same data for one more tensor: who writes to an input must ask `refCount` too. */
const identity: KernelConfig = {
  kernelName: tfjs.Identity,
  backendName: BACKEND,
  kernelFunc: ({ inputs, backend }) => {
    const { x } = inputs as { x: TensorInfo };
    (backend as TorchBackend).incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  },
};

/** What the backend registers: every kernel of the addon, and an error in the place of each other kernel of tfjs. */
export function torchKernels(binding: Pick<Binding, "kernels">): KernelConfig[] {
  const there = [...binding.kernels().map((listed) => kernel(listed, translations[listed.name])), identity];
  const names = new Set(there.map(({ kernelName }) => kernelName));
  return [...there, ...kernelsOfTfjs.filter((name) => !names.has(name)).map(missing)];
}

/** tfjs exports the name of each of its kernels under that name. */
const kernelsOfTfjs = Object.entries(tfjs).flatMap(([key, value]) => (key === value ? [key] : []));

function missing(kernelName: string): KernelConfig {
  const kernelFunc = () => {
    throw new N2uqError("N2UQ_ENGINE_KERNEL", { engine: BACKEND, kernel: kernelName });
  };
  return { kernelName, backendName: BACKEND, kernelFunc };
}

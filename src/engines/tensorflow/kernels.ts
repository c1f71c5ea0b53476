import type { KernelConfig } from "@tensorflow/tfjs-core";
import { activations } from "./kernels/activations.js";
import { adam } from "./kernels/adam.js";
import { batchNorm } from "./kernels/batchNorm.js";
import { convolution } from "./kernels/convolution.js";
import { elementwise } from "./kernels/elementwise.js";
import { lookup } from "./kernels/lookup.js";
import { pooling } from "./kernels/pooling.js";
import { reductions } from "./kernels/reductions.js";
import { shapes } from "./kernels/shapes.js";
import { sums } from "./kernels/sums.js";
import { thresholdCurve } from "./kernels/thresholdCurve.js";

/** Every kernel of the backend: the tfjs kernels that graphs of n2uq run, and custom fused kernels. */
export const tensorflowKernels: readonly KernelConfig[] = [
  ...activations,
  ...adam,
  ...batchNorm,
  ...convolution,
  ...elementwise,
  ...lookup,
  ...pooling,
  ...reductions,
  ...shapes,
  ...thresholdCurve,
  ...sums,
];

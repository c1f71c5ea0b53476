import type { KernelConfig } from "@tensorflow/tfjs-core";
import { convolution } from "./kernels/convolution.js";
import { elementwise } from "./kernels/elementwise.js";
import { fused } from "./kernels/fused.js";
import { lookup } from "./kernels/lookup.js";
import { ranks } from "./kernels/ranks.js";
import { reductions } from "./kernels/reductions.js";
import { shapes } from "./kernels/shapes.js";

/** Every kernel of the backend: tfjs's that our graphs run, and fused ones that tfjs does not know. */
export const torchKernels: readonly KernelConfig[] = [
  ...convolution,
  ...elementwise,
  ...fused,
  ...lookup,
  ...ranks,
  ...reductions,
  ...shapes,
];

import type { KernelConfig } from "@tensorflow/tfjs-core";
import { adam } from "./adam.js";
import { batchMatMul } from "./batchMatMul.js";
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
import { sums } from "./sums.js";

/** Kernels that tfjs's wasm backend lacks or has only in a slow version, and custom fused kernels. */
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
  ...sums,
];

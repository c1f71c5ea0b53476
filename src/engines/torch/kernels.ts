import type { KernelConfig } from "@tensorflow/tfjs-core";
import { convolution } from "./kernels/convolution.js";
import { elementwise } from "./kernels/elementwise.js";
import { fused } from "./kernels/fused.js";
import { images } from "./kernels/images.js";
import { lookup } from "./kernels/lookup.js";
import { pooling } from "./kernels/pooling.js";
import { products } from "./kernels/products.js";
import { ranks } from "./kernels/ranks.js";
import { reductions } from "./kernels/reductions.js";
import { scatter } from "./kernels/scatter.js";
import { shapes } from "./kernels/shapes.js";
import { spaces } from "./kernels/spaces.js";
import { sums } from "./kernels/sums.js";

/** Every kernel of the backend: tfjs's, of which the last ones left out stand in docs/engines.md, and fused ones of our own. */
export const torchKernels: readonly KernelConfig[] = [
  ...convolution,
  ...elementwise,
  ...fused,
  ...images,
  ...lookup,
  ...pooling,
  ...products,
  ...ranks,
  ...reductions,
  ...scatter,
  ...shapes,
  ...spaces,
  ...sums,
];

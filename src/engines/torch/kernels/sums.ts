import type { KernelConfig } from "@tensorflow/tfjs-core";
import { kernel } from "../kernel.js";

/** Sums and means that are float32 whatever precision products have. */
export const sums: readonly KernelConfig[] = [
  kernel("SumToChannels", ["x"]),
  kernel<{ rows: number }>("SumAll", ["x"], ({ rows }) => ({ rows })),
  kernel("GlobalAveragePool", ["x"]),
  kernel<{ height: number; width: number }>("GlobalAveragePoolGradient", ["dy"], ({ height, width }) => ({
    height,
    width,
  })),
];

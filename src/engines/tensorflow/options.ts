import { type DeviceOptions, missingVariables, visibleDevices } from "../device.js";

/** The tensorflow options of a project's config (`engines.tensorflow`). */
export interface TensorFlowOptions extends DeviceOptions {
  /** Allocates GPU memory on demand instead of all of it at once; on by default. */
  readonly memoryGrowth?: boolean;
  /** Threads per operation; all cores by default. */
  readonly threads?: number;
}

/**
 * Environment variables that pass the options to libtensorflow; set before it is loaded. Existing variables
 * take precedence.
 */
export function environmentFor(
  options: TensorFlowOptions,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const { memoryGrowth = true, threads } = options;
  const variables = {
    CUDA_VISIBLE_DEVICES: visibleDevices(options),
    TF_FORCE_GPU_ALLOW_GROWTH: String(memoryGrowth),
    TF_NUM_INTRAOP_THREADS: threads === undefined ? undefined : String(threads),
    // Without this variable, glibc returns the memory of each tensor above 32 MB to the system and maps it
    // again page by page, which is a hundred times slower.
    TF_CPU_ALLOCATOR_USE_BFC: "true",
    TF_CPP_MIN_LOG_LEVEL: "2",
    // TF32 matmuls on a GPU would keep only 10 mantissa bits, also in sums, which n2uq computes as matmuls.
    NVIDIA_TF32_OVERRIDE: "0",
  };
  return missingVariables(variables, environment);
}

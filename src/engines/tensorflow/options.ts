import type { DeviceOptions } from "../device.js";
import { lacking, visibleDevices } from "../device.js";

/** What a project's config says of the tensorflow engine (`engines.tensorflow`). */
export interface TensorFlowOptions extends DeviceOptions {
  /** Takes GPU memory as it is needed instead of all of it at once; so by default. */
  readonly memoryGrowth?: boolean;
  /** Threads of one operation; all cores by default. */
  readonly threads?: number;
}

/**
 * The variables by which libtensorflow takes the options, to be set before it is loaded. One that the environment has already
 * stays.
 */
export function environmentFor(
  options: TensorFlowOptions,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const { memoryGrowth = true, threads } = options;
  const wanted = {
    CUDA_VISIBLE_DEVICES: visibleDevices(options),
    TF_FORCE_GPU_ALLOW_GROWTH: String(memoryGrowth),
    TF_NUM_INTRAOP_THREADS: threads === undefined ? undefined : String(threads),
    // glibc gives each tensor above 32 MB back to the system and fetches it anew, page by page: a hundred times slower.
    TF_CPU_ALLOCATOR_USE_BFC: "true",
    TF_CPP_MIN_LOG_LEVEL: "2",
    // A GPU's products in TF32 would keep 10 bits, of sums too, which TensorFlow's fastest kernels take as products.
    NVIDIA_TF32_OVERRIDE: "0",
  };
  return lacking(wanted, environment);
}

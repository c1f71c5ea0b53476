/** What a project's config says of the tensorflow engine (`engines.tensorflow`). */
export interface TensorFlowOptions {
  /** Where it computes: the first GPU if there is one (`auto`), `cpu`, `gpu`, or a GPU by its number, `gpu:1`. */
  readonly device?: string;
  /** Takes GPU memory as it is needed instead of all of it at once; so by default. */
  readonly memoryGrowth?: boolean;
  /** Threads of one operation; all cores by default. */
  readonly threads?: number;
}

export type DeviceChoice = "auto" | "cpu" | "gpu";

export function deviceChoice({ device = "auto" }: TensorFlowOptions): DeviceChoice {
  return device === "cpu" || device === "auto" ? device : "gpu";
}

/**
 * The variables by which libtensorflow takes the options, to be set before it is loaded. One that the environment has already
 * stays: what a cluster's scheduler says of GPUs counts more than a file.
 */
export function environmentFor(
  options: TensorFlowOptions,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const { device = "auto", memoryGrowth = true, threads } = options;
  const card = /^gpu:(\d+)$/.exec(device)?.[1];
  const wanted: Record<string, string | undefined> = {
    CUDA_VISIBLE_DEVICES: device === "cpu" ? "-1" : card,
    TF_FORCE_GPU_ALLOW_GROWTH: String(memoryGrowth),
    TF_NUM_INTRAOP_THREADS: threads === undefined ? undefined : String(threads),
    // glibc gives each tensor above 32 MB back to the system and fetches it anew, page by page: a hundred times slower.
    TF_CPU_ALLOCATOR_USE_BFC: "true",
    TF_CPP_MIN_LOG_LEVEL: "2",
  };
  const missing = Object.entries(wanted).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && environment[entry[0]] === undefined,
  );
  return Object.fromEntries(missing);
}

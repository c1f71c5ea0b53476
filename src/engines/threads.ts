import { availableParallelism } from "node:os";

/**
 * Threads per operation: `OMP_NUM_THREADS` if it is set, as everywhere in libtorch, else the config's value,
 * else one per core.
 */
export function threadsFor(
  { threads }: { readonly threads?: number },
  environment: NodeJS.ProcessEnv = process.env,
): number {
  const set = Number.parseInt(environment.OMP_NUM_THREADS ?? "", 10);
  return set > 0 ? set : (threads ?? availableParallelism());
}

/** `1 thread`, `2 threads` */
export function threadsText(threads: number): string {
  return `${threads} thread${threads === 1 ? "" : "s"}`;
}

import { availableParallelism } from "node:os";

/** What a project's config says of the torch engine (`engines.torch`). */
export interface TorchOptions {
  /** Threads of one operation; one a core by default. */
  readonly threads?: number;
}

/** Threads of one operation: `OMP_NUM_THREADS` where it is set, as everywhere in libtorch, then the config's, then one a core. */
export function threadsFor({ threads }: TorchOptions, environment: NodeJS.ProcessEnv = process.env): number {
  const set = Number.parseInt(environment.OMP_NUM_THREADS ?? "", 10);
  return set > 0 ? set : (threads ?? availableParallelism());
}

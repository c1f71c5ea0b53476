import { availableParallelism } from "node:os";
import type { DeviceOptions } from "../device.js";

/** What a project's config says of the torch engine (`engines.torch`). */
export interface TorchOptions extends DeviceOptions {
  /** Threads of one operation; one a core by default. */
  readonly threads?: number;
}

/** With the default: the CPU, until it has been run on a GPU. */
export function deviceOptions({ device = "cpu" }: TorchOptions): Required<DeviceOptions> {
  return { device };
}

/** Threads of one operation: `OMP_NUM_THREADS` where it is set, as everywhere in libtorch, then the config's, then one a core. */
export function threadsFor({ threads }: TorchOptions, environment: NodeJS.ProcessEnv = process.env): number {
  const set = Number.parseInt(environment.OMP_NUM_THREADS ?? "", 10);
  return set > 0 ? set : (threads ?? availableParallelism());
}

/**
 * Lets threads that wait for each other sleep after some microseconds. OpenMP's own choice is to spin for milliseconds where
 * there are as many cores as threads: where other work takes a core, every operation would wait for the scheduler. To be
 * called before libtorch is loaded; `OMP_WAIT_POLICY` and `GOMP_SPINCOUNT` count more where they are set.
 */
export function waitBriefly(environment: NodeJS.ProcessEnv = process.env): void {
  if (environment.OMP_WAIT_POLICY === undefined) environment.GOMP_SPINCOUNT ??= "1000";
}

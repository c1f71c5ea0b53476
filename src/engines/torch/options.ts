import type { DeviceOptions } from "../device.js";

/** The torch options of a project's config (`engines.torch`). */
export interface TorchOptions extends DeviceOptions {
  /** Threads per operation; one per core by default. */
  readonly threads?: number;
  /** Seconds that a rank waits for another one. */
  readonly rankTimeout?: number;
}

const RANK_TIMEOUT_S = 600;

/** Milliseconds after which a rank that does not answer counts as lost. */
export function rankTimeoutMs({ rankTimeout = RANK_TIMEOUT_S }: TorchOptions = {}): number {
  return 1000 * rankTimeout;
}

/** Fills in the default device: the CPU, until the engine has been tested on a GPU. */
export function deviceOptions({ device = "cpu" }: TorchOptions): Required<DeviceOptions> {
  return { device };
}

/**
 * Makes waiting OpenMP threads sleep after a few microseconds. By default they spin for milliseconds if there
 * are as many cores as threads; every operation would then wait for the scheduler if another process used a
 * core. Call before libtorch is loaded. `OMP_WAIT_POLICY` and `GOMP_SPINCOUNT` take precedence.
 */
export function waitBriefly(environment: NodeJS.ProcessEnv = process.env): void {
  if (environment.OMP_WAIT_POLICY === undefined) environment.GOMP_SPINCOUNT ??= "1000";
}

import { N2uqError } from "../errors.js";

/**
 * Stops the caller if a stop was requested. @throws N2uqError N2UQ_DATA_INTERRUPTED if the signal is aborted
 */
export function stopWhereAsked(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new N2uqError("N2UQ_DATA_INTERRUPTED");
}

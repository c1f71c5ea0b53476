import { N2uqError } from "../errors.js";
import type { Availability, EngineName } from "./types.js";

const reinstall = "Reinstall n2uq, or choose another engine with `--engine`.";

/** The result of `check` for a missing package or file. */
export function missing(reason: string, remedy = reinstall): Availability {
  return { available: false, reason, remedy };
}

/** The error for a requested engine that is not available on this machine. */
export function unavailable(
  name: EngineName,
  reason: string,
  remedy: string = reinstall,
  cause?: unknown,
): N2uqError {
  return new N2uqError("N2UQ_ENGINE_UNAVAILABLE", { name, reason }, { hint: remedy, cause });
}

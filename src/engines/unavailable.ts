import { N2uqError } from "../errors.js";
import type { Availability, EngineName } from "./types.js";

const reinstall = "Reinstall n2uq, or choose another engine with `--engine`.";

/** What `check` answers where a package or a file is missing. */
export function missing(reason: string, remedy = reinstall): Availability {
  return { available: false, reason, remedy };
}

/** The error of an engine that was asked for and cannot be had here. */
export function unavailable(
  name: EngineName,
  reason: string,
  remedy: string = reinstall,
  cause?: unknown,
): N2uqError {
  return new N2uqError("N2UQ_ENGINE_UNAVAILABLE", { name, reason }, { hint: remedy, cause });
}

import { N2uqError } from "../errors.js";
import { parsePath } from "../schema/paths.js";
import type { Path } from "../schema/schema.js";
import { toLocation } from "./faults.js";
import type { Sources } from "./load.js";

/**
 * Adds the location of the value to an error that names a key in `details.path` (a list of keys, or a text
 * like `quantization.layers[0]`). Returns any other error, or one with a location, unchanged.
 */
export function locate(error: N2uqError, sources: Sources): N2uqError {
  const path = pathOf(error.details.path);
  if (error.location !== undefined || path === undefined) return error;
  const location = toLocation(sources.at(path));
  if (location === undefined) return error;
  const { code, details, hint, cause } = error;
  return new N2uqError(code, { ...details }, { location, cause, hint });
}

/** Like `locate`, for errors at run time: errors in the data get the location of `data.root`. */
export function locateRunning<Thrown>(error: Thrown, sources: Sources): Thrown | N2uqError {
  if (!(error instanceof N2uqError) || error.location !== undefined) return error;
  if (error.details.path !== undefined || !error.code.startsWith("N2UQ_DATA_")) return locate(error, sources);
  const { code, details, hint, cause } = error;
  const path = ["data", "root"];
  const placed = new N2uqError(code, { ...details, path }, { cause, hint });
  return locate(placed, sources);
}

function pathOf(path: unknown): Path | undefined {
  if (typeof path === "string") return path === "" ? [] : parsePath(path);
  return Array.isArray(path) ? path : undefined;
}

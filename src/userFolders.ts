// home.js must be imported first, because the next library reads the home folder when it is imported.
import "./home.js";
import { isAbsolute, join } from "node:path";
import envPaths from "env-paths";
import { N2uqError } from "./errors.js";
import { NO_HOME } from "./home.js";

/** The user's cache or data folder on this platform. Without a home folder, a path that never exists. */
export function userFolder(kind: "cache" | "data"): string {
  const folder = envPaths("n2uq", { suffix: "" })[kind];
  return isAbsolute(folder) ? folder : join(NO_HOME, folder);
}

/** Call before writing into a user's folder. @throws N2uqError N2UQ_NO_HOME with the variable to set */
export function checkHome(folder: string, what: string, variable: string): void {
  if (folder.startsWith(`${NO_HOME}/`)) throw new N2uqError("N2UQ_NO_HOME", { what, variable });
}

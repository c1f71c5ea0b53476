import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../folders.js";
import { checkHome, userFolder } from "../userFolders.js";
import { userPath } from "../userPath.js";

/**
 * The user's folder of installed engines: `N2UQ_ENGINES`, or the user's data folder. If the variable is set,
 * no other folder is searched.
 */
export function enginesFolder(): string {
  const own = process.env.N2UQ_ENGINES;
  return own ? userPath(own) : join(userFolder("data"), "engines");
}

/**
 * Checks the folder before building or downloading an engine, which takes minutes. @throws N2uqError
 * N2UQ_NO_HOME; a system error if the folder is not writable
 */
export function checkEnginesFolder(): void {
  const folder = enginesFolder();
  checkHome(folder, "engines", "N2UQ_ENGINES");
  makeFolder(folder);
  accessSync(folder, constants.W_OK);
}

/** The installation folder of `n2uq engine install tensorflow`. */
export function tensorflowFolder(): string {
  return join(enginesFolder(), "tensorflow");
}

/** The folder of `n2uq engine install torch`, with one subfolder per libtorch. */
export function torchFolder(): string {
  return join(enginesFolder(), "torch");
}

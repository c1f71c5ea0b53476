import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../folders.js";
import { checkHome, userFolder } from "../userFolders.js";
import { userPath } from "../userPath.js";

/**
 * Where engines are installed for this user: `N2UQ_ENGINES`, or the user's data folder. Where the variable is set, no engine
 * is looked for elsewhere.
 */
export function enginesFolder(): string {
  const own = process.env.N2UQ_ENGINES;
  return own ? userPath(own) : join(userFolder("data"), "engines");
}

/**
 * Before an engine is built or downloaded, which takes minutes.
 * @throws N2uqError N2UQ_NO_HOME; a system error where the folder can't be written
 */
export function checkEnginesFolder(): void {
  const folder = enginesFolder();
  checkHome(folder, "engines", "N2UQ_ENGINES");
  makeFolder(folder);
  accessSync(folder, constants.W_OK);
}

/** Where `n2uq engine install tensorflow` puts the native library. */
export function tensorflowFolder(): string {
  return join(enginesFolder(), "tensorflow");
}

/** Where `n2uq engine install torch` puts what it builds, one folder for each libtorch. */
export function torchFolder(): string {
  return join(enginesFolder(), "torch");
}

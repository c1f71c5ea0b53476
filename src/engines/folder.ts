import { join } from "node:path";
import envPaths from "env-paths";
import { userPath } from "../userPath.js";

/**
 * Where engines are installed for this user: `N2UQ_ENGINES`, or the user's data folder. Where the variable is set, no engine
 * is looked for elsewhere.
 */
export function enginesFolder(): string {
  const own = process.env.N2UQ_ENGINES;
  return own ? userPath(own) : join(envPaths("n2uq", { suffix: "" }).data, "engines");
}

/** Where `n2uq engine install tensorflow` puts the native library. */
export function tensorflowFolder(): string {
  return join(enginesFolder(), "tensorflow");
}

/** Where `n2uq engine install torch` puts what it builds, one folder for each libtorch. */
export function torchFolder(): string {
  return join(enginesFolder(), "torch");
}

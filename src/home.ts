import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import { orElse } from "./attempt.js";

/**
 * The home folder for users without one; Debian's /etc/passwd uses the same path. Nothing is ever created in
 * it.
 */
export const NO_HOME = "/nonexistent";

// Libraries read the home folder when they are imported. This fails for a user id without a user name if HOME
// is not set.
if (!orElse(() => isAbsolute(homedir()), false)) process.env.HOME = NO_HOME;

import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import { orElse } from "./attempt.js";

/**
 * Replaces the home folder of users without one, as in Debian's /etc/passwd. Nothing is ever created there.
 */
export const NO_HOME = "/nonexistent";

// Libraries read the home folder when they are imported. This fails for a user id without a name and without
// HOME.
if (!orElse(() => isAbsolute(homedir()), false)) process.env.HOME = NO_HOME;

import { homedir } from "node:os";
import { isAbsolute } from "node:path";

/** What stands for the home folder of a user who has none, as in Debian's /etc/passwd. Nothing is ever made there. */
export const NO_HOME = "/nonexistent";

// Libraries ask for the home folder as soon as they are imported, which fails for a user number without a name and HOME.
if (!hasHome()) process.env.HOME = NO_HOME;

function hasHome(): boolean {
  try {
    return isAbsolute(homedir());
  } catch {
    return false;
  }
}

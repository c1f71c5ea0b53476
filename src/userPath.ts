import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, resolve, sep } from "node:path";
import { orElse } from "./attempt.js";
import { N2uqError, type SourceLocation } from "./errors.js";
import { NO_HOME } from "./home.js";

/** A variable as a shell or Windows writes it: `$HOME`, `${DATA}`, `%USERPROFILE%`. */
const VARIABLE = /\$(?:[A-Za-z_]\w*|\{[^}]*\})|%[A-Za-z_]\w*%/;

/**
 * The absolute path of a path in a file, a flag or a variable. A leading `~/`, `$HOME` or `${HOME}` is
 * replaced by the home folder. Other expressions that a shell would expand are an error, so that no folder is
 * ever named `~` or `$DATA`; an existing folder with such a name is used as it is. @param folder base of
 * relative paths @throws N2uqError N2UQ_PATH_UNEXPANDED, N2UQ_PATH_NO_HOME, N2UQ_PATH_NUL, at `location`
 */
export function userPath(text: string, folder = process.cwd(), location?: SourceLocation): string {
  return resolve(folder, expandHome(text, folder, location));
}

/** Like `userPath`, but a relative path stays relative. @throws as `userPath` */
export function expandHome(text: string, folder = process.cwd(), location?: SourceLocation): string {
  if (text.includes("\0")) throw new N2uqError("N2UQ_PATH_NUL", { path: text }, { location });
  const home = /^(?:~|\$HOME|\$\{HOME\})(?=$|[/\\])/.exec(text)?.[0];
  const rest = home === undefined ? text : text.slice(home.length);
  const parts = rest.split(/[/\\]/);
  const fault = parts.findIndex((part, index) => isUnexpanded(part, index === 0 && home === undefined));
  if (fault >= 0) {
    const upToHere = parts.slice(0, fault + 1).join(sep);
    const literal = home === undefined ? resolve(folder, upToHere) : undefined;
    // A folder with such a name may exist, for example in a path from another program.
    if (literal === undefined || (parts[fault] ?? "").startsWith("~") || !existsSync(literal)) {
      const what = VARIABLE.exec(parts[fault] ?? "")?.[0] ?? parts[fault];
      throw new N2uqError("N2UQ_PATH_UNEXPANDED", { path: text, what }, { location });
    }
  }
  return home === undefined ? text : `${homeFolder(text, location)}${rest}`;
}

function isUnexpanded(part: string, isFirst: boolean): boolean {
  return part === "~" || (isFirst && part.startsWith("~")) || VARIABLE.test(part);
}

function homeFolder(path: string, location: SourceLocation | undefined): string {
  // A user id without a name and without HOME has no home folder.
  const home = orElse(homedir, NO_HOME);
  if (isAbsolute(home) && home !== NO_HOME) return home;
  throw new N2uqError("N2UQ_PATH_NO_HOME", { path }, { location });
}

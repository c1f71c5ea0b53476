import { N2uqError } from "../errors.js";

/** Creates errors about one weights file; their messages contain its path. */
export interface Faults {
  /** The file is damaged, truncated or inconsistent. */
  corrupt(reason: string): N2uqError;
  /** The file names a function or class outside of the allowlist. */
  refused(name: string): N2uqError;
  /** The file is intact, but uses an unsupported feature. */
  unsupported(what: string, hint?: string): N2uqError;
}

export function faultsOf(file: string): Faults {
  return {
    corrupt: (reason) => new N2uqError("N2UQ_WEIGHTS_CORRUPT", { file, reason }),
    refused: (name) => new N2uqError("N2UQ_WEIGHTS_REFUSED", { file, name }),
    unsupported: (what, hint) => new N2uqError("N2UQ_WEIGHTS_UNSUPPORTED", { file, what }, { hint }),
  };
}

const MOST_SHOWN = 120;

/** Prepares a name from a file for a message: escapes control characters and limits the length. */
export function shown(name: string): string {
  const cut = name.length > MOST_SHOWN ? `${name.slice(0, MOST_SHOWN)}…` : name;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

import { N2uqError } from "../errors.js";

/** What can be wrong with one weights file, as errors that name it. */
export interface Faults {
  /** The file is damaged, cut off, or contradicts itself. */
  corrupt(reason: string): N2uqError;
  /** The file asks for something to be called, imported or set that is not on the list of what is built. */
  refused(name: string): N2uqError;
  /** Sound, but more than this reader reads. */
  unsupported(what: string, hint?: string): N2uqError;
}

export function faultsOf(file: string): Faults {
  return {
    corrupt: (reason) => new N2uqError("N2UQ_WEIGHTS_CORRUPT", { file, reason }),
    refused: (name) => new N2uqError("N2UQ_WEIGHTS_REFUSED", { file, name }),
    unsupported: (what, hint) =>
      new N2uqError("N2UQ_WEIGHTS_UNSUPPORTED", { file, what }, hint === undefined ? {} : { hint }),
  };
}

const MOST_SHOWN = 120;

/** A name out of a file, fit for a message: what a terminal would act upon is escaped, and its length is bounded. */
export function shown(name: string): string {
  const cut = name.length > MOST_SHOWN ? `${name.slice(0, MOST_SHOWN)}…` : name;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

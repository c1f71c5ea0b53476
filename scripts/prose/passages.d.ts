/** A comment, or a paragraph of a Markdown page. */
export interface Passage {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly isDocstring: boolean;
  /** Its text on one line, without the signs of comments. */
  readonly text: string;
}

export function filesIn(root: string, places: readonly string[], ending: string): string[];
export function passagesOf(root: string, file: string): (Passage & { readonly file: string })[];
export function comments(text: string): Passage[];
export function markdownPassages(text: string): Passage[];

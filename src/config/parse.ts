import { Composer, type CST, type Document, Lexer, LineCounter, Parser } from "yaml";
import { checkCharacters } from "./characters.js";
import { faultAt, type Source, sourceOf } from "./source.js";
import { syntaxError } from "./syntax.js";

/** Maximum nesting depth of a file. An experiment has about six levels. */
export const deepest = 64;

/** A parsed document without syntax errors. Duplicate keys and aliases are not checked yet. */
export interface Parsed {
  readonly source: Source;
  readonly document: Document.Parsed;
}

/**
 * Parses one YAML 1.2 document. The nesting depth is checked during tokenization, before any recursion.
 * @throws N2uqErrors N2UQ_CONFIG_SYNTAX, _CHARACTER, _TAB, _DOCUMENTS, _TAG, _DEPTH
 */
export function parseDocument(file: string, text: string): Parsed {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const source = sourceOf(file, text, lines);
  const tokens = tokensOf(source, lines);
  checkCharacters(source, tokens);
  // The tree reader finds duplicate keys in linear time; the parser's own check is quadratic.
  const options = { version: "1.2", uniqueKeys: false, prettyErrors: false, merge: false } as const;
  const [document, second] = new Composer(options).compose(tokens, true, text.length);
  const fault = document?.errors[0] ?? document?.warnings[0];
  if (fault !== undefined) throw syntaxError(source, fault, tokens);
  if (second !== undefined) throw faultAt(source, second.range[0], "N2UQ_CONFIG_DOCUMENTS", {});
  if (document === undefined) throw new Error("the parser gave no document");
  if (document.directives?.yaml.version === "1.1") {
    const reason = "it declares YAML 1.1; n2uq reads YAML 1.2";
    const hint = "Remove the %YAML line; strings such as yes and no then need no quotes.";
    throw faultAt(source, 0, "N2UQ_CONFIG_SYNTAX", { reason }, hint);
  }
  return { source, document };
}

function tokensOf(source: Source, lines: LineCounter): CST.Token[] {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(source.text)) {
    tokens.push(...parser.next(lexeme));
    // A nesting level uses at most two entries of the parser's stack.
    if (parser.stack.length > 2 * deepest)
      throw faultAt(source, parser.offset, "N2UQ_CONFIG_DEPTH", { deepest });
  }
  tokens.push(...parser.end());
  return tokens;
}

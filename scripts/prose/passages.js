// Prose of the repository: comments of TypeScript files, and Markdown outside of code.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** Paths of the files with the given ending in files and folders, relative to `root`, sorted. */
export function filesIn(root, places, ending) {
  return places.flatMap((place) => {
    if (place.endsWith(ending)) return [place];
    return readdirSync(join(root, place), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(ending))
      .map((name) => `${place}/${name.replaceAll("\\", "/")}`)
      .sort();
  });
}

/** Passages of a file, with its path. */
export function passagesOf(root, file) {
  const text = readFileSync(join(root, file), "utf8");
  const found = file.endsWith(".md") ? markdownPassages(text) : comments(text);
  return found.map((passage) => ({ file, ...passage }));
}

/** Comments of a TypeScript source: the line of each, whether it is a docstring, and its text without the comment signs. */
export function comments(text) {
  const source = ts.createSourceFile("source.ts", text, ts.ScriptTarget.ES2023, true);
  const ranges = new Map();
  const visit = (node) => {
    const leading = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
    const trailing = ts.getTrailingCommentRanges(text, node.getEnd()) ?? [];
    for (const range of [...leading, ...trailing]) ranges.set(range.pos, range);
    for (const child of node.getChildren(source)) if (!ts.isJSDoc(child)) visit(child);
  };
  visit(source);
  return [...ranges.values()]
    .sort((a, b) => a.pos - b.pos)
    .map(({ pos, end }) => {
      const raw = text.slice(pos, end);
      const lines = raw.replace(/^\/\*\*?|\*\/$/g, "").split("\n");
      return {
        line: source.getLineAndCharacterOfPosition(pos).line + 1,
        isDocstring: raw.startsWith("/**"),
        text: joined(lines.map((line) => line.replace(/^\s*(?:\/\/|\*)/, ""))),
      };
    });
}

/** Paragraphs, list items, headings and table rows of a Markdown page. Skips code blocks. */
export function markdownPassages(text) {
  const passages = [];
  let fence = "";
  let open = null;
  for (const [index, line] of text.split("\n").entries()) {
    const [mark] = /^\s*(?:```+|~~~+)/.exec(line) ?? [""];
    if (mark !== "" || fence !== "") {
      if (fence === "") fence = mark.trim();
      else if (mark.trim() === fence) fence = "";
      open = null;
    } else if (line.trim() === "" || /^ {4}\S/.test(line)) {
      open = null;
    } else if (open !== null && !/^\s*(?:[-*]|\d+\.)\s|^[|#]/.test(line)) {
      open.lines.push(line);
    } else {
      open = { line: index + 1, lines: [line] };
      passages.push(open);
      if (/^[|#]/.test(line)) open = null;
    }
  }
  return passages.map(({ line, lines }) => ({ line, isDocstring: false, text: joined(lines) }));
}

function joined(lines) {
  return lines.join(" ").replace(/\s+/g, " ").trim();
}

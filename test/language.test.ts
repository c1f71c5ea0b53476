import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "tap";
import { comments, filesIn, markdownPassages, passagesOf } from "../scripts/prose/passages.js";
import { errorTable } from "../src/errors.js";
import { phrases } from "./language/phrases.js";

const root = resolve(import.meta.dirname, "..");

/** Folders and files whose comments are in plain technical English. */
const FOLDERS = ["src", "runners", "cli", "test", "bench", "index.ts", "core.ts"];
const decisions = readdirSync(resolve(root, "docs/decisions")).map((name) => `docs/decisions/${name}`);
/** Pages in plain technical English. */
const PAGES = [
  ...["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/data.md", "docs/engines.md"],
  ...["docs/method.md", "docs/reproducibility.md", "docs/runs.md", "docs/slurm.md", "docs/sweeps.md"],
  ...["docs/library.md", "docs/plugins.md", "docs/tables.md", "docs/weights.md", "CHANGELOG.md"],
  ...decisions,
];

/** Phrases to avoid in a text, each with what to write. Skips code and quoted words. */
function faultsIn(text: string): string[] {
  const prose = text.replace(/`[^`]*`|"[^"]*"/g, "…");
  return phrases.flatMap(({ avoid, write }) => {
    const found = avoid.exec(prose)?.[0];
    return found === undefined ? [] : [`"${found}": write ${write}`];
  });
}

test("comments and pages avoid phrases that need a second reading", (t) => {
  const passages = [...filesIn(root, FOLDERS, ".ts"), ...PAGES].flatMap((file) => passagesOf(root, file));
  t.ok(passages.length > 2000, `${passages.length} comments and paragraphs`);
  const faults = passages.flatMap(({ file, line, text }) =>
    faultsIn(text).map((fault) => `${file}:${line} ${fault}`),
  );
  t.same(faults, []);
  t.end();
});

test("errors avoid phrases that need a second reading", (t) => {
  const faults = Object.entries(errorTable).flatMap(([code, entry]) => {
    const { message, hint = "" }: { message: string; hint?: string } = entry;
    return faultsIn(`${message}. ${hint}`).map((fault) => `${code} ${fault}`);
  });
  t.same(faults, []);
  t.end();
});

test("every kind of comment is read, and no string or code", (t) => {
  const source = [
    "/** It is told. */",
    'const a = "// this lies here"; // goes on',
    "/*",
    " * whoever",
    " * calls",
    " */",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
    "const b = `${a /* beside */} // anew`;",
  ].join("\n");
  t.same(
    comments(source).map(({ line, isDocstring, text }) => [line, isDocstring, text]),
    [
      [1, true, "It is told."],
      [2, false, "goes on"],
      [3, false, "whoever calls"],
      [7, false, "beside"],
    ],
  );
  t.end();
});

test("Markdown is read by paragraph, without code", (t) => {
  const page = [
    "# How it stands",
    "",
    "It comes",
    "to `this lies`.",
    "- one",
    "```sh",
    "told",
    "```",
    "| a |",
    "end",
  ];
  t.same(
    markdownPassages(page.join("\n")).map(({ line, text }) => [line, text]),
    [
      [1, "# How it stands"],
      [3, "It comes to `this lies`."],
      [5, "- one"],
      [9, "| a |"],
      [10, "end"],
    ],
  );
  t.same(faultsIn("It comes to `this lies`."), ['"comes to": write is, reaches, results in']);
  t.same(faultsIn("The last checkpoint is intact."), []);
  t.end();
});

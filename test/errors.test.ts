import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { areaOf, errorPage } from "../scripts/errors/page.js";
import { filesIn } from "../scripts/prose/passages.js";
import { errorTable } from "../src/errors.js";
import { namesIn, thrownIn, variablesIn } from "./errors/names.js";
import { root } from "./helpers/root.js";

const codes: readonly string[] = Object.keys(errorTable);
const PAGE = "docs/errors.md";
/** The program. */
const PROGRAM = ["index.ts", "core.ts", "src", "runners", "cli"];
/** What else may read a variable of the environment. */
const OTHERS = ["scripts", "test", "bench"];
/** What a user reads, or copies. */
const PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];
const FOLDERS = ["docs", "schemas", "experiments"];

function read(paths: readonly string[]): { path: string; text: string }[] {
  return paths
    .filter((path) => !path.includes("fixtures"))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

const program = read(filesIn(root, PROGRAM, ".ts"));
const pages = read([
  ...filesIn(root, [...PAGES, ...FOLDERS], ".md"),
  ...[".json", ".yaml"].flatMap((ending) => filesIn(root, FOLDERS, ending)),
]);
const others = read([".ts", ".js"].flatMap((ending) => filesIn(root, OTHERS, ending)));
const variables = new Set([...program, ...others].flatMap(({ text }) => variablesIn(text)));

/** Names that are neither a code nor a variable, each with its place. */
function unknownIn(files: readonly { path: string; text: string }[]): string[] {
  return files.flatMap(({ path, text }) =>
    namesIn(text)
      .filter(({ name, isBeginning }) =>
        isBeginning
          ? !codes.some((code) => code.startsWith(name))
          : !codes.includes(name) && !variables.has(name),
      )
      .map(({ name, line }) => `${path}:${line} ${name}`),
  );
}

test("docs/errors.md says what the table says: npm run docs:errors", (t) => {
  const page = readFileSync(join(root, PAGE), "utf8");
  t.equal(page, errorPage(errorTable));
  const rows = [...page.matchAll(/^\| `(N2UQ_\w+)` \| (.+) \| (.+) \| \d+ \|$/gm)];
  t.same(rows.map(([, code]) => code).sort(), [...codes].sort(), "a row for every code");
  for (const [, code, meaning, remedy] of rows)
    t.notOk(
      /^\{\w+\}\.?$/.test(meaning ?? "") || /^\{\w+\}\.?$/.test(remedy ?? ""),
      `${code} is explained, not only filled in`,
    );
  t.end();
});

test("the page fails for a code without a section or a hint", (t) => {
  t.equal(areaOf("N2UQ_CONFIG_TAB").title, "Files of experiments and projects");
  t.throws(() => areaOf("N2UQ_SOMETHING_ELSE"), /no section for N2UQ_SOMETHING_ELSE/);
  const more = { ...errorTable, N2UQ_DATA_NEW: { message: "something" } };
  t.throws(() => errorPage(more), /N2UQ_DATA_NEW has no hint/);
  const { N2UQ_INTERNAL: _, ...fewer } = errorTable;
  t.throws(() => errorPage(fewer), /N2UQ_INTERNAL/);
  t.end();
});

test("every code that a page, a schema or an experiment names exists", (t) => {
  t.ok(pages.length > 40, `${pages.length} files`);
  t.same(unknownIn(pages), []);
  t.end();
});

test("every code that a source or its comments name exists", (t) => {
  t.same(unknownIn(program), []);
  t.end();
});

test("every code of the table is used by a source", (t) => {
  const thrown = new Set(
    program.filter(({ path }) => path !== "src/errors.ts").flatMap(({ text }) => thrownIn(text)),
  );
  t.same(
    codes.filter((code) => !thrown.has(code)),
    [],
  );
  t.end();
});

test("names are found in code, comments and pages", (t) => {
  const source = [
    "// @throws N2UQ_IN_A_COMMENT",
    'if (error.code === "N2UQ_COMPARED") throw new N2uqError("N2UQ_THROWN");',
    'type Code = "N2UQ_IN_A_TYPE";',
    'const fault = { code: isOld ? "N2UQ_OLD" : "N2UQ_NEW" };',
    "process.env.N2UQ_FOLDER; `N2UQ_DATA_*`;",
  ].join("\n");
  t.same(thrownIn(source), ["N2UQ_THROWN", "N2UQ_OLD", "N2UQ_NEW"]);
  t.same(variablesIn(source), ["N2UQ_FOLDER"]);
  t.same(namesIn(source).at(-1), { name: "N2UQ_DATA_", line: 5, isBeginning: true });
  t.same(
    unknownIn([{ path: "a.md", text: "`N2UQ_INTERNAL`, `N2UQ_GONE`,\n`N2UQ_NOTHING_*`, `N2UQ_DATA_*`" }]),
    ["a.md:1 N2UQ_GONE", "a.md:2 N2UQ_NOTHING_"],
  );
  t.end();
});

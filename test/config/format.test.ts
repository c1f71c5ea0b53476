import { join } from "node:path";
import t from "tap";
import { formatError } from "../../src/config/format.js";
import { N2uqError, N2uqErrors, type SourceLocation } from "../../src/errors.js";

const cwd = t.testdirName;
const errorAt = (location?: SourceLocation, hint?: string) =>
  new N2uqError("N2UQ_INTERNAL", { message: "test" }, { ...(location && { location }), hint: hint ?? "" });
const linesOf = (location?: SourceLocation, color = false) =>
  formatError(errorAt(location), { color, cwd }).split("\n").slice(1);

t.test("the place, the line and a caret below the column", async (t) => {
  const file = join(cwd, "a", "x.yaml");
  t.same(linesOf({ file, line: 12, column: 4, text: "a: b" }), [
    `  --> ${join("a", "x.yaml")}:12:4`,
    "  12 | a: b",
    "     |    ^",
  ]);
  t.same(linesOf({ file, line: 3, text: "a: b" }), [
    `  --> ${join("a", "x.yaml")}:3:1`,
    "  3 | a: b",
    "    | ^",
  ]);
  t.same(linesOf({ file: "--set", column: 2, text: "a\tb  " }), ["  --> --set", "   | a b", "   |  ^"]);
  t.same(linesOf({ file: cwd }), [`  --> ${cwd}`], "the folder itself");
  t.same(linesOf({ file, line: 3, column: 1, text: " \t" }), [`  --> ${join("a", "x.yaml")}:3:1`]);
  t.same(linesOf(), []);
});

t.test("of a long line, fifty characters before the caret and fifty from it on", async (t) => {
  const digits = "0123456789".repeat(30);
  const of = (column: number) => linesOf({ file: "x", line: 1, column, text: digits }).slice(1);
  t.same(of(1), [`  1 | ${digits.slice(0, 100)}`, "    | ^"]);
  t.same(of(51), [`  1 | ${digits.slice(0, 100)}`, `    | ${" ".repeat(50)}^`]);
  t.same(of(52), [`  1 | ${digits.slice(1, 101)}`, `    | ${" ".repeat(50)}^`]);
  t.same(of(300), [`  1 | ${digits.slice(249)}`, `    | ${" ".repeat(50)}^`]);
});

t.test("hints, several errors, colors, and characters that a terminal would act on", async (t) => {
  const one = errorAt(undefined, "do\u0007 this\nnow");
  const text = formatError(one, { color: false, cwd });
  t.match(text, /\nhint: do\ufffd this now$/);
  t.equal(formatError(new N2uqErrors([one, one]), { color: false, cwd }), `${text}\n\n${text}`);
  t.notMatch(formatError(errorAt(), { color: false, cwd }), "hint");
  const colored = formatError(errorAt({ file: "x", line: 1, column: 1, text: "a" }, "h"), {
    color: true,
    cwd,
  });
  const styled = (code: string, part: string) => `\u001b[${code}m${part}\u001b[0m`;
  t.same(colored.split("\n").slice(1), [
    `  ${styled("34", "-->")} x:1:1`,
    `${styled("34", "  1 |")} a`,
    `${styled("34", "    |")} ${styled("31", "^")}`,
    `${styled("36", "hint")}: h`,
  ]);
  t.ok(colored.startsWith(styled("31;1", "error[N2UQ_INTERNAL]")));
});

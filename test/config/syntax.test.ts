import t from "tap";
import { parseDocument } from "../../src/config/parse.js";
import { endOfQuoted } from "../../src/config/quotes.js";
import { readYaml } from "../../src/config/yaml.js";
import { N2uqErrors } from "../../src/errors.js";

/** The first fault of a text: its code without the prefix, line:column, message and hint. */
function faultOf(text: string) {
  try {
    readYaml(text, { kind: "file", file: "x.yaml", label: (line) => `${line}` });
    return null;
  } catch (error) {
    if (!(error instanceof N2uqErrors)) throw error;
    const [{ code, location, message, hint } = { code: "", location: {}, message: "", hint: "" }] =
      error.errors;
    const { line, column, text: shown } = location as { line: number; column: number; text: string };
    return { code: code.replace("N2UQ_CONFIG_", ""), at: `${line}:${column}`, message, hint, shown };
  }
}

t.test("look-alike characters are found where they are", async (t) => {
  const cases: readonly (readonly [text: string, at: string, what: RegExp])[] = [
    ["a: 1\rb: 2\n", "1:5", /carriage return.*000D/],
    ["a: 1 # \u0007\n", "1:8", /control character.*0007/],
    ["a: 1\nb: \ufeff2\n", "2:4", /byte order mark.*FEFF/],
    ["a: x\u202ey\n", "1:5", /direction.*202E/],
    ["a: x\u00a0y\n", "1:5", /space that YAML.*00A0/],
    ["a: b\nkey\u200b: 1\n", "2:4", /invisible character.*200B/],
    ["a: \u201cx\u201d\n", "1:4", /quotation mark.*201C/],
    ["a: [1, \u22122]\n", "1:8", /dash.*2212/],
    ["a: \uff13\n", "1:4", /full-width.*FF13/],
    ["a\uff1a 3\n", "1:2", /full-width.*FF1A/],
  ];
  for (const [text, at, what] of cases) {
    const fault = faultOf(text);
    t.match(fault, { code: "CHARACTER", at, message: what }, JSON.stringify(text));
    t.ok(fault?.hint);
  }
  for (const text of [
    "\ufeffa: 1\r\n",
    "a: 'x\u00a0y\u200b'\n",
    'a: "\u201cx\u201d"\n',
    "a: x\u2014y\n",
    "a: it\u2019s\n",
    "# \u00a0\u200b\u201c\na: 1\n",
    "a: \u6f22\uff08x\uff09\n",
  ])
    t.equal(faultOf(text), null, JSON.stringify(text));
});

t.test("faults of the syntax are explained at their place", async (t) => {
  const cases: readonly (readonly [text: string, code: string, at: string, message: RegExp, hint: RegExp])[] =
    [
      ["a:\n\tb: 1\n", "TAB", "2:1", /tab/, /space/],
      ["a: 1\n---\nb: 2\n", "DOCUMENTS", "2:1", /document/, /./],
      ["a: !x 1\n", "TAG", "1:4", /!x/, /put it in quotes: "!x"/],
      ["a: !!binary aGk=\n", "TAG", "1:13", /!!binary/, /^(?!.*!!binary).*$/],
      ['a: 1\nb: "x\nc: 2\n', "SYNTAX", "2:4", /this quote is never closed/, /same line/],
      ["a: 'b'\nc: 'x\n", "SYNTAX", "2:4", /this quote is never closed/, /same line/],
      ["a: 1\n// note\n", "SYNTAX", "2:1", /a comment cannot begin with \/\//, /#/],
      ["a: [#x]\n", "SYNTAX", "1:5", /a # begins a comment here/, /quotes/],
      ["a: @home\n", "SYNTAX", "1:4", /cannot begin with this character/, /in quotes: "@home"/],
      ["a: [b, `c d]\n", "SYNTAX", "1:8", /cannot begin with this character/, /in quotes: "`c"/],
      ["a: b\n  c: 1\n", "SYNTAX", "1:4", /next line is indented deeper/, /equally/],
      ["a: b: c\n", "SYNTAX", "1:4", /second key on this line/, /separate lines/],
      ["a: b: c\nlonger: 12345678\n", "SYNTAX", "1:4", /second key on this line/, /separate lines/],
      ["a: b: c\n  \nd: 1\n", "SYNTAX", "1:4", /second key on this line/, /separate lines/],
      ["longer: 12345678\n b: 1\n", "SYNTAX", "1:9", /next line is indented deeper/, /equally/],
      ["a: *\n", "SYNTAX", "1:4", /a \* marks an alias/, /"\*"/],
      ["a: [1, 2\nb: 3\n", "SYNTAX", "2:1", /bracket before this position/, /matching/],
      ["a: [b: 1 c: 2]\n", "SYNTAX", "1:8", /two values|comma/, /./],
      ["a: [1, , 2]\n", "SYNTAX", "1:8", /no entry before this comma/, /Remove/],
      ["a: [1] x\n", "SYNTAX", "1:8", /text after the value/, /quotes/],
      ["a: 1\n b: 2\n", "SYNTAX", "1:4", /indented/, /./],
      ["a: 1\nb\nc: 2\n", "SYNTAX", "2:1", /no `key: value`/, /colon/],
      ['a: "\\q"\n', "SYNTAX", "1:5", /unknown escape/, /single quotes/],
      ["%YAML 1.1\n---\na: 1\n", "SYNTAX", "1:1", /YAML 1\.1/, /%YAML/],
    ];
  for (const [text, code, at, message, hint] of cases)
    t.match(faultOf(text), { code, at, message, hint, shown: text.split("\n")[Number(at[0]) - 1] }, text);
});

t.test("an offset has a line, a column and the line's text", async (t) => {
  const text = "ab: 1\r\n\ncd: 2";
  const { source } = parseDocument("x.yaml", text);
  const at = (offset: number) => {
    const { line, column, text } = source.positionOf(offset);
    return [line, column, text];
  };
  t.same(at(0), [1, 1, "ab: 1"]);
  t.same(at(4), [1, 5, "ab: 1"]);
  t.same(at(7), [2, 1, ""]);
  t.same(at(8), [3, 1, "cd: 2"]);
  t.same(at(12), [3, 5, "cd: 2"]);
  t.same(at(99), [3, 6, "cd: 2"], "beyond the end is the end");
});

t.test("the end of a quoted text", async (t) => {
  for (const [text, at, end] of [
    ['"ab" c', 0, 4],
    ['x"ab"', 1, 5],
    ['"a\\"b"', 0, 6],
    ['"a\\\\"b"', 0, 5],
    ["'a''b'", 0, 6],
    ["'a' 'b'", 0, 3],
    ["'a\\'b'", 0, 4],
    ["''", 0, 2],
    ["''''", 0, 4],
    ['""', 0, 2],
    ['"ab', 0, undefined],
    ['"', 0, undefined],
    ['"ab\\"', 0, undefined],
    ["'a''", 0, undefined],
    ["ab", 0, undefined],
    ["", 0, undefined],
  ] as const)
    t.equal(endOfQuoted(text, at), end, text);
});

t.test("nesting is limited to 64 levels", async (t) => {
  const nested = (depth: number) => `a: ${"[".repeat(depth)}${"]".repeat(depth)}\n`;
  t.equal(faultOf(nested(20)), null);
  t.match(faultOf(nested(200)), { code: "DEPTH", message: /64/ });
});

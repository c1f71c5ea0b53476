// npm run sample-prose -- [--seed N]: prints 40 docstrings, 20 errors and 5 pages, selected by the seed, with
// file and line. A reviewer reads them and checks that every sentence is clear at the first reading.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import ts from "typescript";
import { filesIn, passagesOf } from "./prose/passages.js";

const [DOCSTRINGS, ERRORS, PAGES] = [40, 20, 5];
const root = resolve(import.meta.dirname, "..");

const { values } = parseArgs({ options: { seed: { type: "string", default: "0" } } });
const seed = Number(values.seed);
if (!Number.isInteger(seed)) {
  console.error(`--seed takes an integer, not ${values.seed}.`);
  process.exit(2);
}

/** Random numbers in [0, 1) from a 32-bit seed (mulberry32). */
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` different items, in their original order. */
function pick(items, count, random) {
  const order = items.map((_, index) => index);
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((index) => items[index]);
}

/** Entries of the table in src/errors.ts: code, message and hint as written. */
function errors() {
  const file = "src/errors.ts";
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), "utf8"),
    ts.ScriptTarget.ES2023,
    true,
  );
  const found = [];
  const visit = (node) => {
    if (ts.isPropertyAssignment(node) && /^N2UQ_/.test(node.name.getText())) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      const [message, hint] = node.initializer.arguments.map((one) => one.getText());
      const text = [`message: ${message}`, ...(hint === undefined ? [] : [`hint: ${hint}`])];
      found.push({ file, line, text: [node.name.getText(), ...text].join("\n    ") });
    } else ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const random = generator(seed);
const docstrings = filesIn(root, ["index.ts", "src", "runners", "cli"], ".ts")
  .filter((file) => !file.startsWith("src/schema/generated/"))
  .flatMap((file) => passagesOf(root, file))
  .filter(({ isDocstring }) => isDocstring);
const pages = filesIn(root, ["README.md", "CONTRIBUTING.md", "docs"], ".md");

console.log(`# Docstrings (seed ${seed})\n`);
for (const { file, line, text } of pick(docstrings, DOCSTRINGS, random))
  console.log(`${file}:${line}\n    ${text}`);
console.log("\n# Errors\n");
for (const { file, line, text } of pick(errors(), ERRORS, random))
  console.log(`${file}:${line}\n    ${text}`);
for (const page of pick(pages, PAGES, random)) {
  console.log(`\n# Page ${page}:1\n`);
  console.log(readFileSync(join(root, page), "utf8").trimEnd());
}

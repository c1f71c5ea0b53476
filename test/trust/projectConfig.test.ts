import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { n2uq } from "../helpers/cli.js";

const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;

t.test("B6: another tool's files are neither run nor fatal", async (t) => {
  const folder = t.testdir({
    "package.json": '\ufeff{ "name": "theirs", "cosmiconfig": { "searchPlaces": ["theirs.js"] } }',
    "theirs.js": "require('node:fs').writeFileSync('ran-theirs', '')",
    ".config": {
      "config.js": "require('node:fs').writeFileSync('ran-config', ''); module.exports = {};",
      "n2uqrc.js": "require('node:fs').writeFileSync('ran-n2uqrc', ''); module.exports = {};",
    },
    ".n2uqrc": { "notes.txt": "a folder of somebody's" },
  });
  const first = await n2uq(["runs"], folder);
  t.equal(first.code, 0, first.stderr);
  t.notMatch(first.stderr, crash);
  writeFileSync(join(folder, "package.json"), "{ broken");
  t.equal((await n2uq(["runs"], folder)).code, 0);
  for (const name of ["ran-theirs", "ran-config", "ran-n2uqrc"])
    t.notOk(existsSync(join(folder, name)), name);
});

t.test("B6: unsupported config files are errors with their name and a hint", async (t) => {
  const root = t.testdir();
  const cases: readonly (readonly [files: Record<string, string>, code: string, ...words: string[]])[] = [
    [
      { "n2uq.config.ts": "export default {}" },
      "N2UQ_CONFIG_PROJECT_KIND",
      "n2uq.config.ts",
      "n2uq.config.yaml",
    ],
    [{ "n2uq.config.toml": "" }, "N2UQ_CONFIG_PROJECT_KIND", "n2uq.config.toml"],
    [{ "n2uq.config.mjs": "export default () => ({})" }, "N2UQ_CONFIG_CODE", "is a function"],
    [
      { "n2uq.config.mjs": "export default Promise.resolve({})" },
      "N2UQ_CONFIG_CODE",
      "is a promise",
      "await",
    ],
    [
      { "n2uq.config.mjs": "export default { runs: new URL('file:///x') }" },
      "N2UQ_CONFIG_CODE",
      "runs is a URL",
    ],
    [
      { "n2uq.config.yaml": "runs: a", ".n2uqrc": "runs: b" },
      "N2UQ_CONFIG_TWO_PROJECTS",
      ".n2uqrc and n2uq.config.yaml",
    ],
  ];
  for (const [index, [files, wanted, ...words]] of cases.entries()) {
    const folder = join(root, String(index));
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), "{}");
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { code, stderr } = await n2uq(["runs"], folder);
    t.equal(code, 2, wanted);
    t.match(stderr, `error[${wanted}]`);
    for (const word of words) t.match(stderr, word);
    t.notMatch(stderr, crash);
  }
});

t.test("B6: n2uq.config.cjs is read", async (t) => {
  const folder = t.testdir({
    "package.json": "{}",
    "n2uq.config.cjs": "module.exports = { runz: './out' };",
  });
  const { code, stderr } = await n2uq(["runs"], folder);
  t.equal(code, 2);
  t.match(stderr, 'unknown key "runz"');
});

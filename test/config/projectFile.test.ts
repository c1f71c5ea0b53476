import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { loadExperiment } from "../../src/config/load.js";
import { findConfig } from "../../src/config/projectFile.js";
import { toValue } from "../../src/config/tree.js";
import type { N2uqErrors } from "../../src/errors.js";
import { failure } from "../helpers/failure.js";

const files = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, ""]));
/** The config found from a folder of these files, relative to it, or the code of the error. */
async function foundIn(folder: string, below = ""): Promise<string | undefined> {
  const found = await findConfig(join(folder, below)).catch((error) => error);
  return "code" in (found ?? {}) ? found.code : found?.file.slice(folder.length + 1);
}

t.test("a config is found in the folder or its parents, up to the package", async (t) => {
  const folder = t.testdir({
    ...files(["n2uq.config.yaml"]),
    a: { b: {}, pack: { "package.json": "{}", c: {} } },
  });
  t.equal(await foundIn(folder), "n2uq.config.yaml");
  t.equal(await foundIn(folder, join("a", "b")), "n2uq.config.yaml");
  t.equal(await foundIn(folder, join("a", "pack")), undefined);
  t.equal(await foundIn(folder, join("a", "pack", "c")), undefined);
  writeFileSync(join(folder, "a", "pack", "package.json"), '\ufeff{ "n2uq": { "runs": "out" } }');
  const found = await findConfig(join(folder, "a", "pack", "c"));
  t.equal(found?.file, join(folder, "a", "pack", "package.json"));
  t.same(toValue(found!.tree), { runs: "out" });
  writeFileSync(join(folder, "a", "pack", "package.json"), '{ "x": 1, "x": 2, "n2uq": { "runs": "out" } }');
  t.same(
    toValue((await findConfig(join(folder, "a", "pack")))!.tree),
    { runs: "out" },
    "a duplicate key elsewhere",
  );
  for (const text of ["{", "null", "7", '{ "other": 1 }']) {
    writeFileSync(join(folder, "a", "pack", "package.json"), text);
    t.equal(await foundIn(folder, join("a", "pack")), undefined, text);
  }
});

t.test("two configs, and names that n2uq does not read, are errors", async (t) => {
  const of = async (...names: string[]) => foundIn(t.testdir({ "package.json": "{}", ...files(names) }));
  t.equal(await of("n2uq.config.yaml", ".n2uqrc"), "N2UQ_CONFIG_TWO_PROJECTS");
  for (const name of [
    "n2uq.config.toml",
    "n2uq.config",
    ".n2uqrc.js",
    "N2UQ.config.yaml",
    ".N2UQRC",
    "n2uq.config.ts",
  ])
    t.equal(await of(name), "N2UQ_CONFIG_PROJECT_KIND", name);
  for (const name of ["n2uq.config.md", ".n2uqrc.bak", "my-n2uq.config.toml"])
    t.equal(await of(name), undefined, name);
  for (const name of [".n2uqrc", ".n2uqrc.yml", ".n2uqrc.json", "n2uq.config.yml"])
    t.equal(await of(name), name);
  const packaged = t.testdir({ "package.json": '{ "n2uq": {} }', "n2uq.config.yaml": "" });
  t.equal(await foundIn(packaged), "N2UQ_CONFIG_TWO_PROJECTS");
});

t.test("a folder with a config's name is skipped, a link to nothing is reported", async (t) => {
  const folder = t.testdir({ "package.json": "{}", "n2uq.config.yaml": {} });
  t.equal(await foundIn(folder), undefined);
  mkdirSync(join(folder, "n2uq.config.toml"));
  t.equal(await foundIn(folder), undefined);
  symlinkSync("gone", join(folder, ".n2uqrc"));
  t.equal(await foundIn(folder), "N2UQ_CONFIG_FILE_MISSING");
});

t.test("the hint for a value that YAML reads as something else", async (t) => {
  const rest = "architecture: { family: resnet, depth: 18 }\ndata: { dataset: mnist }\n";
  const hintOf = async (line: string) => {
    const cwd = t.testdir({ "x.yaml": `${line}\n${rest}` });
    const [fault] = ((await failure(loadExperiment("x.yaml", { cwd }))) as unknown as N2uqErrors).errors;
    return [fault!.message.replace(/^.*; /, ""), fault!.hint];
  };
  const empty = "A # begins a comment, so the value is empty: put it in quotes, or remove the key.";
  t.same((await hintOf("name: #2"))[1], empty);
  t.same((await hintOf("name:   # two"))[1], empty);
  t.not((await hintOf("name:"))[1], empty);
  t.not((await hintOf("name: ~ # two"))[1], empty);
  t.same(await hintOf("name: 007"), ["found 007, which YAML reads as 7", 'Put it in quotes: `name: "007"`.']);
  t.same(await hintOf("name: 12"), ["found 12", 'Put it in quotes: `name: "12"`.']);
  t.same(await hintOf("name: x\nquantization: { keep: [1e3] }"), [
    "found 1e3, which YAML reads as 1000",
    'Put it in quotes: `keep: ["1e3"]`.',
  ]);
});

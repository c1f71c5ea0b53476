import { resolve } from "node:path";
import t from "tap";
import { isUnitTest, processFolders } from "../scripts/unit/files.js";
import type { Source } from "./architecture/source.js";
import { parseSource, readSources } from "./architecture/source.js";

/** What only tests in folders that say so may import, themselves or by way of other files of test/. */
const reserved = /^(node:)?(child_process|cluster)$|^playwright-core$/;

/** Every way from a unit test to an import that starts a process, as `a → b: what`. */
function processesOf(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const waysFrom = (path: string, trail: readonly string[]): string[] =>
    (byPath.get(path)?.imports ?? []).flatMap(({ specifier, target, typeOnly }) => {
      if (typeOnly) return [];
      const here = [...trail, path];
      if (target === null) {
        return reserved.test(specifier ?? "") ? [`${here.join(" → ")}: ${specifier}`] : [];
      }
      return here.includes(target) ? [] : waysFrom(target, here);
    });
  const units = sources
    .map(({ path }) => path)
    .filter((path) => path.endsWith(".test.ts") && isUnitTest(path));
  return units.flatMap((path) => waysFrom(path, []));
}

t.test("no unit test starts a process", async (t) => {
  const sources = readSources(resolve(import.meta.dirname, ".."), ["test"]);
  t.ok(sources.length > 100, "the tests were found");
  t.same(processesOf(sources), []);
});

t.test("the rule has teeth", async (t) => {
  const helper = parseSource("test/helpers/a.ts", 'import { spawn } from "node:child_process";');
  const sources = (path: string) => [parseSource(path, 'import { a } from "../helpers/a.js";'), helper];
  t.same(processesOf(sources("test/core/b.test.ts")), [
    "test/core/b.test.ts → test/helpers/a.ts: node:child_process",
  ]);
  for (const folder of processFolders) t.same(processesOf(sources(`test/${folder}/b.test.ts`)), []);
});

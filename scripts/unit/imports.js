import { build } from "esbuild";
import { root } from "./files.js";

/**
 * The sources that each test file imports, directly or indirectly; imports of only types do not count.
 *
 * @param {readonly string[]} tests paths from the root of the repository
 * @returns {Promise<Map<string, Set<string>>>} by test file; each set contains the test file itself
 */
export async function reachedSources(tests) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...tests],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "es2023",
    packages: "external",
    external: ["*.node", "*.wasm"],
    metafile: true,
    write: false,
    outdir: "unused",
    logLevel: "silent",
  });
  const imports = (file) =>
    (metafile.inputs[file]?.imports ?? [])
      .filter(({ external }) => external !== true)
      .map(({ path }) => path);
  return new Map(tests.map((test) => [test, reached(test, imports)]));
}

function reached(test, imports) {
  const found = new Set([test]);
  // A set's iterator also visits items that are added during the iteration.
  for (const file of found) for (const next of imports(file)) found.add(next);
  return found;
}

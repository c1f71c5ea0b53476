import { build } from "esbuild";
import { root } from "./files.js";

/**
 * Which sources each test file reaches through its imports; imports of types alone do not count.
 *
 * @param {readonly string[]} tests paths from the root of the repository
 * @returns {Promise<Map<string, Set<string>>>} by test file; each set holds the file itself
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
  // A set's iterator also visits what is added on the way.
  for (const file of found) for (const next of imports(file)) found.add(next);
  return found;
}

import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of compiled texts, named by the hash of their sources, so that no text is out of date. */
const cache = fileURLToPath(new URL("../../node_modules/.cache/n2uq-source/", import.meta.url));
/**
 * The version of esbuild, which also decides the output. esbuild itself is loaded only to compile a new text.
 */
const { version } = createRequire(import.meta.url)("esbuild/package.json");
const options = { loader: "ts", format: "esm", target: "es2023", sourcemap: "inline" };

/**
 * The JavaScript of a TypeScript source, with a source map.
 *
 * @param {string} file its path, for the source map
 * @param {string} text its TypeScript
 * @param {boolean} passing whether the text is used only once, so that it is not cached
 * @returns {Promise<string>}
 */
export async function compiled(file, text, passing = false) {
  const key = createHash("sha1")
    .update(JSON.stringify([version, options, file, text]))
    .digest("hex");
  const kept = join(cache, `${key}.js`);
  try {
    return await readFile(kept, "utf8");
  } catch {
    const { transform } = await import("esbuild");
    const { code } = await transform(text, { ...options, sourcefile: file });
    if (passing) return code;
    await mkdir(cache, { recursive: true });
    const part = `${kept}.${randomUUID()}`;
    await writeFile(part, code);
    await rename(part, kept);
    return code;
  }
}

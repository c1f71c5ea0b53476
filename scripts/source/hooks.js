import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compiled } from "./compile.js";

/**
 * Files whose text is replaced by that of another file: `{ "/path/src/a.ts": "/tmp/changed.ts" }`
 * (scripts/mutate.js).
 */
const replaced = JSON.parse(process.env.N2UQ_REPLACED_SOURCES ?? "{}");

/** Node's hook: in a source, `./a.js` is resolved to `./a.ts` if this exists. */
export function resolve(specifier, context, next) {
  const { parentURL } = context;
  if (specifier.startsWith(".") && specifier.endsWith(".js") && parentURL?.startsWith("file:")) {
    const source = new URL(specifier.replace(/\.js$/, ".ts"), parentURL);
    if (existsSync(source)) return { url: source.href, format: "module", shortCircuit: true };
  }
  return next(specifier, context);
}

/** Node's hook: compiles files whose name ends in `.ts`. */
export async function load(url, context, next) {
  const { protocol, pathname } = new URL(url);
  if (protocol !== "file:" || !pathname.endsWith(".ts")) return next(url, context);
  const file = fileURLToPath(url);
  const text = await readFile(replaced[file] ?? file, "utf8");
  return { format: "module", source: await compiled(file, text, file in replaced), shortCircuit: true };
}

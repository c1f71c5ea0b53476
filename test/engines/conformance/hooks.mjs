/**
 * Module hooks under which tfjs-core's own tests load in Node.js: they are ES modules without saying so, import without
 * extensions, and are written against the sources in `dist`, which here stand for the package itself.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const core = dirname(require.resolve("@tensorflow/tfjs-core"));
const own = pathToFileURL(`${core}/`).href;
/** Node.js does not see the functions that this package adds to its export one by one. */
const SEEDRANDOM = "n2uq:seedrandom";

export async function resolve(specifier, context, next) {
  if (specifier === "@tensorflow/tfjs-core") return here(join(core, "index.js"));
  if (!context.parentURL?.startsWith(own)) return next(specifier, context);
  if (specifier === "seedrandom") return { url: SEEDRANDOM, format: "module", shortCircuit: true };
  if (!specifier.startsWith(".")) return next(specifier, context);
  const path = join(dirname(fileURLToPath(context.parentURL)), specifier);
  return here(
    [path, `${path}.js`, join(path, "index.js")].find((each) => each.endsWith(".js") && existsSync(each)),
  );
}

export async function load(url, context, next) {
  if (url === SEEDRANDOM) {
    const file = JSON.stringify(require.resolve("seedrandom"));
    const source = `import { createRequire } from "node:module";
      const seedrandom = createRequire(${file})(${file});
      export default seedrandom; export const alea = seedrandom.alea;`;
    return { format: "module", source, shortCircuit: true };
  }
  if (!url.startsWith(own)) return next(url, context);
  return { format: "module", source: readFileSync(fileURLToPath(url), "utf8"), shortCircuit: true };
}

function here(path) {
  return { url: pathToFileURL(path).href, format: "module", shortCircuit: true };
}

import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The folder of the `.wasm` files with a trailing slash, or null if the package is missing. */
export function binaries(): string | null {
  try {
    const manifest = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json");
    return join(dirname(manifest), "wasm-out/");
  } catch {
    return null;
  }
}

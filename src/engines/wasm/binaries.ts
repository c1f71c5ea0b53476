import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { orElse } from "../../attempt.js";

/** The folder of the `.wasm` files with a trailing slash, or null if the package is missing. */
export function binaries(): string | null {
  const { resolve } = createRequire(import.meta.url);
  return orElse(
    () => join(dirname(resolve("@tensorflow/tfjs-backend-wasm/package.json")), "wasm-out/"),
    null,
  );
}

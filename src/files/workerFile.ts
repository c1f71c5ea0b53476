import { existsSync } from "node:fs";
import { extname } from "node:path";

/** A worker's file next to the module that uses it: `.js` when built, `.ts` in tests; null if not found. */
export function workerFile(name: string, beside: string): URL | null {
  const file = new URL(`${name}${extname(beside)}`, beside);
  return existsSync(file) ? file : null;
}

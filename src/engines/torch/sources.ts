import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../package.js";

/** The addon's sources as they come with this package. */
export function sourcesFolder(): string {
  return join(packageRoot(), "native", "torch");
}

/** Changes with the sources, so that an addon of another version of n2uq is not taken for this one's. */
export function sourcesDigest(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(sourcesFolder()).sort()) {
    hash.update(name).update(readFileSync(join(sourcesFolder(), name)));
  }
  return hash.digest("hex").slice(0, 16);
}

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { packageRoot } from "../../package.js";

/** The addon's sources as they come with this package. */
export function sourcesFolder(): string {
  return join(packageRoot(), "native", "torch");
}

/** The files there, relative to it, in a fixed order. */
export function sourceFiles(): string[] {
  const entries = readdirSync(sourcesFolder(), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => relative(sourcesFolder(), join(parentPath, name))).sort();
}

/** The kernels of a GPU, as CUDA's compiler takes them. */
export function gpuKernels(): string {
  return readFileSync(join(sourcesFolder(), "gpu", "kernels.cu"), "utf8");
}

/** Changes with the sources, so that an addon of another version of n2uq is not taken for this one's. */
export function sourcesDigest(): string {
  const hash = createHash("sha256");
  for (const name of sourceFiles()) hash.update(name).update(readFileSync(join(sourcesFolder(), name)));
  return hash.digest("hex").slice(0, 16);
}

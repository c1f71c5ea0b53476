import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { packageRoot } from "../../package.js";

/** The folder of the addon's sources in this package. */
export function sourcesFolder(): string {
  return join(packageRoot(), "native", "torch");
}

/** The paths of the addon's source files, relative to their folder, in a fixed order. */
export function sourceFiles(): string[] {
  const entries = readdirSync(sourcesFolder(), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => relative(sourcesFolder(), join(parentPath, name))).sort();
}

/** The CUDA source of the GPU kernels. */
export function gpuKernels(): string {
  return readFileSync(join(sourcesFolder(), "gpu", "kernels.cu"), "utf8");
}

/** A digest of the sources. An addon built from other sources, by another version of n2uq, is rejected. */
export function sourcesDigest(): string {
  const hash = createHash("sha256");
  for (const name of sourceFiles()) hash.update(name).update(readFileSync(join(sourcesFolder(), name)));
  return hash.digest("hex").slice(0, 16);
}

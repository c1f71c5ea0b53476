import { resolve } from "node:path";
import { Transform } from "node:stream";
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
 * Passes bytes through and reports their number. Fails after `most` bytes, because the checksum is verified
 * only at the end.
 */
export function counting(name: string, most: number, onBytes: (done: number) => void = () => {}): Transform {
  let done = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      done += chunk.byteLength;
      onBytes(done);
      if (done <= most) next(null, chunk);
      else next(new Error(`${name} is larger than the allowed ${most.toLocaleString("en")} bytes`));
    },
  });
}

/**
 * Passes the tarball of a package, or the tarball `file`, as a stream to `unpack`. `unpack` must listen for
 * errors before it awaits anything, because an unhandled network error would end the process. npm's client
 * calls `unpack` again if its cache was damaged.
 */
export async function fetchTarball(
  source: NpmPackage,
  unpack: (tarball: NodeJS.ReadableStream) => Promise<void>,
  file?: string,
): Promise<void> {
  const settings = { ...(await npmSettings()), integrity: source.integrity };
  const hand = (tarball: NodeJS.ReadableStream) => {
    // npm can report one failure twice, the second time after `unpack` stopped listening.
    tarball.on("error", () => undefined);
    return unpack(tarball);
  };
  const spec = file === undefined ? `${source.package}@${source.version}` : `file:${resolve(file)}`;
  await pacote.tarball.stream(spec, hand, settings);
}

/** npm's settings for this folder: environment, project, user and global .npmrc. */
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

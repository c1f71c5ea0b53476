import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { extract, list } from "tar";
import { fetchTarball } from "../../../npmRegistry.js";

/** An npm package that contains libtensorflow and its native module. */
export interface Archive {
  readonly package: string;
  readonly version: string;
  /** The tarball's integrity, as the registry publishes it. */
  readonly integrity: string;
  /** Approximate size, for progress. */
  readonly tarballBytes: number;
  /** Upper bound of the unpacked size. */
  readonly unpackedBytes: number;
  /** The file inside that contains the library: a tar file compressed by Brotli. */
  readonly entry: string;
}

/** libtensorflow 1.15 for the CPU, linux-x64, with a native module for Node.js 12 and later. */
export const ARCHIVE: Archive = {
  package: "tfjs-node-lambda-releases",
  version: "1.6.1",
  integrity:
    "sha512-D275PZpxsKenTuiPnvIE5T+D5JrT4aU9M3EDCedBQKlP0hUB7011Yzg8CAJ6MBIog9Lq90aaEair4yrBBlk61w==",
  tarballBytes: 204_000_000,
  unpackedBytes: 2_000_000_000,
  entry: "package/nodejs12.x-tf2.7.0.br",
};

const INSIDE = "node_modules/@tensorflow/tfjs-node/";
const MODULE = /^lib\/napi-v\d+\/tfjs_binding\.node$/;

export type OnBytes = (done: number, total: number) => void;

/** Downloads the archive with npm's client and settings and unpacks the library into `folder`. */
export async function fetchArchive(archive: Archive, folder: string, onBytes: OnBytes): Promise<void> {
  await fetchTarball(archive, async (tarball) => {
    rmSync(folder, { recursive: true, force: true });
    await unpackInto(tarball as Readable, archive, folder, onBytes);
  });
}

/** Unpacks the library from a tarball that was downloaded separately. */
export async function unpackArchive(
  file: string,
  archive: Archive,
  folder: string,
  onBytes: OnBytes,
): Promise<void> {
  const [algorithm = "sha512"] = archive.integrity.split("-");
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  const found = `${algorithm}-${hash.digest("base64")}`;
  if (found !== archive.integrity) {
    const { package: name, version, integrity } = archive;
    throw new Error(`${file} is not ${name}@${version}: its checksum is ${found}, not ${integrity}`);
  }
  const { size } = await stat(file);
  await unpackInto(createReadStream(file), { ...archive, tarballBytes: size }, folder, onBytes);
}

async function unpackInto(
  tarball: Readable,
  { entry: wanted, tarballBytes, unpackedBytes, package: name }: Archive,
  folder: string,
  onBytes: OnBytes,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const count = counting(2 * tarballBytes, name, (done) => onBytes(done, tarballBytes));
  let unpacked: Promise<void> | undefined;
  const outer = list({
    onReadEntry(entry) {
      if (entry.path !== wanted) entry.resume();
      else {
        const plain = counting(unpackedBytes, name);
        unpacked = pipeline(entry as unknown as Readable, createBrotliDecompress(), plain, library(folder));
      }
      // The pipeline below waits for this promise and reports its failure.
      unpacked?.catch(() => undefined);
    },
  });
  await pipeline(tarball, count, outer as unknown as NodeJS.WritableStream);
  if (unpacked === undefined) throw new Error(`${name} lacks ${wanted}`);
  await unpacked;
}

/** The checksum is only verified at the end: until then at most `most` bytes pass. */
function counting(most: number, name: string, onDone: (done: number) => void = () => {}): Transform {
  let done = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      done += chunk.byteLength;
      onDone(done);
      if (done > most)
        next(new Error(`${name} is larger than the ${most.toLocaleString("en")} bytes it may have`));
      else next(null, chunk);
    },
  });
}

/** Extracts only the native module and the shared libraries. */
function library(folder: string): NodeJS.WritableStream {
  const inside = (path: string) => path.replace(/^\.\//, "").replace(INSIDE, "");
  return extract({
    cwd: folder,
    strip: 3,
    preserveOwner: false,
    filter: (path) => inside(path).startsWith("deps/lib/") || MODULE.test(inside(path)),
  }) as unknown as NodeJS.WritableStream;
}

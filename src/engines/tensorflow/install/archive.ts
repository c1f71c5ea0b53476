import { mkdirSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { extract, list } from "tar";
import { counting, fetchTarball, type NpmPackage } from "../../../npmRegistry.js";

/** An npm package that contains libtensorflow and its native module. */
export interface Archive extends NpmPackage {
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

/**
 * Downloads the archive with npm's client and settings, or reads the tarball `file`, checks its integrity and
 * unpacks the library into `folder`.
 */
export async function fetchArchive(
  archive: Archive,
  folder: string,
  onBytes: OnBytes,
  file?: string,
): Promise<void> {
  const { entry: wanted, package: name, unpackedBytes } = archive;
  const total = file === undefined ? archive.tarballBytes : (await stat(file)).size;
  const unpack = async (tarball: NodeJS.ReadableStream) => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const count = counting(name, 2 * total, (done) => onBytes(done, total));
    let unpacked: Promise<void> | undefined;
    const outer = list({
      onReadEntry(entry) {
        if (entry.path !== wanted) return void entry.resume();
        const plain = counting(name, unpackedBytes);
        unpacked = pipeline(entry as unknown as Readable, createBrotliDecompress(), plain, library(folder));
        // The pipeline below waits for this promise and reports its failure.
        unpacked.catch(() => undefined);
      },
    });
    await pipeline(tarball, count, outer as unknown as NodeJS.WritableStream);
    if (unpacked === undefined) throw new Error(`${name} lacks ${wanted}`);
    await unpacked;
  };
  await fetchTarball(archive, unpack, file);
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

import type { FileHandle } from "node:fs/promises";
import { N2uqError } from "../../errors.js";

/** Compressed formats by their first bytes, with the command that unpacks them. */
const PACKED = [
  { magic: "1f8b", how: "gzip", command: "gunzip" },
  { magic: "425a68", how: "bzip2", command: "bunzip2" },
  { magic: "fd377a585a00", how: "xz", command: "unxz" },
  { magic: "28b52ffd", how: "zstd", command: "unzstd" },
  { magic: "04224d18", how: "lz4", command: "unlz4" },
  { magic: "504b0304", how: "zip", command: "unzip" },
] as const;

/** @throws N2uqError N2UQ_DATA_SHARD_PACKED */
export async function checkUnpacked(handle: FileHandle, file: string): Promise<void> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
  const head = buffer.toString("hex", 0, bytesRead);
  const packed = PACKED.find(({ magic }) => head.startsWith(magic));
  if (packed !== undefined) throw new N2uqError("N2UQ_DATA_SHARD_PACKED", { file, ...packed });
}

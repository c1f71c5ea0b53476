import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { N2uqError } from "../errors.js";
import type { WeightsSource } from "./sources.js";

/** The sha256 of a file of any size, in hex. */
export async function sha256Of(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash, { ...(signal && { signal }) });
  return hash.digest("hex");
}

/**
 * Compares a file with its source's checksum, or with the part of the checksum that is known. @returns the
 * file's sha256 @throws N2uqError N2UQ_WEIGHTS_CHECKSUM
 */
export async function checkSource(
  { name, sha256 }: WeightsSource,
  file: string,
  signal?: AbortSignal,
): Promise<string> {
  const found = await sha256Of(file, signal);
  if (sha256 === undefined || found.startsWith(sha256)) return found;
  const wanted = sha256.length < 64 ? `${sha256}…` : sha256;
  throw new N2uqError("N2UQ_WEIGHTS_CHECKSUM", { file, name, found, wanted });
}

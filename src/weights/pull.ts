import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { N2uqError } from "../errors.js";
import { LockUnwritable, withLock } from "../files/withLock.js";
import { makeFolder } from "../folders.js";
import { syncFolder } from "./atomic.js";
import { checkSource } from "./checksum.js";
import { type DownloadOptions, download, forget, sizeOf } from "./download.js";
import { reasonOf } from "./http.js";
import { openWeights } from "./open.js";
import { placed } from "./placed.js";
import type { WeightsSource } from "./sources.js";

export interface PullOptions extends DownloadOptions {
  /** Another download address: a file's URL, or a folder's URL that ends in a slash. */
  readonly from?: string | undefined;
}

export interface Pulled {
  readonly file: string;
  readonly sha256: string;
  /** Whether the file existed before the call. */
  readonly here: boolean;
}

/**
 * Downloads the file of a named source into the models folder under a temporary name, compares its checksum,
 * then renames it. A file that does not match is removed; an incomplete file is kept, and the next call
 * resumes its download. If several processes need a file, one of them downloads it and the others wait.
 * @throws N2uqError N2UQ_WEIGHTS_BY_HAND, N2UQ_WEIGHTS_PULL_FAILED, N2UQ_WEIGHTS_INTERRUPTED,
 * N2UQ_WEIGHTS_CHECKSUM, …
 */
export async function pull(
  source: WeightsSource,
  models: string,
  options: PullOptions = {},
): Promise<Pulled> {
  const file = join(models, source.file);
  const here = await placed(models, source.name, source);
  const sound = here === null ? null : await checkSource(source, here, options.signal).catch(() => null);
  if (here !== null && (sound !== null || here !== file))
    return { file: here, sha256: sound ?? "", here: true };
  const url = addressOf(source, options.from);
  if (url === null) {
    const { name, page, file: offered } = source;
    throw new N2uqError("N2UQ_WEIGHTS_BY_HAND", { name, page, offered, file });
  }
  const { signal } = options;
  return withLock(`${file}.lock`, () => pullLocked(source, { url, file, models }, options), { signal }).catch(
    async (error: unknown) => {
      const isOurs = error instanceof LockUnwritable || error === signal?.reason;
      throw isOurs ? await failure(source, url, file, error, signal) : error;
    },
  );
}

async function pullLocked(
  source: WeightsSource,
  { url, file, models }: { readonly url: string; readonly file: string; readonly models: string },
  options: PullOptions,
): Promise<Pulled> {
  const made = await checkSource(source, file, options.signal).catch(() => null);
  if (made !== null) return { file, sha256: made, here: true };
  const part = `${file}.part`;
  try {
    makeFolder(models);
    await download(url, part, { ...options, bytes: source.bytes });
  } catch (cause) {
    throw await failure(source, url, file, cause, options.signal);
  }
  const sha256 = await checked(source, part);
  try {
    await rename(part, file);
    await forget(part);
  } catch (cause) {
    throw await failure(source, url, file, cause, options.signal);
  }
  await syncFolder(dirname(file));
  return { file, sha256, here: false };
}

/** `--from`, then $N2UQ_WEIGHTS_MIRROR (a folder with the owners' file names), then the owners' address. */
function addressOf({ url, file }: WeightsSource, from?: string): string | null {
  const mirror = process.env.N2UQ_WEIGHTS_MIRROR;
  if (from !== undefined) return from.endsWith("/") ? from + file : from;
  return mirror ? `${mirror.replace(/\/$/, "")}/${file}` : (url ?? null);
}

/**
 * Checks a downloaded file. A file without a known checksum must at least contain weights, which a login page
 * does not.
 */
async function checked(source: WeightsSource, part: string): Promise<string> {
  try {
    const sha256 = await checkSource(source, part);
    await (await openWeights(part)).close();
    return sha256;
  } catch (error) {
    await forget(part);
    throw error;
  }
}

async function failure(
  { name }: WeightsSource,
  url: string,
  file: string,
  cause: unknown,
  signal?: AbortSignal,
): Promise<N2uqError> {
  const bytes = await sizeOf(`${file}.part`);
  const kept =
    bytes === 0
      ? "Nothing was kept."
      : `${bytes.toLocaleString("en")} bytes are kept: run the same command again to resume.`;
  if (signal?.aborted)
    return new N2uqError("N2UQ_WEIGHTS_INTERRUPTED", { name, bytes: bytes.toLocaleString("en") });
  const details = { name, url, reason: reasonOf(cause), kept, file };
  return new N2uqError("N2UQ_WEIGHTS_PULL_FAILED", details, { cause });
}

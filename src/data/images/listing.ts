import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import pLimit from "p-limit";
import { stopWhereAsked } from "../interrupted.js";
import { checkNames } from "./names.js";

/** Extensions of images, in any case; the list is torchvision's. */
export const EXTENSIONS = [".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"];
const IMAGE_NAME = new RegExp(`(${EXTENSIONS.join("|").replaceAll(".", "\\.")})$`, "i");

/** The content of one folder. Hidden files and folders (`.name`) are skipped. */
export interface Listing {
  /** Path below the root, with `/` between folders; "" is the root. */
  readonly path: string;
  readonly mtimeMs: number;
  readonly listedMs: number;
  /** Sorted names of the images, each zero-terminated. */
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly folders: readonly string[];
  /** Files without an image extension, and everything that is not a regular file: pipes, sockets, devices. */
  readonly others: number;
}

const MOST_LISTED = 8;
const DEEPEST = 32;
/**
 * If a folder changed less than this time before it was listed, its date may not show a later change: it is
 * listed again.
 */
const RACY_MS = 2000;

/**
 * Lists a folder recursively and follows links. Reuses entries of `known` for folders whose date is
 * unchanged. @returns listings by path, and the number of folders that were listed again
 */
export async function listTree(
  root: string,
  known: ReadonlyMap<string, Listing>,
  onListed: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<{ listings: Map<string, Listing>; anew: number }> {
  const limit = pLimit(MOST_LISTED);
  const listings = new Map<string, Listing>();
  let [anew, total] = [0, 1];
  const visit = async (path: string, above: readonly string[]): Promise<void> => {
    stopWhereAsked(signal);
    const folder = join(root, path);
    const found = await limit(async () => {
      const { mtimeMs, dev, ino } = await stat(folder);
      const id = `${dev}:${ino}`;
      if (above.includes(id) || above.length > DEEPEST) return null;
      const before = known.get(path);
      const fresh = before?.mtimeMs === mtimeMs && before.listedMs - mtimeMs > RACY_MS ? before : undefined;
      if (fresh === undefined) anew += 1;
      return { id, listing: fresh ?? (await list(folder, path, mtimeMs)) };
    });
    if (found === null) {
      total -= 1;
      return;
    }
    listings.set(path, found.listing);
    total += found.listing.folders.length;
    onListed(listings.size, total);
    const below = found.listing.folders.map((name) => (path === "" ? name : `${path}/${name}`));
    await Promise.all(below.map((one) => visit(one, [...above, found.id])));
  };
  await visit("", []);
  return { listings, anew };
}

async function list(folder: string, path: string, mtimeMs: number): Promise<Listing> {
  const listedMs = Date.now();
  const entries = await readdir(folder, { withFileTypes: true });
  await checkNames(
    folder,
    entries.map(({ name }) => name),
  );
  const folders: string[] = [];
  const images: string[] = [];
  let others = 0;
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const kind = await kindOf(folder, entry);
    if (kind === "folder") folders.push(entry.name);
    else if (kind === "file" && IMAGE_NAME.test(entry.name)) images.push(entry.name);
    else others += 1;
  }
  const sorted = sortNames(images);
  const bytes = Buffer.from(sorted.map((name) => `${name}\0`).join(""));
  return { path, mtimeMs, listedMs, bytes, count: images.length, folders: sortNames(folders), others };
}

/** A dangling link counts as a file: if it has an image's name, it becomes an unreadable image. */
async function kindOf(folder: string, entry: Dirent): Promise<"folder" | "file" | "other"> {
  const found = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => null) : entry;
  if (found === null || found.isFile()) return "file";
  return found.isDirectory() ? "folder" : "other";
}

/**
 * Sorts by code points, as Python does; JavaScript's order differs only above the first 65,536 code points.
 */
export function sortNames(names: string[]): string[] {
  if (!names.some((name) => /[\ud800-\udfff]/.test(name))) return names.sort();
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

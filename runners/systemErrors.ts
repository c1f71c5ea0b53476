import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ErrorCode, N2uqError } from "../src/errors.js";
import { pluginFailure } from "../src/plugins/failure.js";

/** What an errno means for the file that caused it, and what the user can do. */
interface ErrnoMeaning {
  readonly code: Extract<ErrorCode, "N2UQ_FILE_UNUSABLE" | "N2UQ_DISK_FAILED" | "N2UQ_MACHINE_LIMIT">;
  readonly reason: string;
  readonly hint: string;
}

const elsewhere = "Choose another path, or change this one.";
const unusable = (reason: string, hint = elsewhere): ErrnoMeaning => ({
  code: "N2UQ_FILE_UNUSABLE",
  reason,
  hint,
});
const failed = (reason: string, hint: string): ErrnoMeaning => ({ code: "N2UQ_DISK_FAILED", reason, hint });
const limit = (reason: string, hint: string): ErrnoMeaning => ({ code: "N2UQ_MACHINE_LIMIT", reason, hint });

const room = "Free disk space, or choose a path on another disk. Files written before are intact.";
const mount = "Check the disk or the network mount, then run the same command again.";
const files = "Raise the limit (`ulimit -n 4096`), or close other programs.";
const processes =
  "Raise the limit on memory or processes (`ulimit -v`, `ulimit -u`), or close other programs.";

/** Every errno that a user's file or machine can cause. N2UQ_INTERNAL is only for errors of n2uq itself. */
const faults: Readonly<Record<string, ErrnoMeaning>> = {
  EACCES: unusable("permission denied", "Change its permissions, or choose another path."),
  EAGAIN: limit("the system is out of processes, threads or memory", processes),
  EBUSY: unusable("it is in use"),
  EDQUOT: failed("your quota on this disk is exceeded", room),
  EEXIST: unusable("another file or folder has this name"),
  EFBIG: failed("the file reached the size limit (`ulimit -f`)", room),
  EIO: failed("the disk, or the connection to it, failed", mount),
  EISDIR: unusable("it is a folder", "Give the path of a file."),
  ELOOP: unusable("its symbolic links form a cycle", "Replace one of the links, or choose another path."),
  EMFILE: limit("this process has reached its limit of open files", files),
  EMLINK: unusable("the folder has reached the maximum number of entries of its disk"),
  ENAMETOOLONG: unusable(
    "the name is too long: a name may have at most 255 bytes, a path 4,095",
    "Choose a shorter name, or a folder with a shorter path.",
  ),
  ENFILE: limit("the system has reached its limit of open files", files),
  ENODEV: unusable("its device was removed"),
  ENOENT: unusable("there is no such file or folder", "Check the path."),
  ENOMEM: limit("the system is out of memory", processes),
  ENOSPC: failed("no space is left on the disk", room),
  ENOTDIR: unusable("a part of the path is a file, not a folder", "Give the path of a folder."),
  ENOTEMPTY: unusable("the folder is not empty"),
  ENXIO: unusable("it is a pipe without a reader, or a socket", "Give the path of a file."),
  EPERM: unusable("the system does not permit it", "Change its permissions, or choose another path."),
  EROFS: unusable("it is on a read-only disk", "Choose another path, or mount the disk for writing."),
  ESTALE: failed("the network mount lost the file", mount),
  ETXTBSY: unusable("it is a running program"),
  EXDEV: unusable("it is on another disk"),
};

/** The errno of a system error; undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errno, code } = error as NodeJS.ErrnoException;
  return typeof errno === "number" && typeof code === "string" ? code : undefined;
}

/**
 * Converts a system error, an out-of-memory error or an error in a plug-in's code to a coded error with the
 * file, the cause and what to do; undefined for other errors.
 */
export function toldSystemError(error: unknown): N2uqError | undefined {
  return (
    outOfMemory(error) ?? notLoaded(error) ?? nullByte(error) ?? fileError(error) ?? pluginFailure(error)
  );
}

/** Describes an errno: `no space is left on the disk (ENOSPC)`. */
export function reasonOf(error: unknown): string {
  const errno = errnoOf(error);
  const fault = errno === undefined ? undefined : faults[errno];
  return fault === undefined ? String((error as Error).message ?? error) : `${fault.reason} (${errno})`;
}

function fileError(error: unknown): N2uqError | undefined {
  const errno = errnoOf(error);
  const fault = errno === undefined ? undefined : faults[errno];
  if (fault === undefined) return undefined;
  const { path, dest, syscall = "" } = error as NodeJS.ErrnoException & { dest?: string };
  const spawned = syscall.startsWith("spawn");
  const work = spawned ? "started" : (verbs[syscall] ?? "used");
  const file = shortened(spawned ? (path ?? syscall.slice("spawn ".length)) : (dest ?? path)) || "a file";
  const reason = spawned && errno === "ENOENT" ? "there is no such program" : fault.reason;
  const hint = spawned && errno === "ENOENT" ? "Install it, or put it on PATH." : fault.hint;
  return new N2uqError(fault.code, { file, work, reason, errno }, { hint, cause: error });
}

/** Shortens a path of thousands of characters to its beginning and its end. */
export function shortened(path: string | undefined): string {
  if (path === undefined || path.length <= MOST_SHOWN) return path ?? "";
  return `${path.slice(0, MOST_SHOWN / 2)}…${path.slice(-MOST_SHOWN / 2)}`;
}

const MOST_SHOWN = 400;

/** The failed action, by system call. */
const verbs: Readonly<Record<string, string>> = {
  mkdir: "created",
  mkdtemp: "created",
  open: "opened",
  opendir: "read",
  read: "read",
  readlink: "read",
  realpath: "read",
  rename: "renamed",
  rm: "removed",
  rmdir: "removed",
  scandir: "read",
  unlink: "removed",
  write: "written",
};

const memory =
  "Free memory, or raise the limit (`ulimit -v` counts address space, which WebAssembly reserves: `ulimit -v unlimited`).";

/** Failed allocations, by the messages of V8 and Node. */
function outOfMemory(error: unknown): N2uqError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  const thread = code === "ERR_WORKER_OUT_OF_MEMORY" || code === "ERR_WORKER_INIT_FAILED";
  const wasm = /^WebAssembly\.\w+\(\).*(memory|allocat)|^Aborted\(.*(OOM|memory)/i.test(error.message);
  const array =
    error instanceof RangeError && /allocation failed|Array buffer allocation/i.test(error.message);
  const library = /ERR_DLOPEN_FAILED/.test(`${code} ${error.message}`) && NO_ROOM.test(error.message);
  if (!thread && !wasm && !array && !library && code !== "ERR_MEMORY_ALLOCATION_FAILED") return undefined;
  const kernel = thread ? "a thread" : wasm ? "WebAssembly" : library ? "a native library" : "the data";
  return new N2uqError("N2UQ_OUT_OF_MEMORY", { kernel, batch: "" }, { hint: memory, cause: error });
}

/** The dynamic loader's messages about a lack of address space. */
const NO_ROOM = /failed to map segment|cannot (allocate|apply additional)|out of memory/i;

/** A native library that cannot be loaded on this machine. */
function notLoaded(error: unknown): N2uqError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ERR_MODULE_NOT_FOUND") return moduleNotRead(error);
  if (code !== "ERR_DLOPEN_FAILED" && !/ERR_DLOPEN_FAILED/.test(message)) return undefined;
  const [reason = ""] = message.split("\n");
  const details = { file: "a native library", work: "loaded", reason, errno: "ERR_DLOPEN_FAILED" };
  const hint = "Reinstall n2uq on this machine: `npm ci`, or `npm install`.";
  return new N2uqError("N2UQ_MACHINE_LIMIT", details, { hint, cause: error });
}

/** Node.js also reports a package as missing if it cannot open the package's file. */
function moduleNotRead(error: Error): N2uqError {
  const [, path = "a package"] = /'([^']+)'/.exec(error.message) ?? [];
  // Node.js names index.js if it could not read package.json.
  const isThere = [path, join(dirname(path), "package.json")].some((file) => existsSync(file));
  const reason = isThere ? "this process has reached its limit of open files" : "it is missing";
  const errno = isThere ? "EMFILE" : "ERR_MODULE_NOT_FOUND";
  const hint = isThere ? files : "Reinstall n2uq on this machine: `npm ci`, or `npm install`.";
  const details = { file: path, work: "loaded", reason, errno };
  return new N2uqError("N2UQ_MACHINE_LIMIT", details, { hint, cause: error });
}

/** A path with a null byte, which YAML and JSON allow but file systems do not. */
function nullByte(error: unknown): N2uqError | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== "ERR_INVALID_ARG_VALUE" || !/null bytes/.test(message)) return undefined;
  const details = { file: "a path", work: "used", reason: "it contains a null byte", errno: code };
  return new N2uqError("N2UQ_FILE_UNUSABLE", details, { hint: "Write the path without \\0.", cause: error });
}

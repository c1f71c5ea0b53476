import { N2uqError } from "../src/errors.js";

const FAULTS: readonly (string | undefined)[] = ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM"];

/**
 * Does work that writes into `folder`.
 * @throws N2uqError N2UQ_RUN_WRITE_FAILED where the disk is full or read-only; anything else as it is
 */
export async function writing<Value>(folder: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw toWriteFailure(error, folder);
  }
}

/** A system error of a full or read-only disk as an error that says so; anything else as it is. */
export function toWriteFailure(error: unknown, directory: string): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  // What Node.js says of a folder that can't be made on a read-only disk.
  const unmade = code === "ENOENT" && syscall === "mkdir";
  if (!unmade && !FAULTS.includes(code)) return error;
  return new N2uqError("N2UQ_RUN_WRITE_FAILED", { directory, reason: message }, { cause: error });
}

/** The error of a file that the user named and that can't be written. */
export function fileUnwritten(file: string, cause: unknown): N2uqError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new N2uqError("N2UQ_CLI_WRITE_FAILED", { file, reason }, { cause });
}

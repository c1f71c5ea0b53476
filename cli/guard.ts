import "../src/home.js";
import { closeSync } from "node:fs";
import { isatty } from "node:tty";
import { errnoOf, reasonOf } from "../runners/systemErrors.js";
import { N2uqError } from "../src/errors.js";
import { fail } from "./failures.js";
import { Output } from "./output.js";
import { isHungUp, stopForClosedOutput } from "./signals.js";

/** Exit code of a command whose reader left, as with `| head`: what a shell gives for SIGPIPE. */
export const EXIT_OUTPUT_CLOSED = 141;

const CLOSED = ["EPIPE", "EIO", "ECONNRESET", "ERR_STREAM_DESTROYED"];

/**
 * Errors that no command caught, such as those of event handlers and streams, end where all errors do: with a code and
 * without a stack trace. An output that can't be written stops the work as a signal does.
 */
export function guardProcess(argv: readonly string[]): void {
  const end = (error: unknown): void => {
    process.exit(fail(error, new Output({ json: argv.includes("--json") })));
  };
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on("exit", () => {
    if (isHungUp() || outputLost) for (const fd of terminals) leave(fd);
  });
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
  process.stdout.on("error", outputFailed);
  // Where errors can't be told, the exit code still says that there was one.
  process.stderr.on("error", () => {});
}

let outputLost = false;

/** Node.js aborts at its end where it can't give a terminal its settings back, unless the file is closed. */
function leave(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    return;
  }
}

/** Training writes its checkpoint and stops; what has nothing to keep ends at once. */
function outputFailed(error: NodeJS.ErrnoException): void {
  outputLost = true;
  const closed = CLOSED.includes(errnoOf(error) ?? error.code ?? "");
  if (!closed) {
    const details = { file: "standard output", reason: reasonOf(error) };
    process.exitCode = fail(new N2uqError("N2UQ_CLI_WRITE_FAILED", details, { cause: error }), new Output());
  }
  if (!stopForClosedOutput()) process.exit(closed ? EXIT_OUTPUT_CLOSED : process.exitCode);
}

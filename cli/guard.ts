import { orElse } from "../src/attempt.js";
import "../src/home.js";
import { closeSync } from "node:fs";
import { isatty } from "node:tty";
import { errnoOf, reasonOf } from "../runners/systemErrors.js";
import { N2uqError } from "../src/errors.js";
import { fail } from "./failures.js";
import { Output } from "./output.js";
import { isHungUp, stopForClosedOutput } from "./signals.js";

/** Exit code of a command whose output was closed, as by `| head`: the shell's code for SIGPIPE. */
export const EXIT_OUTPUT_CLOSED = 141;

const CLOSED = ["EPIPE", "EIO", "ECONNRESET", "ERR_STREAM_DESTROYED"];

/**
 * Reports uncaught errors, such as those of event handlers and streams, like all others: with a code and
 * without a stack trace. An output that is not writable stops the work like a signal.
 */
export function guardProcess(argv: readonly string[]): void {
  const end = (error: unknown): void => {
    process.exit(fail(error, new Output({ json: argv.includes("--json") })));
  };
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on("exit", () => {
    if (!isHungUp() && !outputLost) return;
    // Node.js aborts on exit if it cannot restore the settings of an open terminal.
    for (const fd of terminals) orElse(() => closeSync(fd), undefined);
  });
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
  process.stdout.on("error", outputFailed);
  // If errors cannot be printed, the exit code still reports them.
  process.stderr.on("error", () => {});
}

let outputLost = false;

/** Makes training write its checkpoint and stop; ends other work at once. */
function outputFailed(error: NodeJS.ErrnoException): void {
  outputLost = true;
  const closed = CLOSED.includes(errnoOf(error) ?? error.code ?? "");
  if (!closed) {
    const details = { file: "standard output", reason: reasonOf(error) };
    process.exitCode = fail(new N2uqError("N2UQ_CLI_WRITE_FAILED", details, { cause: error }), new Output());
  }
  if (!stopForClosedOutput()) process.exit(closed ? EXIT_OUTPUT_CLOSED : process.exitCode);
}

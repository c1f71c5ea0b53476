import "../home.js";
import { errnoOf, reasonOf } from "../../runners/systemErrors.js";
import { N2uqError } from "../errors.js";
import { fail } from "./failures.js";
import { Output } from "./output.js";
import { stopForClosedOutput } from "./signals.js";

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
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
  process.stdout.on("error", outputFailed);
  // Where errors can't be told, the exit code still says that there was one.
  process.stderr.on("error", () => {});
}

/** Training writes its checkpoint and stops; what has nothing to keep ends at once. */
function outputFailed(error: NodeJS.ErrnoException): void {
  const closed = CLOSED.includes(errnoOf(error) ?? error.code ?? "");
  if (!closed) {
    const details = { file: "standard output", reason: reasonOf(error) };
    process.exitCode = fail(new N2uqError("N2UQ_CLI_WRITE_FAILED", details, { cause: error }), new Output());
  }
  if (!stopForClosedOutput()) process.exit(closed ? EXIT_OUTPUT_CLOSED : process.exitCode);
}

import { isatty } from "node:tty";
import pc from "picocolors";

const ENDS = new Set(["done", "failed", "blocked", "cancelled", "interrupted"]);

/** The only place that writes to the terminal. Results go to standard output, errors to standard error. */
export class Output {
  readonly mode: "terminal" | "lines" | "json" | "quiet";
  readonly color: boolean;
  readonly #quiet: boolean;

  constructor({ json = false, quiet = false }: { readonly json?: boolean; readonly quiet?: boolean } = {}) {
    const interactive = isatty(1) && process.env.CI === undefined && process.env.TERM !== "dumb";
    this.mode = json ? "json" : quiet ? "quiet" : interactive ? "terminal" : "lines";
    this.#quiet = quiet;
    this.color = pc.isColorSupported && interactive;
  }

  /** Prints a line of text; nothing with --json or --quiet. */
  line(text = ""): void {
    if (this.mode === "terminal" || this.mode === "lines") process.stdout.write(`${text}\n`);
  }

  /** Prints the command's result, as text or (with --json) as one JSON value. */
  result(text: string, value: unknown): void {
    if (this.mode === "json") this.json(value);
    else if (this.mode !== "quiet") process.stdout.write(`${text}\n`);
  }

  json(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** Prints a progress event with --json; with --json and --quiet, only if it is a final event. */
  event<Event extends { readonly type: string }>(event: Event): void {
    if (this.mode === "json" && (!this.#quiet || ENDS.has(event.type))) this.json(event);
  }

  error(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}

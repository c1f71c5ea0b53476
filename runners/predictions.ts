import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { N2uqError } from "../src/errors.js";
import { topProbabilities } from "../src/train/metrics.js";

const SHOWN = 5;
const ranks = Array.from({ length: SHOWN }, (_, index) => index + 1);
const HEAD = ["path", "label", ...ranks.flatMap((rank) => [`pred${rank}`, `prob${rank}`])];

/**
 * A CSV of predictions, a line an image: its path, its label, and the five classes that the network holds most likely, by
 * index, each with its softmax probability; empty where there are fewer classes. The file appears when it is whole.
 */
export class PredictionsFile {
  readonly #file: string;
  readonly #temporary: string;
  #handle: number | null;

  /** @throws N2uqError N2UQ_CLI_WRITE_FAILED */
  constructor(file: string) {
    this.#file = file;
    this.#temporary = `${file}.${process.pid}.tmp`;
    this.#handle = this.#writing(() => openSync(this.#temporary, "w"));
    this.#write(`${HEAD.join(",")}\n`);
  }

  /** @param logits `[images, classes]`, flattened */
  add(paths: readonly string[], labels: Int32Array, logits: Float32Array): void {
    const classes = logits.length / labels.length;
    const lines = paths.map((path, image) => {
      const top = topProbabilities(logits.subarray(image * classes, (image + 1) * classes), SHOWN);
      const columns = ranks.flatMap((_, rank) => {
        const one = top[rank];
        return one === undefined
          ? ["", ""]
          : [String(one.class), String(Number(one.probability.toPrecision(7)))];
      });
      return [path, String(labels[image]), ...columns].map(quoted).join(",");
    });
    this.#write(`${lines.join("\n")}\n`);
  }

  /** Puts the whole file in its place. */
  finish(): void {
    this.#writing(() => {
      if (this.#handle !== null) fsyncSync(this.#handle);
      this.#close();
      renameSync(this.#temporary, this.#file);
    });
  }

  /** Leaves nothing behind that is not finished. */
  discard(): void {
    this.#close();
    rmSync(this.#temporary, { force: true });
  }

  #close(): void {
    if (this.#handle !== null) closeSync(this.#handle);
    this.#handle = null;
  }

  #write(text: string): void {
    const handle = this.#handle;
    if (handle !== null) this.#writing(() => writeSync(handle, text));
  }

  #writing<Value>(work: () => Value): Value {
    try {
      return work();
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw new N2uqError("N2UQ_CLI_WRITE_FAILED", { file: this.#file, reason }, { cause });
    }
  }
}

/** RFC 4180. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

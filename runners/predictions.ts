import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { temporaryName } from "../src/files/temporary.js";
import { csvField } from "../src/report/tables/csv.js";
import { topProbabilities } from "../src/train/metrics.js";
import { type Target, targetOf } from "../src/weights/target.js";
import { fileUnwritten } from "./writing.js";

const SHOWN = 5;
const ranks = Array.from({ length: SHOWN }, (_, index) => index + 1);
const HEAD = ["path", "label", ...ranks.flatMap((rank) => [`pred${rank}`, `prob${rank}`])];

/**
 * A CSV of predictions with one line per image: path, label, and the five most likely classes by index, each
 * with its softmax probability; empty fields if there are fewer classes. The file is renamed into place when
 * it is complete.
 */
export class PredictionsFile {
  readonly #file: string;
  readonly #target: Target;
  readonly #temporary: string;
  #handle: number | null;

  /** @throws N2uqError N2UQ_CLI_WRITE_FAILED */
  constructor(file: string) {
    this.#file = file;
    this.#target = this.#writing(() => targetOf(file));
    this.#temporary = this.#target.device ? file : temporaryName(this.#target.file);
    this.#handle = this.#writing(() => openSync(this.#temporary, "w"));
    this.#write(`${HEAD.join(",")}\n`);
  }

  /** @param logits `[images, classes]`, flattened */
  add(paths: readonly string[], labels: Int32Array, logits: Float32Array): void {
    const classes = logits.length / labels.length;
    const lines = paths.map((path, image) => {
      const top = topProbabilities(logits.subarray(image * classes, (image + 1) * classes), SHOWN);
      const columns = ranks.flatMap((_, rank): (number | string)[] => {
        const one = top[rank];
        return one === undefined ? ["", ""] : [one.class, Number(one.probability.toPrecision(7))];
      });
      return [path, labels[image], ...columns].map(csvField).join(",");
    });
    this.#write(`${lines.join("\n")}\n`);
  }

  /** Renames the complete file into place. */
  finish(): void {
    this.#writing(() => {
      if (this.#handle !== null && !this.#target.device) fsyncSync(this.#handle);
      this.#close();
      if (!this.#target.device) renameSync(this.#temporary, this.#target.file);
    });
  }

  /** Removes the unfinished file. */
  discard(): void {
    this.#close();
    if (!this.#target.device) rmSync(this.#temporary, { force: true });
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
      throw fileUnwritten(this.#file, cause);
    }
  }
}

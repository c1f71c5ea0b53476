import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { orElse } from "../attempt.js";
import { checkRunFile } from "../schema/runFiles.js";
import { restored } from "./runFiles.js";
import type { EpochPoint, RunHistory, StepPoint } from "./summary.js";

const METRICS = "metrics.jsonl";

const BLOCK = 2 ** 20;
/**
 * Maximum length of a line, in characters; n2uq writes shorter lines. A longer line is not kept in memory.
 */
const LONGEST_LINE = 2 ** 20;

/**
 * Reads metrics.jsonl in blocks. Skips truncated or damaged lines and counts them in `notes`. @param most
 * number of points; if there are at least twice as many, neighbors are merged to their mean loss and accuracy
 */
export function readMetrics(
  directory: string,
  notes: string[],
  most = Number.POSITIVE_INFINITY,
): Pick<RunHistory, "steps" | "epochs"> {
  const steps = new Steps(most);
  const epochs: EpochPoint[] = [];
  let broken = 0;
  try {
    for (const line of linesOf(join(directory, METRICS))) {
      if (line === "") continue;
      const point = pointOf(line);
      if (point === null) broken += 1;
      else if (point.type === "step") steps.add(point);
      else epochs.push(point);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const absent = code === "ENOENT" || code === "ENOTDIR";
    notes.push(
      absent
        ? `There is no ${METRICS}: curves are not shown.`
        : `${METRICS} can't be read (${code ?? (error as Error).message}): curves are not shown.`,
    );
    return { steps: [], epochs: [] };
  }
  if (broken > 0) notes.push(`${broken} lines of ${METRICS} are damaged and skipped.`);
  return { steps: steps.points, epochs };
}

type Point = ({ readonly type: "step" } & StepPoint) | ({ readonly type: "epoch" } & EpochPoint);

function pointOf(line: string): Point | null {
  const entry = orElse(() => JSON.parse(line) as unknown, null);
  const step = checkRunFile("metricsStep", entry);
  if (step.ok) return restored(step.value);
  const epoch = checkRunFile("metricsEpoch", entry);
  return epoch.ok ? restored(epoch.value) : null;
}

/** @throws a system error if the file cannot be read */
function* linesOf(file: string): Generator<string> {
  if (!statSync(file).isFile()) throw new RangeError("not a regular file");
  const descriptor = openSync(file, "r");
  try {
    const decoder = new StringDecoder("utf8");
    const block = Buffer.alloc(BLOCK);
    let rest = "";
    for (;;) {
      const count = readSync(descriptor, block);
      if (count === 0) break;
      const lines = (rest + decoder.write(block.subarray(0, count))).split("\n");
      rest = lines.pop() ?? "";
      // A line that is too long is replaced by a text that is not JSON, so that it counts as damaged.
      if (rest.length > LONGEST_LINE) rest = "damaged";
      yield* lines;
    }
    yield rest + decoder.end();
  } finally {
    closeSync(descriptor);
  }
}

/** Fewer than 2 · `most` points: at this number, neighbors are merged in pairs. */
class Steps {
  points: StepPoint[] = [];
  readonly #most: number;
  /** Number of steps per point; `#open` has the steps of the next point. */
  #each = 1;
  #open: StepPoint[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(step: StepPoint): void {
    this.#open.push(step);
    if (this.#open.length < this.#each) return;
    this.points.push(together(this.#open));
    this.#open = [];
    if (this.points.length < 2 * this.#most) return;
    this.points = Array.from({ length: this.points.length / 2 }, (_, i) =>
      together(this.points.slice(2 * i, 2 * i + 2)),
    );
    this.#each *= 2;
  }
}

function together(points: readonly StepPoint[]): StepPoint {
  const [first, ...others] = points;
  const last = others.at(-1) ?? first;
  if (first === undefined || last === undefined) throw new RangeError("no point");
  if (others.length === 0) return first;
  const mean = (pick: (point: StepPoint) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  return { ...last, loss: mean(({ loss }) => loss), top1: mean(({ top1 }) => top1) };
}

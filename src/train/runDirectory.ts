import { appendFileSync, createReadStream } from "node:fs";
import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { N2uqError } from "../errors.js";
import { duplicate, writeAtomic } from "../weights/atomic.js";
import type { TrainEvent } from "./events.js";
import type { RunIdentity } from "./identity.js";
import { IDENTITY, readIdentity } from "./identity.js";
import type { Environment, RunRecord } from "./record.js";

/** Version of result.json. */
export const RECORD_FORMAT = 1;
/** The checkpoint from which a run resumes, the one before it, and the weights of the best epoch. */
export const LAST = join("checkpoints", "last.safetensors");
export const PREVIOUS = join("checkpoints", "previous.safetensors");
export const BEST = join("checkpoints", "best.safetensors");
/** Where a run's last failure is told; gone once it is tried again. */
export const FAILURE = "failed.json";

/** How the last try of a run ended, where it did not end well. */
export interface RunFailure {
  /** An error's code, or what happened to the process: `signal SIGKILL`, `exit 9`. */
  readonly code: string;
  readonly message: string;
  /** ISO time. */
  readonly time: string;
}

/** `runs/<name>-<hash8>`: the directory of an experiment; another experiment has another. */
export function runDirectory(runs: string, name: string, hash: string): string {
  return join(runs, `${name}-${hash.slice(0, 8)}`);
}

/** The files of one run. The directory is the truth: whatever is asked about a run is answered from here. */
export class RunDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get last(): string {
    return join(this.path, LAST);
  }

  get previous(): string {
    return join(this.path, PREVIOUS);
  }

  get best(): string {
    return join(this.path, BEST);
  }

  get metrics(): string {
    return join(this.path, "metrics.jsonl");
  }

  get resultFile(): string {
    return join(this.path, "result.json");
  }

  get log(): string {
    return join(this.path, "events.log");
  }

  async create(resolvedYaml: string, environment: Environment, identity: RunIdentity): Promise<void> {
    await mkdir(join(this.path, "checkpoints"), { recursive: true });
    await this.#identify(identity);
    await writeAtomic(join(this.path, "resolved.yaml"), [resolvedYaml]);
    await writeAtomic(join(this.path, "environment.json"), [`${JSON.stringify(environment, null, 2)}\n`]);
  }

  /**
   * The finished run's record, or null while there is none.
   * @throws N2uqError N2UQ_RUN_CORRUPT
   */
  async result(): Promise<RunRecord | null> {
    const file = join(this.path, "result.json");
    const text = await readOptional(file);
    if (text === null) return null;
    try {
      const record = JSON.parse(text) as RunRecord;
      if (record.format === RECORD_FORMAT) return record;
      throw new RangeError(`its format is ${record.format}, this version reads ${RECORD_FORMAT}`);
    } catch (cause) {
      throw new N2uqError("N2UQ_RUN_CORRUPT", { file, reason: (cause as Error).message }, { cause });
    }
  }

  /** Puts the resolved experiment where a worker will read it, unless the run is there already. */
  async queue(resolvedYaml: string, identity: RunIdentity): Promise<void> {
    if ((await readOptional(join(this.path, "resolved.yaml"))) !== null) return;
    await mkdir(join(this.path, "checkpoints"), { recursive: true });
    await this.#identify(identity);
    await writeAtomic(join(this.path, "resolved.yaml"), [resolvedYaml]);
  }

  /** Keeps what the run was called before. */
  async #identify(identity: RunIdentity): Promise<void> {
    const formerly = readIdentity(this.path)?.formerly;
    const whole = { ...identity, ...(formerly !== undefined && { formerly }) };
    await writeAtomic(join(this.path, IDENTITY), [`${JSON.stringify(whole, null, 1)}\n`]);
  }

  async writeFailure(failure: RunFailure): Promise<void> {
    await mkdir(this.path, { recursive: true });
    await writeAtomic(join(this.path, FAILURE), [`${JSON.stringify(failure, null, 2)}\n`]);
  }

  async clearFailure(): Promise<void> {
    await rm(join(this.path, FAILURE), { force: true });
  }

  async writeResult(record: RunRecord): Promise<void> {
    await writeAtomic(join(this.path, "result.json"), [`${JSON.stringify(record, null, 2)}\n`]);
  }

  /** Whether the run has written a checkpoint, however it is now. */
  async hasCheckpoint(): Promise<boolean> {
    return (await isThere(this.last)) || isThere(this.previous);
  }

  /**
   * Makes the last checkpoint the previous one as well, in one rename: to be called just before a new one takes the last
   * one's place, so that at every instant the last one is there. Does nothing before the first.
   */
  async keepPrevious(): Promise<void> {
    if (await isThere(this.last)) await duplicate(this.last, this.previous);
  }

  /** Forgets everything about the run but its log. */
  async clear(): Promise<void> {
    const written = ["resolved.yaml", IDENTITY, "environment.json", "sources.json", "start.json"];
    const found = ["metrics.jsonl", "result.json", "analysis.json", "tensorboard", FAILURE];
    for (const part of ["checkpoints", ...written, ...found])
      await rm(join(this.path, part), { recursive: true, force: true });
  }

  /** Steps and epochs become lines of metrics.jsonl; everything but steps a line of events.log. */
  record(event: TrainEvent): void {
    const { type } = event;
    if ((type === "step" && event.recorded) || type === "epoch") {
      const { run: _, ...line } = event;
      appendFileSync(this.metrics, `${JSON.stringify(line)}\n`);
    }
    if (type !== "step" && type !== "evaluating") appendFileSync(this.log, logLine(event));
  }

  /** Drops the metrics after a checkpoint's step (they will be written again), and a line that a crash cut off. */
  async rewindMetrics(step: number, epoch: number): Promise<void> {
    const text = await readOptional(this.metrics);
    if (text === null) return;
    const kept = text.split("\n").filter((line) => isBefore(line, step, epoch));
    await writeAtomic(
      this.metrics,
      kept.map((line) => `${line}\n`),
    );
  }

  /** The lines of metrics.jsonl, one by one. */
  async *readMetrics(): AsyncIterable<Record<string, unknown>> {
    const lines = createInterface({ input: createReadStream(this.metrics) });
    for await (const line of lines) yield JSON.parse(line) as Record<string, unknown>;
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function isBefore(line: string, step: number, epoch: number): boolean {
  try {
    const entry = JSON.parse(line) as { type: string; step: number; epoch: number };
    return entry.type === "epoch" ? entry.epoch <= epoch : entry.step <= step;
  } catch {
    return false;
  }
}

function logLine(event: TrainEvent): string {
  const { type, run: _, ...rest } = event;
  return `${new Date().toISOString()} ${type} ${JSON.stringify(rest)}\n`;
}

async function readOptional(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

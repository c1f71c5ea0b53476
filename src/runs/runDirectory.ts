import { appendFileSync, existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { orElse } from "../attempt.js";
import { N2uqError } from "../errors.js";
import { isTemporary } from "../files/temporary.js";
import { makeFolder } from "../folders.js";
import type { Failure } from "../schema/generated/run.js";
import { duplicate, syncFolder, writeAtomic } from "../weights/atomic.js";
import type { TrainEvent } from "./events.js";
import { IDENTITY, type RunIdentity, readIdentity } from "./identity.js";
import type { Environment, RunRecord } from "./record.js";
import { RESULT, readRecord, readTextFile } from "./runFiles.js";

/** The latest checkpoint. */
export const LAST = join("checkpoints", "last.safetensors");
/** The run's last failure; removed on retry. */
export const FAILURE = "failed.json";

/** How the last attempt of a run failed: an error, or the process's end (`signal SIGKILL`, `exit 9`). */
export type RunFailure = Readonly<Failure>;

/** `runs/<name>-<hash8>`: the directory of an experiment, unique to it. */
export function runDirectory(runs: string, name: string, hash: string): string {
  return join(runs, `${name}-${hash.slice(0, 8)}`);
}

/** The files of one run. All information about a run is in its directory and read from there. */
export class RunDirectory {
  readonly path: string;
  readonly last: string;
  readonly previous: string;
  readonly best: string;
  readonly metrics: string;
  readonly resultFile: string;
  readonly log: string;

  constructor(path: string) {
    this.path = path;
    this.last = join(path, LAST);
    this.previous = join(path, "checkpoints", "previous.safetensors");
    this.best = join(path, "checkpoints", "best.safetensors");
    this.metrics = join(path, "metrics.jsonl");
    this.resultFile = join(path, RESULT);
    this.log = join(path, "events.log");
  }

  async create(resolvedYaml: string, environment: Environment, identity: RunIdentity): Promise<void> {
    makeFolder(join(this.path, "checkpoints"));
    // A power failure must not lose a checkpoint together with its folder.
    for (const folder of [this.path, dirname(this.path)]) await syncFolder(folder);
    await this.#identify(identity);
    await writeAtomic(join(this.path, "resolved.yaml"), [resolvedYaml]);
    await writeAtomic(join(this.path, "environment.json"), [`${JSON.stringify(environment, null, 2)}\n`]);
  }

  /** The finished run's record, or null if it is not finished. @throws N2uqError N2UQ_RUN_CORRUPT */
  async result(): Promise<RunRecord | null> {
    const read = readRecord(this.path);
    if (read.state === "absent") return null;
    if (read.state === "read") return read.value;
    throw new N2uqError("N2UQ_RUN_CORRUPT", { file: join(this.path, RESULT), reason: read.reason });
  }

  /**
   * Writes the resolved experiment for a worker, unless there is one; replaces one that is not valid YAML.
   */
  async queue(resolvedYaml: string, identity: RunIdentity): Promise<void> {
    const file = join(this.path, "resolved.yaml");
    const there = readTextFile(file);
    if (there.state === "read" && (isSame(there.value, resolvedYaml) || isYaml(there.value))) return;
    for (let attempt = 1; ; attempt++) {
      try {
        makeFolder(join(this.path, "checkpoints"));
        await this.#identify(identity);
        await writeAtomic(file, [resolvedYaml]);
        return;
      } catch (error) {
        // Another process holds the lock, and removed the unfinished file as a leftover of a dead process.
        const isCleared = (error as NodeJS.ErrnoException).code === "ENOENT";
        if (!isCleared || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  /** Keeps the run's former hashes. */
  async #identify(identity: RunIdentity): Promise<void> {
    const formerly = readIdentity(this.path)?.formerly;
    const whole = { ...identity, ...(formerly !== undefined && { formerly }) };
    await writeAtomic(join(this.path, IDENTITY), [`${JSON.stringify(whole, null, 1)}\n`]);
  }

  async writeFailure(failure: RunFailure): Promise<void> {
    await writeAtomic(join(this.path, FAILURE), [`${JSON.stringify(failure, null, 2)}\n`]);
  }

  async clearFailure(): Promise<void> {
    await rm(join(this.path, FAILURE), { force: true });
  }

  async writeResult(record: RunRecord): Promise<void> {
    await writeAtomic(join(this.path, RESULT), [`${JSON.stringify(record, null, 2)}\n`]);
  }

  /** Whether the run has written a checkpoint, intact or not. */
  hasCheckpoint(): boolean {
    return existsSync(this.last) || existsSync(this.previous);
  }

  /**
   * Makes the last checkpoint also the previous one, by one rename. Call this before writing a new
   * checkpoint; there is a last checkpoint at any time. Does nothing if there is no checkpoint yet.
   */
  async keepPrevious(): Promise<void> {
    if (existsSync(this.last)) await duplicate(this.last, this.previous);
  }

  /**
   * Removes all files of the run except its log. Removes the result first, so that a run with a result always
   * has its weights.
   */
  async clear(): Promise<void> {
    const written = ["resolved.yaml", IDENTITY, "environment.json", "sources.json", "start.json"];
    const found = ["metrics.jsonl", "analysis.json", "tensorboard", FAILURE];
    for (const part of ["result.json", "checkpoints", ...written, ...found])
      await rm(join(this.path, part), { recursive: true, force: true });
  }

  /** Removes unfinished files of killed processes. Requires the lock, so that no other process is writing. */
  async clearLeftovers(): Promise<void> {
    for (const folder of [this.path, join(this.path, "checkpoints"), join(this.path, "tensorboard")]) {
      for (const name of await readdir(folder).catch(() => [])) {
        if (isTemporary(name) || /^lock\.(\d+$|after-)/.test(name))
          await rm(join(folder, name), { force: true });
      }
    }
  }

  /** Writes steps and epochs to metrics.jsonl, and everything but steps to events.log. */
  record(event: TrainEvent): void {
    const { run: _, ...line } = event;
    const { type, ...rest } = line;
    if ((event.type === "step" && event.recorded) || type === "epoch")
      appendFileSync(this.metrics, `${JSON.stringify(line)}\n`);
    if (type !== "step" && type !== "evaluating")
      appendFileSync(this.log, `${new Date().toISOString()} ${type} ${JSON.stringify(rest)}\n`);
  }

  /** Drops metrics after a checkpoint's step, which will be written again, and a truncated line. */
  async rewindMetrics(step: number, epoch: number): Promise<void> {
    if (!existsSync(this.metrics)) return;
    const text = await readFile(this.metrics, "utf8");
    const kept = text.split("\n").filter((line) => isBefore(line, step, epoch));
    await writeAtomic(this.metrics, [kept.map((line) => `${line}\n`).join("")]);
  }
}

/** Compares without comments, which describe the environment of the run. */
function isSame(a: string, b: string): boolean {
  const bare = (text: string) => text.replace(/^#.*\n/gm, "");
  return bare(a) === bare(b);
}

function isYaml(text: string): boolean {
  const value = orElse(() => parse(text, { logLevel: "error" }) as unknown, null);
  return typeof value === "object" && value !== null;
}

const MOST_ATTEMPTS = 5;

function isBefore(line: string, step: number, epoch: number): boolean {
  try {
    const entry = JSON.parse(line) as { type: string; step: number; epoch: number };
    return entry.type === "epoch" ? entry.epoch <= epoch : entry.step <= step;
  } catch {
    return false;
  }
}

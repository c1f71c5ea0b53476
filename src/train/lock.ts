import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { N2uqError } from "../errors.js";

/** How far the holder has come; what others see of a run that is going on. */
export interface LockProgress {
  readonly step: number;
  readonly totalSteps: number;
  readonly loss: number;
  readonly secondsLeft: number;
}

/** Who holds a run directory, and its last sign of life. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as the system counts; tells a process from a later one with its number. Null where unknown. */
  readonly began: string | null;
  /** ISO time. */
  readonly beat: string;
  readonly progress: LockProgress | null;
}

export interface Lock {
  /** A sign of life, written at most every two seconds. */
  beat(progress: LockProgress): void;
  release(): Promise<void>;
}

const BEAT_EVERY_MS = 2000;
/** After so long without a sign the holder on another machine counts as gone. */
const SILENT_MS = 10 * 60_000;
/** Of several that take over a dead lock at once the last one to write has it; so long for all of them to have written. */
const SETTLE_MS = 60;

/** A dead process's number may be ours today: what we hold ourselves is known here. */
const heldHere = new Set<string>();

/**
 * Takes a run directory for this process, so that two of them never write one run. A lock whose process is gone (killed)
 * is taken over; so is one from another machine that has been silent for ten minutes.
 * @throws N2uqError N2UQ_RUN_LOCKED
 */
export async function lockRun(directory: string): Promise<Lock> {
  const file = join(directory, "lock");
  await mkdir(directory, { recursive: true });
  if (!(await create(file)) && !(await takeOver(file))) {
    const { pid, host } = (await read(file)) ?? { pid: "?", host: "?" };
    throw new N2uqError("N2UQ_RUN_LOCKED", { directory, pid, host, file });
  }
  heldHere.add(file);
  let last = Date.now();
  return {
    beat({ step, totalSteps, loss, secondsLeft }) {
      if (Date.now() - last < BEAT_EVERY_MS) return;
      last = Date.now();
      const temporary = `${file}.${process.pid}`;
      writeFileSync(temporary, JSON.stringify(ourselves({ step, totalSteps, loss, secondsLeft })));
      renameSync(temporary, file);
    },
    async release() {
      heldHere.delete(file);
      await rm(file, { force: true });
    },
  };
}

/** Who holds a run directory now; null where nobody alive does. */
export function holderOf(directory: string): LockHolder | null {
  const file = join(directory, "lock");
  try {
    const holder = JSON.parse(readFileSync(file, "utf8")) as LockHolder;
    return isAlive(holder, file) ? holder : null;
  } catch {
    return null;
  }
}

function ourselves(progress: LockProgress | null): LockHolder {
  const beat = new Date().toISOString();
  return { pid: process.pid, host: hostname(), began: beginningOf(process.pid), beat, progress };
}

async function create(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(JSON.stringify(ourselves(null))).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function takeOver(file: string): Promise<boolean> {
  const before = await read(file);
  if (before !== null && isAlive(before, file)) return false;
  const own = JSON.stringify(ourselves(null));
  await writeFile(`${file}.${process.pid}`, own);
  await rename(`${file}.${process.pid}`, file);
  await wait(SETTLE_MS);
  return (await readFile(file, "utf8").catch(() => "")) === own;
}

/** Null when it was given back meanwhile, or when its writer died before a word was on disk. */
async function read(file: string): Promise<LockHolder | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as LockHolder;
  } catch {
    return null;
  }
}

function isAlive({ pid, host, began, beat }: LockHolder, file: string): boolean {
  if (host !== hostname()) return Date.now() - Date.parse(beat) < SILENT_MS;
  if (pid === process.pid) return heldHere.has(file);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return began === null || began === undefined || beginningOf(pid) === began;
}

/** Field 22 of /proc/<pid>/stat, clock ticks since the machine started; null elsewhere than on Linux. */
function beginningOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

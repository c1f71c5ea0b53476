import { mkdir, open, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { N2uqError } from "../errors.js";

interface Holder {
  readonly pid: number;
  readonly host: string;
}

/** A dead process's number may be ours today: what we hold ourselves is known here. */
const heldHere = new Set<string>();

/**
 * Takes a run directory for this process, so that two of them never write one run. A lock whose process is gone (killed)
 * is taken over; one from another machine is respected.
 * @returns what gives the lock back
 * @throws N2uqError N2UQ_RUN_LOCKED
 */
export async function lockRun(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, "lock");
  await mkdir(directory, { recursive: true });
  for (let attempt = 0; attempt < 2; attempt++) {
    if (await create(file)) {
      heldHere.add(file);
      return async () => {
        heldHere.delete(file);
        await rm(file, { force: true });
      };
    }
    const holder = await read(file);
    if (holder !== null && isAlive(holder, file)) {
      throw new N2uqError("N2UQ_RUN_LOCKED", { directory, pid: holder.pid, host: holder.host, file });
    }
    await rm(file, { force: true });
  }
  throw new N2uqError("N2UQ_RUN_LOCKED", { directory, pid: "?", host: "?", file });
}

async function create(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    const holder: Holder = { pid: process.pid, host: hostname() };
    await handle.writeFile(JSON.stringify(holder)).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Null when it was given back meanwhile, or when its writer died before a word was on disk. */
async function read(file: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Holder;
  } catch {
    return null;
  }
}

function isAlive({ pid, host }: Holder, file: string): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return heldHere.has(file);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Does something in a new folder inside `folder`, which goes away afterwards, whatever happened. What processes left there that
 * ended on their way goes too.
 */
export async function inWorkplace<Value>(
  folder: string,
  work: (workplace: string) => Promise<Value>,
): Promise<Value> {
  await mkdir(folder, { recursive: true });
  await removeLeftovers(folder);
  const workplace = await mkdtemp(join(folder, `.unfinished-${process.pid}-`));
  try {
    return await work(workplace);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
}

/** Gives `made`, inside the workplace, its name; what had this name before goes away with the workplace. */
export async function putInPlace(made: string, place: string, workplace: string): Promise<void> {
  if (existsSync(place)) await rename(place, join(workplace, "before"));
  await rename(made, place);
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const pid = Number(/^\.unfinished-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

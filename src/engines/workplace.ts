import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../files/withLock.js";
import { makeFolder } from "../folders.js";

/**
 * Runs `work` on a folder under a lock: if several processes install the same engine, one works and the
 * others wait. @throws LockUnwritable; errors of `work`
 */
async function oneAtATime<Value>(
  folder: string,
  work: () => Promise<Value>,
  onProgress: (text: string) => void = () => {},
): Promise<Value> {
  const onWait = ({ pid, host }: { readonly pid: number; readonly host: string }) =>
    onProgress(`waiting for process ${pid} on ${host}, which changes ${folder}`);
  return withLock(join(folder, ".lock"), work, { onWait });
}

/**
 * Returns the result of `find`. If it is undefined, locks the folder and calls `find` again, because another
 * process may have installed the engine meanwhile. Calls `install` only if the result is still undefined.
 */
export async function unlessFound<Found>(
  folder: string,
  find: () => Promise<Found | undefined>,
  install: () => Promise<Found>,
  onProgress?: (text: string) => void,
): Promise<Found> {
  return (await find()) ?? oneAtATime(folder, async () => (await find()) ?? install(), onProgress);
}

/**
 * Runs `work` in a temporary folder inside `folder` and removes it afterwards, also on failure. Removes
 * leftovers of crashed processes too, so `folder` must be locked by this process (`oneAtATime`).
 */
export async function inWorkplace<Value>(
  folder: string,
  work: (workplace: string) => Promise<Value>,
): Promise<Value> {
  makeFolder(folder);
  for (const name of readdirSync(folder).filter((one) => one.startsWith(".unfinished-")))
    await rm(join(folder, name), { recursive: true, force: true });
  const workplace = await mkdtemp(join(folder, `.unfinished-${process.pid}-`));
  try {
    return await work(workplace);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
}

/**
 * Moves `made` from the temporary folder to its final path. An existing folder there is moved into the
 * temporary folder, and removed with it.
 */
export async function putInPlace(made: string, place: string, workplace: string): Promise<void> {
  if (existsSync(place)) await rename(place, join(workplace, "before"));
  await rename(made, place);
}

/** Removes a folder under a lock. @returns whether it existed */
export async function removeFolder(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  await oneAtATime(folder, () => rm(folder, { recursive: true, force: true }));
  return true;
}

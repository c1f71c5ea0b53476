import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../files/withLock.js";
import { makeFolder } from "../folders.js";

/**
 * Does something that changes a folder while no other process does: of several that install the same, one works and the others
 * wait for it.
 * @throws LockUnwritable; what `work` throws
 */
export async function oneAtATime<Value>(
  folder: string,
  work: () => Promise<Value>,
  onProgress: (text: string) => void = () => {},
): Promise<Value> {
  const onWait = ({ pid, host }: { readonly pid: number; readonly host: string }) =>
    onProgress(`waiting for process ${pid} on ${host}, which changes ${folder}`);
  return withLock(join(folder, ".lock"), work, { onWait });
}

/**
 * Does something in a new folder inside `folder`, which goes away afterwards, whatever happened. What processes left there that
 * ended on their way goes too; so `folder` must be this process's own (`oneAtATime`).
 */
export async function inWorkplace<Value>(
  folder: string,
  work: (workplace: string) => Promise<Value>,
): Promise<Value> {
  makeFolder(folder);
  for (const name of readdirSync(folder).filter((one) => one.startsWith(".unfinished-"))) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
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

/** Removes a folder while no other process changes it. @returns whether there was one */
export async function removeFolder(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  await oneAtATime(folder, () => rm(folder, { recursive: true, force: true }));
  return true;
}

// A process that competes for a lock: on a message, acquires a run's lock a few times, and checks whether it
// is the only holder.
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawer, sleep } from "./shared.js";

const { lockRun } = await import(process.env.SOAK_LOCK_MODULE ?? "../../dist/src/runs/lock.js");
const draw = drawer(Number(process.env.SOAK_SEED) * 31 + process.pid);

process.on("message", async ({ directory, tries, holdMs, blockMs, atMs }) => {
  const told = { held: 0, together: 0, refused: 0, lost: 0, errors: [] };
  while (Date.now() < atMs - 4) await sleep(1);
  while (Date.now() < atMs);
  for (let attempt = 0; attempt < tries; attempt++) {
    try {
      const lock = await lockRun(directory);
      told.held += 1;
      writeFileSync(join(directory, `inside-${process.pid}`), "");
      let alone = isAlone(directory);
      if (blockMs > 0) block(blockMs);
      await sleep(draw() < 0.4 ? holdMs : 0.1 * holdMs);
      alone &&= isAlone(directory);
      if (!alone) told.together += 1;
      lock.check?.();
      rmSync(join(directory, `inside-${process.pid}`));
      await lock.release();
    } catch (error) {
      if (error.code === "N2UQ_RUN_LOCKED") told.refused += 1;
      else told.errors.push(`${error.code ?? ""} ${error.message}`);
    }
    await sleep(10 * draw());
  }
  process.send(told);
});
process.on("disconnect", () => process.exit());
process.send("ready");

/**
 * Whether no other live process holds the lock. Called twice, so that of two holders at least one detects the
 * other.
 */
function isAlone(directory) {
  const pids = readdirSync(directory).flatMap((name) => /^inside-(\d+)$/.exec(name)?.[1] ?? []);
  return pids.map(Number).every((pid) => pid === process.pid || !isRunning(pid));
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Blocks this thread, like a long validation. */
function block(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

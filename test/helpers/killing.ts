import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Finished, root, start } from "./cli.js";

/**
 * The content of the run directories in a folder that must repeat bit by bit, and how often each run ended.
 */
export function outcome(runs: string): unknown {
  return runNames(runs).map((name) => {
    const {
      timing: _,
      environment: __,
      ...result
    } = JSON.parse(readFileSync(join(runs, name, "result.json"), "utf8"));
    const best = readFileSync(join(runs, name, "checkpoints", "best.safetensors"), "base64");
    const finished = readFileSync(join(runs, name, "events.log"), "utf8").match(/ done /g)?.length;
    return { name, result, best, finished };
  });
}

/** Starts a command with `--json` and kills it with SIGKILL after `steps` training steps, unless it ends before. */
export function killAfter(steps: number, args: readonly string[], cwd = root): Promise<Finished> {
  const { child, done } = start([...args, "--json"], cwd);
  let seen = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    seen += chunk.toString().split('"type":"step"').length - 1;
    if (seen >= steps) child.kill("SIGKILL");
  });
  return done;
}

export type Victim = "parent" | "worker" | "all";

/**
 * Starts a sweep in a separate process group, waits until it has started `cells` cells and then `ms`
 * milliseconds, kills the parent, one worker, or the entire group, and waits until the sweep has ended. If
 * `goOnMs` is set, the sweep itself is killed that many milliseconds after the worker.
 */
export async function disturb(
  victim: Victim,
  args: readonly string[],
  {
    cwd = root,
    runs,
    cells,
    ms,
    goOnMs,
  }: { cwd?: string; runs: string; cells: number; ms: number; goOnMs?: number },
): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [join(root, "bin", "n2uq.js"), ...args], {
    cwd,
    detached: true,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
  });
  child.stderr?.resume();
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  while (child.exitCode === null && text.split("▶").length <= cells) await wait(20);
  await wait(ms);
  if (victim === "parent") kill(child.pid!);
  if (victim === "worker") for (const pid of workersOf(runs).slice(0, 1)) kill(pid);
  if (victim === "all") kill(-child.pid!);
  if (victim === "worker" && goOnMs !== undefined) {
    await wait(goOnMs);
    kill(child.pid!);
  }
  await ended;
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function runNames(runs: string): string[] {
  return readdirSync(runs)
    .filter((name) => name !== "sweeps")
    .sort();
}

function workersOf(runs: string): number[] {
  return runNames(runs).flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(join(runs, name, "lock"), "utf8")).pid as number];
    } catch {
      return [];
    }
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // The process had already exited.
  }
}

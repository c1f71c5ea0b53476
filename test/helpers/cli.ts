import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { refuseOldBuild } from "./build.js";
import { root } from "./root.js";

export { root } from "./root.js";

/** The command under test: that of this repository, or of another build (`npm run fails-before`). */
export const command = join(process.env.N2UQ_TEST_ROOT ?? root, "bin", "n2uq.js");
if (process.env.N2UQ_TEST_ROOT === undefined) refuseOldBuild(root);

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built command like a user; `done` resolves when it has ended. */
export function start(
  args: readonly string[],
  cwd = root,
  variables: NodeJS.ProcessEnv = {},
): { child: ChildProcess; done: Promise<Finished> } {
  const child = spawn(process.execPath, [command, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const done = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, done };
}

/** Runs the built command to its end. */
export async function n2uq(
  args: readonly string[],
  cwd = root,
  variables: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  return start(args, cwd, variables).done;
}

/** The processes that a process started. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);
}

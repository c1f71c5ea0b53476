import { fstatSync } from "node:fs";

/** Stops the work; null until work has started. */
let stopWork: (() => void) | null = null;
let hungUp = false;

/** Whether this process's terminal has closed. */
export function isHungUp(): boolean {
  return hungUp;
}

/**
 * The first SIGINT, SIGTERM or SIGQUIT asks the work to checkpoint and stop; a second one ends the process at
 * once. A closing terminal or pipe counts as a signal, unless the output is a file; then the work continues.
 */
export function abortOnSignals(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) return;
    controller.abort();
    onFirst();
  };
  const handle = (): void => {
    if (controller.signal.aborted) process.exit(130);
    stop();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGQUIT"] as const) process.on(signal, handle);
  // A closing terminal may cause two SIGHUPs, one from its shell and one from the system.
  process.on("SIGHUP", () => {
    hungUp = true;
    if (!writesToFile()) stop();
  });
  stopWork = stop;
  return controller.signal;
}

/** Stops the work, like a signal. @returns whether any work was running */
export function stopForClosedOutput(): boolean {
  stopWork?.();
  return stopWork !== null;
}

/**
 * Whether standard output is a file or /dev/null, which remain open when a terminal closes. If so, the work
 * continues after SIGHUP: Node.js resets SIGHUP, so a process cannot see whether `nohup` started it.
 */
export function writesToFile(): boolean {
  try {
    const output = fstatSync(1);
    return output.isFile() || (output.isCharacterDevice() && !process.stdout.isTTY);
  } catch {
    return false;
  }
}

import { fstatSync } from "node:fs";

/** What asks the work to stop, once it has begun. */
let stopWork: (() => void) | null = null;
let hungUp = false;

/** Whether the terminal that this process was started in has closed. */
export function isHungUp(): boolean {
  return hungUp;
}

/**
 * The first SIGINT, SIGTERM or SIGQUIT asks the work to checkpoint and stop; a second one ends the process at once. So does a
 * terminal or a pipe that closes, except that work whose output is a file continues.
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
  // A closing terminal may send it twice: by its shell and by the system.
  process.on("SIGHUP", () => {
    hungUp = true;
    if (!writesToFile()) stop();
  });
  stopWork = stop;
  return controller.signal;
}

/** Asks the work to stop, as a signal does. @returns whether there is any */
export function stopForClosedOutput(): boolean {
  stopWork?.();
  return stopWork !== null;
}

/**
 * Whether standard output is a file or /dev/null, which a closing terminal leaves as they are. Node.js undoes what `nohup` did
 * to SIGHUP, so this says whether to continue.
 */
export function writesToFile(): boolean {
  try {
    const output = fstatSync(1);
    return output.isFile() || (output.isCharacterDevice() && !process.stdout.isTTY);
  } catch {
    return false;
  }
}

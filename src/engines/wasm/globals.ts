import os from "node:os";

/**
 * Remembers the process's listeners; the returned function removes those added since. Emscripten's start-up
 * code catches the process's uncaught errors, which the command line must report.
 */
export function rememberListeners(): () => void {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => process.rawListeners(event));
  return () => {
    for (const [index, event] of events.entries()) {
      for (const listener of process.rawListeners(event))
        if (!before[index]?.includes(listener)) process.off(event, listener as () => void);
    }
  };
}

/** Makes `os.cpus` report `count` cores to CommonJS modules, between `claim` and `restore`. */
export function claimedCores(count: number): { claim(): void; restore(): void } {
  const { cpus } = os;
  return {
    claim() {
      os.cpus = () => Array.from({ length: count }, () => NO_CORE);
    },
    restore() {
      os.cpus = cpus;
    },
  };
}

const NO_CORE = { model: "", speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } };

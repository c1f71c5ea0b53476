import { readFileSync } from "node:fs";
import { orElse } from "../../attempt.js";

/** Address space that V8 reserves for a WebAssembly memory, that a worker takes, and for other workers. */
const MEMORY = 11e9;
const WORKER = 0.7e9;
const OTHERS = 2e9;

/** Workers per thread: TensorFlow.js's and that of native/wasm. */
const WORKERS = 2;

/**
 * Whether the limit on address space (`ulimit -v`) leaves enough for this number of threads. Without a place for a
 * worker's code, V8 would end the process. Known on Linux only; elsewhere true.
 */
export function hasSpaceFor(threads: number): boolean {
  return MEMORY + WORKERS * (threads - 1) * WORKER + OTHERS <= spaceLeft();
}

function spaceLeft(): number {
  const limits = orElse(() => readFileSync("/proc/self/limits", "utf8"), "");
  const [, limit] = /^Max address space\s+(\d+)/m.exec(limits) ?? [];
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  const status = orElse(() => readFileSync("/proc/self/status", "utf8"), "");
  const [, kilobytes = "0"] = /^VmSize:\s+(\d+) kB$/m.exec(status) ?? [];
  return Number(limit) - 1024 * Number(kilobytes);
}

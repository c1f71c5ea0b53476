import { availableParallelism } from "node:os";
import { sourceFiles } from "../sources.js";

/** CPU seconds to compile the addon, measured with g++ 12, for libtorch 1.13 and for 2.15. */
const CPU_SECONDS = { old: 90, new: 110 };
/** Disk space of the temporary object files and of the addon. */
const MEGABYTES = 2;

/** Describes the time and space needed to build for this version of libtorch. */
export function forecast(version: string, cores: number = availableParallelism()): string {
  const seconds = version.startsWith("1.") ? CPU_SECONDS.old : CPU_SECONDS.new;
  const files = sourceFiles().filter((name) => name.endsWith(".cpp")).length;
  const wall = Math.max(15, Math.ceil(seconds / Math.min(cores, files) / 5) * 5);
  const time = wall < 90 ? `${wall} seconds` : `${Math.ceil(wall / 60)} minutes`;
  const where = cores === 1 ? "one core" : `${cores} cores`;
  return `compiling takes about ${time} on ${where} (${seconds} seconds of CPU time) and ${MEGABYTES} MB of disk`;
}

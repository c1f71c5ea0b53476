import { availableParallelism } from "node:os";
import { sourceFiles } from "../sources.js";

/** Measured with g++ 12: seconds of CPU time that compiling the addon takes, for libtorch 1.13 and for 2.15. */
const CPU_SECONDS = { old: 85, new: 100 };
/** On the disk: objects that go away afterwards, and the addon. */
const MEGABYTES = 2;

/** What building for a libtorch of this version will take, in words. */
export function forecast(version: string, cores: number = availableParallelism()): string {
  const seconds = version.startsWith("1.") ? CPU_SECONDS.old : CPU_SECONDS.new;
  const files = sourceFiles().filter((name) => name.endsWith(".cpp")).length;
  const wall = Math.max(15, Math.ceil(seconds / Math.min(cores, files) / 5) * 5);
  const time = wall < 90 ? `${wall} seconds` : `${Math.ceil(wall / 60)} minutes`;
  const where = cores === 1 ? "one core" : `${cores} cores`;
  return `compiling takes about ${time} on ${where} (${seconds} seconds of CPU time) and ${MEGABYTES} MB of disk`;
}

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { TFJS_VERSION } from "../src/engines/engines.js";
import type { LoadedEngine } from "../src/engines/types.js";
import { packageVersion } from "../src/package.js";
import type { Environment } from "../src/train/record.js";

const run = promisify(execFile);

/** What a result depends on beside the experiment. The commit is that of the folder in which n2uq was called. */
export async function describeEnvironment(engine: LoadedEngine): Promise<Environment> {
  const status = await git("status", "--porcelain");
  return {
    n2uq: packageVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    engine: { name: engine.name, version: engine.version, device: engine.device },
    tfjs: TFJS_VERSION,
    gitCommit: await git("rev-parse", "HEAD"),
    gitDirty: status === null ? null : status !== "",
  };
}

/** Null outside a repository, or where git is not installed. */
async function git(...args: string[]): Promise<string | null> {
  try {
    return (await run("git", args)).stdout.trim();
  } catch {
    return null;
  }
}

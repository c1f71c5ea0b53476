import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { promisify } from "node:util";
import { TFJS_VERSION } from "../src/engines/tfjsVersion.js";
import type { LoadedEngine } from "../src/engines/types.js";
import { packageVersion } from "../src/package.js";
import type { Environment, Machine } from "../src/runs/record.js";

const run = promisify(execFile);

/** Instructions by which libraries choose how to compute: kernels of other vector lengths add in another order. */
const INSTRUCTIONS = ["avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16"];

/**
 * What a result depends on beside the experiment. The commit is that of the folder in which n2uq was called.
 * @param ranks processes that train together
 */
export async function describeEnvironment(engine: LoadedEngine, ranks = 1): Promise<Environment> {
  const status = await git("status", "--porcelain");
  return {
    n2uq: packageVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    engine: { name: engine.name, version: engine.version, device: engine.device },
    tfjs: TFJS_VERSION,
    gitCommit: await git("rev-parse", "HEAD"),
    gitDirty: status === null ? null : status !== "",
    machine: describeMachine(engine, ranks),
  };
}

function describeMachine({ capabilities }: LoadedEngine, ranks: number): Machine {
  const { threads, vectors = "" } = capabilities;
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    instructions: instructions(),
    vectors: vectors === "" ? null : vectors,
    threads,
    ranks,
  };
}

/** Linux's word for it; empty elsewhere. */
function instructions(): string[] {
  try {
    const [, flags = ""] = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8")) ?? [];
    const there = new Set(flags.split(/\s+/));
    return INSTRUCTIONS.filter((name) => there.has(name));
  } catch {
    return [];
  }
}

/** Null outside a repository, or where git is not installed. */
async function git(...args: string[]): Promise<string | null> {
  try {
    return (await run("git", args)).stdout.trim();
  } catch {
    return null;
  }
}

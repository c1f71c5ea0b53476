import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { promisify } from "node:util";
import { orElse } from "../src/attempt.js";
import { TFJS_VERSION } from "../src/engines/tfjsVersion.js";
import type { LoadedEngine } from "../src/engines/types.js";
import { packageVersion } from "../src/package.js";
import { loadedPlugins } from "../src/plugins/loaded.js";
import type { Environment, Machine } from "../src/runs/record.js";

const run = promisify(execFile);

/**
 * Instruction sets by which libraries select kernels. Kernels with different vector lengths sum in a
 * different order.
 */
const INSTRUCTIONS = ["avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16"];

/**
 * Everything besides the experiment that a result depends on. The commit is that of the current folder.
 * @param ranks number of ranks that train together
 */
export async function describeEnvironment(engine: LoadedEngine, ranks = 1): Promise<Environment> {
  const status = await git("status", "--porcelain");
  const plugins = loadedPlugins().map(({ name, sha256 }) => ({ name, sha256 }));
  return {
    n2uq: packageVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    engine: { name: engine.name, version: engine.version, device: engine.device },
    tfjs: TFJS_VERSION,
    gitCommit: await git("rev-parse", "HEAD"),
    gitDirty: status === null ? null : status !== "",
    machine: describeMachine(engine, ranks),
    ...(plugins.length > 0 && { plugins }),
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

/** From Linux's /proc; empty on other systems. */
function instructions(): string[] {
  const text = orElse(() => readFileSync("/proc/cpuinfo", "utf8"), "");
  const [, flags = ""] = /^(?:flags|Features)\s*:(.*)$/m.exec(text) ?? [];
  const there = new Set(flags.split(/\s+/));
  return INSTRUCTIONS.filter((name) => there.has(name));
}

/** Null outside a repository, or if git is not installed. */
async function git(...args: string[]): Promise<string | null> {
  const done = await run("git", args).catch(() => null);
  return done?.stdout.trim() ?? null;
}

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Exclusion } from "./exclusions.js";
import { excluded, noTensors } from "./exclusions.js";

/** One test of tfjs-core, as it ended on the engine. */
export interface Outcome {
  readonly name: string;
  readonly status: "passed" | "failed" | "pending";
  readonly messages: readonly string[];
  /** Kernels of the engine that were called. */
  readonly kernels: readonly string[];
  /** Kernels that were called and that the engine does not have. */
  readonly absent: readonly string[];
}

export interface Settings {
  /** Only tests whose name has this in it. */
  readonly only?: string;
  /** Kernels that another takes the place of: `{ Add: "Sub" }`. */
  readonly swapped?: Readonly<Record<string, string>>;
}

/** Runs tfjs-core's tests on the torch engine in a separate process. @throws its output if it ends early */
export async function runSuite(settings: Settings = {}): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), "n2uq-conformance-"));
  const output = join(folder, "results.json");
  const script = fileURLToPath(new URL("run.mjs", import.meta.url));
  try {
    await ended([script, output, JSON.stringify(settings)]);
    return JSON.parse(await readFile(output, "utf8")) as Outcome[];
  } catch (error) {
    const last = await readFile(output, "utf8").catch(() => "");
    throw new Error(`${(error as Error).message}; the test that ran was "${last.slice(0, 200)}"`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function ended(args: readonly string[]): Promise<void> {
  // Not what tap gives its own processes: their loader would meet the hooks of this one.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`ended with ${code}: ${said}`))));
  });
}

export interface Verdict {
  readonly passed: readonly Outcome[];
  /** Failures by the reason that we accept them for. */
  readonly accepted: ReadonlyMap<Exclusion, readonly Outcome[]>;
  /** Failures that no entry of the list fits. */
  readonly failed: readonly Outcome[];
  /** By the kernel that they need. */
  readonly needs: ReadonlyMap<string, readonly Outcome[]>;
  /** Tests of tensors that the engine has none of. */
  readonly typeless: readonly Outcome[];
  /** Tests that call no kernel and fail not: they say nothing of the engine. */
  readonly beside: readonly Outcome[];
}

/** Sorts the outcomes; each is in one group, but a test that needs several absent kernels is named by each of them. */
export function judge(outcomes: readonly Outcome[], list: readonly Exclusion[] = excluded): Verdict {
  const needs = new Map<string, Outcome[]>();
  const accepted = new Map<Exclusion, Outcome[]>();
  const [passed, failed, typeless, beside]: Outcome[][] = [[], [], [], []];
  const enter = <Key>(groups: Map<Key, Outcome[]>, key: Key, outcome: Outcome) =>
    groups.set(key, [...(groups.get(key) ?? []), outcome]);
  for (const outcome of outcomes) {
    const { name, status, messages, kernels, absent } = outcome;
    const entry = list.find(({ test }) => (typeof test === "string" ? test === name : test.test(name)));
    if (absent.length > 0) for (const kernel of absent) enter(needs, kernel, outcome);
    else if (messages.length > 0 && messages.every((message) => noTensors.test(message)))
      typeless?.push(outcome);
    else if (status === "passed") (kernels.length > 0 ? passed : beside)?.push(outcome);
    else if (entry !== undefined) enter(accepted, entry, outcome);
    else failed?.push(outcome);
  }
  return {
    passed: passed ?? [],
    failed: failed ?? [],
    typeless: typeless ?? [],
    beside: beside ?? [],
    accepted,
    needs,
  };
}

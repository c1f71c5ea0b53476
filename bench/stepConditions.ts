import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";

/** What decides a measurement. If one of these changes, it is measured again. */
export interface Conditions {
  /** Digest of the sources that a step runs: see `SOURCES`. */
  readonly code: string;
  readonly engine: string;
  readonly engineVersion: string;
  /** Versions that the peer uses: `PyTorch 2.15.0, Brevitas 0.13.4`; for our engine, the engine's. */
  readonly peerVersion: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly threads: number;
  readonly device: string;
  readonly batch: number;
  readonly rounds: number;
}

/**
 * The sources that a step runs, on either side. `native` contains those of the torch addon, which is rejected
 * if it was built from others. Of TensorFlow.js, the version counts.
 */
const SOURCES = [
  ...["native", "src/core", "src/engines", "src/graph", "src/models", "src/ops", "src/train"],
  ...["src/random.ts", "src/overrides.ts", "node_modules/@tensorflow/tfjs-core/package.json"],
  ...["bench/trainingStep.ts", "bench/stepCases.ts", "bench/stepSide.ts", "bench/step.py"],
  ...["bench/step_brevitas.py", "bench/step_networks.py", "bench/step_quantizers.py"],
];

/** A digest of the sources, by content: a commit that changes only other files keeps it. */
export function codeDigest(root = process.cwd(), sources: readonly string[] = SOURCES): string {
  const hash = createHash("sha256");
  for (const file of sources.flatMap((source) => filesOf(root, source))) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

function filesOf(root: string, source: string): readonly string[] {
  if (statSync(join(root, source)).isFile()) return [source];
  const names = readdirSync(join(root, source), { recursive: true, encoding: "utf8" });
  return names
    .map((name) => join(source, name))
    .filter((file) => statSync(join(root, file)).isFile())
    .sort();
}

export function machine(): Pick<Conditions, "node" | "cpu" | "cores"> {
  const [{ model = "unknown" } = {}] = cpus();
  return { node: process.version, cpu: model.trim(), cores: availableParallelism() };
}

/** The commit of the working tree; `unknown` outside a git repository. */
export function revision(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { quantizers } from "../src/core/quantizers.js";
import { type NoTurboJpeg, turboJpeg } from "../src/data/images/turboJpeg.js";
import { describeEngines, engines } from "../src/engines/engines.js";
import { describeTensorflow, type TensorFlowReport } from "../src/engines/tensorflow/install/describe.js";
import { describeTorch, type TorchReport } from "../src/engines/torch/install/describe.js";
import type { EngineName } from "../src/engines/types.js";
import { knownModels } from "../src/models/network.js";
import { packageVersion } from "../src/package.js";
import { resolveExperiment } from "../src/resolve/resolve.js";
import { timeStep } from "../src/train/timing.js";
import { graphOf } from "./graph.js";

/** One engine on this machine, with the median time of one small training step. */
export interface EngineReport {
  readonly name: string;
  readonly summary: string;
  readonly available: boolean;
  readonly reason?: string;
  readonly remedy?: string;
  readonly device?: string;
  readonly version?: string;
  readonly stepMs?: number;
}

export interface DoctorReport {
  readonly n2uq: string;
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly engines: readonly EngineReport[];
  readonly tensorflow: TensorFlowReport;
  readonly torch: TorchReport;
  /** The library that decodes JPEGs, or the reason why only sharp decodes them. */
  readonly turboJpeg: { readonly file: string } | NoTurboJpeg;
  readonly packages: readonly {
    readonly name: string;
    readonly version: string | null;
    /** The purpose of an optional package. */
    readonly purpose?: string;
  }[];
}

const PACKAGES = [
  "@tensorflow/tfjs-core",
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-backend-cpu",
  "sharp",
];
const OPTIONAL_PACKAGES = {
  "@tensorflow/tfjs-node": "contains the native library of the tensorflow engine",
  "@tensorflow/tfjs-node-gpu": "contains the native library of the tensorflow engine",
  "@julusian/jpeg-turbo": "contains TurboJPEG, which decodes JPEGs",
  koffi: "calls TurboJPEG",
};
const BATCH = 8;

/** Examines this machine and times each engine. `onEngine` is called with the engine being timed. */
export async function examine(onEngine: (name: string) => void): Promise<DoctorReport> {
  const reports: EngineReport[] = [];
  for (const description of await describeEngines()) {
    onEngine(description.name);
    reports.push(
      description.available ? { ...description, ...(await tryEngine(description.name)) } : description,
    );
  }
  const turbo = await turboJpeg();
  return {
    n2uq: packageVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    engines: reports,
    tensorflow: await describeTensorflow(),
    torch: await describeTorch(),
    turboJpeg: "file" in turbo ? { file: turbo.file } : turbo,
    packages: [
      ...PACKAGES.map((name) => ({ name, version: installed(name) })),
      ...Object.entries(OPTIONAL_PACKAGES).map(([name, purpose]) => ({
        name,
        version: installed(name),
        purpose,
      })),
    ],
  };
}

/** Times a small step, because the reference engine is a thousand times slower than the others. */
async function tryEngine(name: EngineName) {
  const { device, version } = await engines[name].load();
  const { resolved } = resolveExperiment(
    {
      name: "doctor",
      architecture: { family: "stages", stages: [{ block: "basic", channels: 16, blocks: 1 }] },
      data: { dataset: "synthetic" },
    },
    {
      facts: { classes: 10, imageSize: [16, 16], channels: 3 },
      engine: name,
      models: knownModels(quantizers),
      content: {},
    },
  );
  const graph = graphOf(resolved);
  return { device, version, stepMs: await timeStep(graph, resolved.training, BATCH) };
}

/** Read from the package's folder: not every package exports its package.json. */
function installed(name: string): string | null {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const file = folders.map((folder) => join(folder, name, "package.json")).find((path) => existsSync(path));
  return file === undefined ? null : (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

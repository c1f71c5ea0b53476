import { loadDataset } from "../src/data/datasets.js";
import type { DataProgress, LoadedDataset } from "../src/data/types.js";
import { engines } from "../src/engines/engines.js";
import type { Engine, EngineName, LoadedEngine, Precision } from "../src/engines/types.js";
import type { DataOptions, ResolvedData } from "../src/resolve/types.js";
import type { Emit } from "../src/runs/events.js";
import { RunIndex } from "../src/runs/runIndex.js";
import { Contents } from "./content.js";

/** What the runs of one command share. */
export interface Session {
  /** Absolute folder of the run directories. */
  readonly runs: string;
  /** Which of them is whose. */
  readonly directories: RunIndex;
  /** Absolute folder of weights placed by hand. */
  readonly models: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Hashes of the runs that start over. */
  readonly fresh: ReadonlySet<string>;
  /** By hash: where an experiment's values came from, by their paths (`training.seed`). */
  readonly sources?: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** What tells inputs apart. */
  readonly contents: Contents;
  /** By hash: the files of experiments that others refer to, where they are known. */
  readonly files?: ReadonlyMap<string, string>;
  dataset(data: ResolvedData): Promise<LoadedDataset>;
}

export interface SessionOptions extends Omit<Session, "contents" | "dataset" | "directories"> {
  readonly onDataProgress?: (progress: DataProgress) => void;
}

/** A session that reads every data set once. */
export function createSession({ onDataProgress, ...rest }: SessionOptions): Session {
  const datasets = new Map<string, Promise<LoadedDataset>>();
  const dataset = (data: ResolvedData): Promise<LoadedDataset> => {
    const key = JSON.stringify(data);
    const { name = data.dataset }: DataOptions = data;
    const onWarning = (message: string) => rest.emit({ type: "warning", run: name, message });
    const loading =
      datasets.get(key) ??
      loadDataset(data, {
        ...(onDataProgress && { onProgress: onDataProgress }),
        onWarning,
        signal: rest.signal,
      });
    datasets.set(key, loading);
    return loading;
  };
  return { ...rest, directories: new RunIndex(rest.runs), contents: new Contents(rest.models), dataset };
}

/** Makes the experiment's engine the current one, computing as the experiment says. */
export async function loadEngine(name: string, precision: Precision = "float32"): Promise<LoadedEngine> {
  const engine: Engine = engines[name as EngineName];
  return engine.load(precision);
}

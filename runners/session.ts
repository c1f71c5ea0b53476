import { loadDataset } from "../src/data/datasets.js";
import type { DataProgress, LoadedDataset } from "../src/data/types.js";
import { engines } from "../src/engines/engines.js";
import type { Engine, EngineName, LoadedEngine, MatmulPrecision } from "../src/engines/types.js";
import type { DataOptions, ResolvedData } from "../src/resolve/types.js";
import type { Emit } from "../src/runs/events.js";
import { RunIndex } from "../src/runs/runIndex.js";
import { Contents } from "./content.js";

/** State shared by the runs of one command. */
export interface Session {
  /** Absolute folder of the run directories. */
  readonly runs: string;
  /** Maps experiments to run directories. */
  readonly directories: RunIndex;
  /** Absolute folder of weights added by hand. */
  readonly models: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Hashes of the runs to restart. */
  readonly fresh: ReadonlySet<string>;
  /** By hash: origins of an experiment's values, by path (`training.seed`). */
  readonly sources?: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Fingerprints of inputs. */
  readonly contents: Contents;
  /** By hash: files of referenced experiments, if known. */
  readonly files?: ReadonlyMap<string, string>;
  /** A data set, loaded once per session. @throws N2uqError N2UQ_DATA_* */
  dataset(data: ResolvedData): Promise<LoadedDataset>;
}

/** Options of `createSession`. */
export interface SessionOptions extends Omit<Session, "contents" | "dataset" | "directories" | "fresh"> {
  /** Hashes of the runs to restart; none by default. */
  readonly fresh?: ReadonlySet<string>;
  /** Called during downloads and decoding. */
  readonly onDataProgress?: ((progress: DataProgress) => void) | undefined;
}

/** Creates a session that reads every data set once. */
export function createSession({ onDataProgress, fresh = new Set(), ...rest }: SessionOptions): Session {
  const datasets = new Map<string, Promise<LoadedDataset>>();
  const dataset = (data: ResolvedData): Promise<LoadedDataset> => {
    const key = JSON.stringify(data);
    const { name = data.dataset }: DataOptions = data;
    const onWarning = (message: string) => rest.emit({ type: "warning", run: name, message });
    const options = { onProgress: onDataProgress, onWarning, signal: rest.signal };
    const loading = datasets.get(key) ?? loadDataset(data, options);
    datasets.set(key, loading);
    return loading;
  };
  const [directories, contents] = [new RunIndex(rest.runs), new Contents(rest.models)];
  return { ...rest, fresh, directories, contents, dataset };
}

/** Makes the experiment's engine current, with the experiment's precision. */
export async function loadEngine(
  name: string,
  precision: MatmulPrecision = "float32",
): Promise<LoadedEngine> {
  const engine: Engine = engines[name as EngineName];
  return engine.load(precision);
}

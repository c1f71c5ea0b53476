import type { LoadedDataset } from "../src/data/types.js";
import { N2uqError } from "../src/errors.js";
import type { ResolvedExperiment, ResolvedLayerRule } from "../src/resolve/types.js";
import type { Metrics } from "../src/runs/record.js";
import { evaluate } from "../src/train/evaluate.js";
import { parametersFromFirstBatch } from "../src/train/firstBatch.js";
import { initializeFrom } from "../src/train/initialize.js";
import { createStore, disposeStore } from "../src/train/store.js";
import { type HostTensor, readSafetensors } from "../src/weights/safetensors.js";
import { engineBatches, trainRequest, validationRequest } from "./batching.js";
import { graphOf } from "./graph.js";
import { loadEngine, type Session } from "./session.js";
import { initializePending } from "./start.js";
import { bestFile, readingBest } from "./weights.js";

/** Each layer's sensitivity to fewer bits. */
export interface Sensitivity {
  /** Metrics with all layers as trained. */
  readonly baseline: Metrics;
  /**
   * By layer and bits: loss on the held-out images with only this layer at these bits, minus the baseline's.
   */
  readonly penalties: ReadonlyMap<string, Readonly<Record<number, number>>>;
}

/**
 * Lowers the trained network's weight bits in one layer at a time and evaluates on `data.test`, without
 * training. Parameters that were trained for other bits (the step size of LSQ, a learnable scale) are
 * initialized again from the weights.
 */
export async function measureSensitivity(
  session: Session,
  experiment: ResolvedExperiment,
  data: LoadedDataset,
  candidates: ReadonlyMap<string, readonly number[]>,
  onMeasured: (done: number, total: number, layer: string) => void,
): Promise<Sensitivity> {
  const file = await bestFile(session, experiment);
  const { tensors } = await readingBest(session, experiment, () => readSafetensors(file));
  await loadEngine(experiment.engine, experiment.training.precision);
  const measure = (rules: readonly ResolvedLayerRule[], lowered: string | null) =>
    measureLowered(session, experiment, { data, tensors, rules, lowered });
  const maxBitsRules: ResolvedLayerRule[] = [...candidates].map(([match, own]) => ({
    match,
    bits: { weights: own.at(-1) ?? 0 },
  }));
  const baseline = await measure(maxBitsRules, null);
  const penalties = new Map<string, Record<number, number>>();
  const total = [...candidates.values()].reduce((sum, own) => sum + own.length - 1, 0);
  let done = 0;
  for (const [layer, own] of candidates) {
    const found: Record<number, number> = { [own.at(-1) ?? 0]: 0 };
    for (const bits of own.slice(0, -1)) {
      const { loss } = await measure([...maxBitsRules, { match: layer, bits: { weights: bits } }], layer);
      found[bits] = loss - baseline.loss;
      done += 1;
      onMeasured(done, total, layer);
    }
    penalties.set(layer, found);
  }
  return { baseline, penalties };
}

interface Lowered {
  readonly data: LoadedDataset;
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly rules: readonly ResolvedLayerRule[];
  readonly lowered: string | null;
}

async function measureLowered(
  session: Session,
  experiment: ResolvedExperiment,
  { data, tensors, rules, lowered }: Lowered,
): Promise<Metrics> {
  const { architecture, quantization, training } = experiment;
  const layers = [...quantization.layers, ...rules];
  const graph = graphOf({ architecture, quantization: { ...quantization, layers } });
  const store = createStore(graph, training.seed);
  try {
    initializeFrom(graph, store, tensors, true);
    const isLowered = (name: string) => name.slice(0, name.lastIndexOf(".")) === lowered;
    const pending = new Set([...parametersFromFirstBatch(graph)].filter(isLowered));
    await initializePending({ graph, store }, data, trainRequest(experiment, data), pending);
    const walk = engineBatches(data, validationRequest(experiment));
    const metrics = await evaluate(graph, store, walk, undefined, session.signal);
    if (session.signal.aborted) throw new N2uqError("N2UQ_EVALUATE_INTERRUPTED");
    return metrics;
  } finally {
    disposeStore(store);
  }
}

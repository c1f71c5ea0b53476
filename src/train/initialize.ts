import type { BufferSpec, ParameterSpec, TrainingGraph } from "../graph/types.js";
import { loadTensors } from "../weights/load.js";
import { openWeights } from "../weights/open.js";
import type { HostTensor } from "../weights/safetensors.js";
import { describeMatch, isComplete, type Match, matchTensors, type Shaped } from "./match.js";
import { mismatch } from "./mismatch.js";
import { type MutableStore, replace, upload, uploadBuffer } from "./store.js";

/** The result of loading initial weights. `matched` holds names of the network. */
export interface Initialized {
  readonly matched: readonly string[];
  /** True if exactly the tensors of a full-precision network were found. */
  readonly whole: boolean;
  readonly summary: string;
}

/**
 * Loads initial weights from another network, by name (`fullPrecisionName` where it differs). Tensors that
 * only quantized networks have (biases, PReLU, quantizers) are loaded if name and shape match; otherwise they
 * keep their fresh values. @throws N2uqError N2UQ_INIT_MISMATCH when `strict` and something is missing or
 * left over
 */
export function initializeFrom(
  graph: TrainingGraph,
  store: MutableStore,
  tensors: ReadonlyMap<string, HostTensor>,
  strict: boolean,
): Initialized {
  const match = matched(graph, tensors, strict);
  const [whole, summary] = [isComplete(match), describeMatch(match)];
  for (const { spec, isBuffer, from } of match.pairs) {
    const stored = tensors.get(from);
    if (stored === undefined) continue;
    const values = Float32Array.from(stored.data, Number);
    const value = isBuffer ? uploadBuffer(spec as BufferSpec, values) : upload(spec as ParameterSpec, values);
    replace(store, spec.name, value);
  }
  return { matched: match.pairs.map(({ spec }) => spec.name), whole, summary };
}

/**
 * Loads initial weights from a file. Reads only the tensors that the network needs. @throws N2uqError
 * N2UQ_INIT_MISMATCH, N2UQ_WEIGHTS_*
 */
export async function initializeFromFile(
  graph: TrainingGraph,
  store: MutableStore,
  file: string,
  strict: boolean,
): Promise<Initialized> {
  const weights = await openWeights(file);
  try {
    const match = matched(graph, weights.tensors, strict);
    const taken = new Set(match.pairs.map(({ from }) => from));
    const tensors = await loadTensors(new Map([...weights.tensors].filter(([name]) => taken.has(name))));
    const whole = isComplete(match);
    return { ...initializeFrom(graph, store, tensors, false), whole, summary: describeMatch(match) };
  } finally {
    await weights.close();
  }
}

/** @throws N2uqError N2UQ_INIT_MISMATCH when `strict` and something is missing or left over */
function matched(graph: TrainingGraph, tensors: ReadonlyMap<string, Shaped>, strict: boolean): Match {
  const match = matchTensors(graph, tensors, "full-precision");
  if (strict && !isComplete(match)) throw mismatch(match);
  return match;
}

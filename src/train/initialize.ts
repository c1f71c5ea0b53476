import { N2uqError } from "../errors.js";
import { closest } from "../graph/closest.js";
import type { BufferSpec, GraphNode, ParameterSpec, TrainingGraph } from "../graph/types.js";
import type { HostTensor } from "../weights/safetensors.js";
import type { MutableStore } from "./store.js";
import { replace, upload, uploadBuffer } from "./store.js";

/** What became of a set of start weights. Names are the network's, `leftOver` the file's. */
export interface Initialized {
  readonly matched: readonly string[];
  /** Tensors that a full-precision network has, and that the file lacks or holds in another shape. */
  readonly missing: readonly string[];
  readonly leftOver: readonly string[];
}

/**
 * Starts a network from the weights of another one, by name (the full-precision network's name where it differs). What
 * only quantized networks have (biases, PReLU, quantizers) is taken where name and shape agree, and stays fresh elsewhere.
 * @throws N2uqError N2UQ_INIT_MISMATCH when `strict` and something is missing or left over
 */
export function initializeFrom(
  graph: TrainingGraph,
  store: MutableStore,
  tensors: ReadonlyMap<string, HostTensor>,
  strict: boolean,
): Initialized {
  const leftOver = new Set([...tensors.keys()].filter((name) => !name.endsWith(".num_batches_tracked")));
  const [matched, missing]: [string[], string[]] = [[], []];
  for (const { node, spec, isBuffer } of specsOf(graph)) {
    const name = [spec.name, spec.fullPrecisionName ?? spec.name].find((n) => fits(tensors.get(n), spec));
    const held = name === undefined ? undefined : tensors.get(name);
    if (name !== undefined && held !== undefined) {
      const values = Float32Array.from(held.data, Number);
      const value = isBuffer
        ? uploadBuffer(spec as BufferSpec, values)
        : upload(spec as ParameterSpec, values);
      replace(store, spec.name, value);
      leftOver.delete(name);
      matched.push(spec.name);
    } else if (isFullPrecision(node, spec.name)) missing.push(spec.name);
  }
  const outcome = { matched, missing, leftOver: [...leftOver] };
  if (strict && missing.length + leftOver.size > 0) throw mismatch(outcome, [...tensors.keys()]);
  return outcome;
}

function* specsOf(graph: TrainingGraph) {
  for (const node of graph.nodes) {
    for (const spec of node.params) yield { node, spec, isBuffer: false };
    for (const spec of node.buffers) yield { node, spec, isBuffer: true };
  }
}

function fits(held: HostTensor | undefined, spec: ParameterSpec | BufferSpec): boolean {
  return held !== undefined && held.shape.join() === spec.shape.join();
}

/** Whether a full-precision network of this architecture has the tensor as well. */
function isFullPrecision(node: GraphNode, name: string): boolean {
  if (name.endsWith(".num_batches_tracked")) return false;
  if (node.kind === "batch-norm") return true;
  const own = [`${node.id}.weight`, `${node.id}.bias`];
  return (node.kind === "conv" || node.kind === "linear") && own.includes(name);
}

function mismatch({ matched, missing, leftOver }: Initialized, held: readonly string[]): N2uqError {
  const first = missing[0];
  const close = first === undefined ? "" : ` (close names in it: ${closest(first, held, 3).join(", ")})`;
  const parts = [
    `${matched.length} tensors matched`,
    missing.length > 0 ? `${missing.length} are missing or of another shape: ${some(missing)}${close}` : "",
    leftOver.length > 0 ? `${leftOver.length} are left over: ${some(leftOver)}` : "",
  ];
  return new N2uqError("N2UQ_INIT_MISMATCH", { summary: parts.filter((part) => part !== "").join("; ") });
}

function some(names: readonly string[]): string {
  return names.slice(0, 4).join(", ") + (names.length > 4 ? ", …" : "");
}

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
  const { found, ...outcome } = match(graph, tensors);
  if (strict) requireAll(outcome, tensors);
  for (const { spec, isBuffer, name } of found) {
    const values = Float32Array.from(tensors.get(name)?.data ?? [], Number);
    const value = isBuffer ? uploadBuffer(spec as BufferSpec, values) : upload(spec as ParameterSpec, values);
    replace(store, spec.name, value);
  }
  return outcome;
}

/**
 * Whether a network can start from another one, by their graphs alone, before anything is trained.
 * @throws N2uqError N2UQ_INIT_MISMATCH
 */
export function checkStart(graph: TrainingGraph, start: TrainingGraph): void {
  const tensors = new Map([...specsOf(start)].map(({ spec }) => [spec.name, spec]));
  requireAll(match(graph, tensors), tensors);
}

type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

function match(graph: TrainingGraph, tensors: Shapes) {
  const leftOver = new Set([...tensors.keys()].filter((name) => !name.endsWith(".num_batches_tracked")));
  const found: { spec: ParameterSpec | BufferSpec; isBuffer: boolean; name: string }[] = [];
  const missing: string[] = [];
  for (const { node, spec, isBuffer } of specsOf(graph)) {
    const name = [spec.name, spec.fullPrecisionName ?? spec.name].find((n) => fits(tensors.get(n), spec));
    if (name !== undefined) {
      leftOver.delete(name);
      found.push({ spec, isBuffer, name });
    } else if (isFullPrecision(node, spec.name)) missing.push(spec.name);
  }
  return { found, matched: found.map(({ spec }) => spec.name), missing, leftOver: [...leftOver] };
}

function requireAll(outcome: Initialized, tensors: Shapes): void {
  if (outcome.missing.length + outcome.leftOver.length > 0) throw mismatch(outcome, [...tensors.keys()]);
}

function* specsOf(graph: TrainingGraph) {
  for (const node of graph.nodes) {
    for (const spec of node.params) yield { node, spec, isBuffer: false };
    for (const spec of node.buffers) yield { node, spec, isBuffer: true };
  }
}

function fits(held: { shape: readonly number[] } | undefined, spec: ParameterSpec | BufferSpec): boolean {
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
  const summary = parts.filter((part) => part !== "").join("; ");
  // Only the pre-activation layout has a PReLU.
  const layout = leftOver.some((name) => /\.prelu\d\.weight$/.test(name));
  const hint = layout
    ? "The weights are of a network with `layout: n2uq`; declare `architecture.layout: n2uq` here too."
    : undefined;
  return new N2uqError("N2UQ_INIT_MISMATCH", { summary, path: ["init"] }, hint === undefined ? {} : { hint });
}

function some(names: readonly string[]): string {
  return names.slice(0, 4).join(", ") + (names.length > 4 ? ", …" : "");
}

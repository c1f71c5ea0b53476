import { distance } from "fastest-levenshtein";
import { closest } from "../graph/closest.js";
import type { BufferSpec, GraphNode, ParameterSpec, TrainingGraph } from "../graph/types.js";
import { shown } from "../weights/faults.js";

/**
 * Maximum number of names of a file that are compared for suggestions. A network has a few hundred names, but
 * a file may have any number.
 */
const MOST_COMPARED = 5000;

/** The name and shape of a tensor whose values were not read. */
export interface Shaped {
  readonly shape: readonly number[];
}

/** A tensor of the network and its name in the file. */
export interface Pair {
  readonly spec: ParameterSpec | BufferSpec;
  readonly isBuffer: boolean;
  readonly from: string;
}

/** The comparison of a weights file with a network. */
export interface Match {
  readonly pairs: readonly Pair[];
  /** Tensors of the network that the file lacks. */
  readonly missing: readonly string[];
  /** Tensors that file and network have with different shapes: `name [file's] instead of [network's]`. */
  readonly otherShape: readonly string[];
  /** Tensors of the file that the network lacks. */
  readonly leftOver: readonly string[];
}

/**
 * Matches tensors by name (`fullPrecisionName` where it differs) and shape. @param need "all": every tensor
 * of the network; "full-precision": only those that a full-precision network has too
 */
export function matchTensors(
  graph: TrainingGraph,
  available: ReadonlyMap<string, Shaped>,
  need: "all" | "full-precision",
): Match {
  const leftOver = new Set([...available].filter((entry) => !isIgnored(...entry)).map(([name]) => name));
  const pairs: Pair[] = [];
  const [missing, otherShape]: [string[], string[]] = [[], []];
  for (const { node, spec, isBuffer } of specsOf(graph)) {
    const names = [...new Set([spec.name, spec.fullPrecisionName ?? spec.name])];
    const from = names.find((name) => available.get(name)?.shape.join() === spec.shape.join());
    const wrong = names.find((name) => available.has(name));
    const isNeeded = isCounter(spec.name) ? false : need === "all" || isFullPrecision(node, spec.name);
    if (from !== undefined) pairs.push({ spec, isBuffer, from });
    else if (isNeeded && wrong !== undefined) {
      otherShape.push(
        `${wrong} [${shown(available.get(wrong)?.shape.join(", ") ?? "")}] instead of [${spec.shape.join(", ")}]`,
      );
    } else if (isNeeded) missing.push(spec.name);
    for (const name of from === undefined && isNeeded ? names : [from ?? ""]) leftOver.delete(name);
  }
  return { pairs, missing, otherShape, leftOver: [...leftOver] };
}

/** True if nothing is missing, left over or of another shape. */
export function isComplete({ missing, otherShape, leftOver }: Match): boolean {
  return missing.length + otherShape.length + leftOver.length === 0;
}

/** Describes a match in one sentence, with close names for missing tensors. */
export function describeMatch({ pairs, missing, otherShape, leftOver }: Match): string {
  const [first] = missing;
  const near = leftOver.filter((name) => first !== undefined && name.length <= 2 * first.length);
  const close =
    first === undefined
      ? []
      : closest(first, near.slice(0, MOST_COMPARED), 3).filter(
          (name) => distance(first, name) <= Math.max(first.length, name.length) / 2,
        );
  const hint = close.length > 0 ? ` (close to ${first} in the file: ${close.map(shown).join(", ")})` : "";
  const parts = [
    `${pairs.length} tensors matched`,
    missing.length > 0 ? `${missing.length} are missing: ${some(missing)}${hint}` : "",
    otherShape.length > 0 ? `${otherShape.length} are of another shape: ${some(otherShape)}` : "",
    leftOver.length > 0 ? `${leftOver.length} are unused: ${some(leftOver.slice(0, 5).map(shown))}` : "",
  ];
  return parts.filter((part) => part !== "").join("; ");
}

function some(names: readonly string[]): string {
  return names.slice(0, 4).join(", ") + (names.length > 4 ? ", …" : "");
}

function* specsOf(graph: TrainingGraph) {
  for (const node of graph.nodes) {
    for (const spec of node.params) yield { node, spec, isBuffer: false };
    for (const spec of node.buffers) yield { node, spec, isBuffer: true };
  }
}

/**
 * Whether the tensor is BatchNorm's counter of batches. PyTorch before 0.4.1 did not write these counters,
 * and evaluation never reads them.
 */
function isCounter(name: string): boolean {
  return name.endsWith(".num_batches_tracked");
}

/**
 * Whether a tensor of a file is ignored: counters, and the scalars that the released N2UQ code stores as
 * parameters but never trains.
 */
function isIgnored(name: string, { shape }: Shaped): boolean {
  const isSingle = shape.every((size) => size === 1);
  return isCounter(name) || (isSingle && /\.(clip_val|zero|one|two|minusone|eps)$/.test(name));
}

/** True if a full-precision network of this architecture has the tensor too. */
function isFullPrecision(node: GraphNode, name: string): boolean {
  if (node.kind === "batch-norm") return true;
  const own = [`${node.id}.weight`, `${node.id}.bias`];
  return (node.kind === "conv" || node.kind === "linear") && own.includes(name);
}

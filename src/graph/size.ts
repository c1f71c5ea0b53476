import { N2uqError } from "../errors.js";
import { size } from "./cost.js";
import type { BatchNormNode, GraphNode, ParameterSpec, TrainingGraph } from "./types.js";

/**
 * Limits of a network's size on any machine; for comparison, resnet101 has 345 nodes and 45 million
 * parameters.
 */
const MOST_NODES = 20_000;
const MOST_PARAMETERS = 2 ** 31 - 1;
/** Maximum number of values of a tensor, because kernels count values with signed 32-bit integers. */
const MOST_VALUES = 2 ** 31 - 1;

/** The keys of an experiment that determine a network's size, for the error. */
const KEYS = "architecture.stages (blocks, channels), width, inputSize, classes";

/** Tracks a network's size while it is built, so that building stops before it takes too much memory. */
export class SizeLimit {
  #nodes = 0;
  #parameters = 0;

  /**
   * Adds a node's size. @throws N2uqError N2UQ_GRAPH_NO_CHANNELS, N2UQ_GRAPH_TOO_LARGE; `details.path` is the
   * stage or the architecture
   */
  add(node: GraphNode): void {
    const path = placeOf(node.id);
    if (node.shape.at(-1) === 0) throw new N2uqError("N2UQ_GRAPH_NO_CHANNELS", { layer: node.id, path });
    this.#nodes += 1;
    this.#parameters += parametersOf(node);
    const tooLarge = (what: string, found: number, most: number) =>
      new N2uqError("N2UQ_GRAPH_TOO_LARGE", { what, found, most, keys: KEYS, layer: node.id, path });
    if (this.#nodes > MOST_NODES) throw tooLarge("operations", this.#nodes, MOST_NODES);
    if (this.#parameters > MOST_PARAMETERS) throw tooLarge("parameters", this.#parameters, MOST_PARAMETERS);
    const values = size(node.shape);
    if (values > MOST_VALUES) throw tooLarge("values of one image's activations", values, MOST_VALUES);
  }
}

/**
 * Checks the largest activation of a batch. @param batchSize images per rank @throws N2uqError
 * N2UQ_GRAPH_BATCH
 */
export function checkBatch({ nodes }: TrainingGraph, batchSize: number): void {
  for (const { id, shape } of nodes) {
    const values = size(shape) * batchSize;
    if (values <= MOST_VALUES) continue;
    const most = Math.max(1, Math.floor(MOST_VALUES / size(shape)));
    const details = { layer: id, shape: shape.join("×"), batchSize, values, limit: MOST_VALUES, most };
    throw new N2uqError("N2UQ_GRAPH_BATCH", { ...details, path: ["training", "batchSize"] });
  }
}

/**
 * Minimum memory of training in bytes: `weights` is for weights, gradients and one moment, `batch` for the
 * largest layer's input and output. @param batchSize images per rank
 */
export function leastBytes({ nodes }: TrainingGraph, batchSize: number): { weights: number; batch: number } {
  const parameters = nodes.reduce((sum, node) => sum + parametersOf(node), 0);
  const largest = nodes.reduce((most, { shape }) => Math.max(most, size(shape)), 0);
  return { weights: 12 * parameters, batch: 8 * largest * batchSize };
}

function parametersOf({ params }: Pick<GraphNode, "params">): number {
  return params.reduce((sum, { shape }: ParameterSpec) => sum + size(shape), 0);
}

/**
 * The path of a node in the experiment. `layer3.0.conv1` belongs to the third declared stage. An experiment
 * without declared stages does not have this key.
 */
function placeOf(id: string): readonly (string | number)[] {
  const stage = /^layer(\d+)\./.exec(id)?.[1];
  return stage === undefined ? ["architecture"] : ["architecture", "stages", Number(stage) - 1];
}

/**
 * Finds the first BatchNorm with a single value per channel in a batch of this many images: one image on a
 * 1×1 map.
 */
export function normalizesOneValue(graph: TrainingGraph, images: number): BatchNormNode | undefined {
  return graph.nodes.find((node): node is BatchNormNode => {
    if (node.kind !== "batch-norm") return false;
    return images * size(node.shape.slice(0, -1)) < 2;
  });
}

import type { Tensor } from "@tensorflow/tfjs-core";
import { getBackend, getKernel } from "@tensorflow/tfjs-core";
import { fused } from "../core/fused.js";
import { isStaircaseShort } from "../core/n2uqActivation.js";
import { activationParameters } from "../core/parameters.js";
import type { BiasNode, GraphNode, PReluNode, QuantizeNode, TrainingGraph } from "../graph/types.js";
import { at, tensorOf } from "./tensors.js";
import type { Mode, NodeBackward, NodeForward, TensorStore } from "./types.js";

/** bias → PReLU → bias (RPReLU), and N2UQ's quantizer where only that reads it: some engines run them as one kernel. */
export interface Chain {
  readonly bias1: BiasNode;
  readonly prelu: PReluNode;
  readonly bias2: BiasNode;
  readonly quantize: QuantizeNode | null;
}

/** Whether the current engine has the kernel. */
export function runsChains(): boolean {
  return getKernel("ActivationChain", getBackend()) !== undefined;
}

/** The node whose output the chain gives. */
export function endOf({ bias2, quantize }: Chain): GraphNode {
  return quantize ?? bias2;
}

/** Every chain of a graph. */
export function chainsOf(graph: TrainingGraph): Chain[] {
  const readers = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const id of node.inputs) readers.set(id, [...(readers.get(id) ?? []), node]);
  }
  const only = <Kind extends GraphNode["kind"]>(node: GraphNode | null, kind: Kind) => {
    const [reader, another] = (node === null ? undefined : readers.get(node.id)) ?? [];
    const fits = reader?.kind === kind && another === undefined;
    return fits ? (reader as Extract<GraphNode, { kind: Kind }>) : null;
  };
  return graph.nodes.flatMap((bias1) => {
    if (bias1.kind !== "bias") return [];
    const prelu = only(bias1, "prelu");
    const bias2 = only(prelu, "bias");
    if (prelu === null || bias2 === null) return [];
    const quantize = only(bias2, "quantize");
    const joins = quantize !== null && isStaircaseShort(quantize.attrs);
    return [{ bias1, prelu, bias2, quantize: joins ? quantize : null }];
  });
}

export function chainForward(
  chain: Chain,
  inputs: readonly Tensor[],
  store: TensorStore,
  mode: Mode,
): NodeForward {
  const x = at(inputs);
  const outputs = fused("ActivationChain", { x, ...tensorsOf(chain, store) }) ?? [];
  return { output: at(outputs), saved: mode === "training" ? [x.clone()] : [] };
}

export function chainBackward(
  chain: Chain,
  dy: Tensor,
  store: TensorStore,
  saved: readonly Tensor[],
): NodeBackward {
  const inputs = { dy, x: at(saved), ...tensorsOf(chain, store) };
  const [dx, ...gradients] = fused("ActivationChainGradient", inputs) ?? [];
  const named = namesOf(chain).map(([, name], index) => [name, at(gradients, index)] as const);
  return { inputs: [dx ?? null], gradients: Object.fromEntries(named) };
}

/** The kernel's names of the parameters and the store's, in the kernel's order. */
function namesOf({ bias1, prelu, bias2, quantize }: Chain): (readonly [input: string, name: string])[] {
  const rprelu = [
    ["bias1", `${bias1.id}.bias`],
    ["alpha", `${prelu.id}.weight`],
    ["bias2", `${bias2.id}.bias`],
  ] as const;
  const staircase =
    quantize === null
      ? []
      : activationParameters(quantize.attrs).map(({ name }) => [name, `${quantize.id}.${name}`] as const);
  return [...rprelu, ...staircase];
}

function tensorsOf(chain: Chain, store: TensorStore): Record<string, Tensor> {
  return Object.fromEntries(namesOf(chain).map(([input, name]) => [input, tensorOf(store, name)]));
}

import type { Tensor } from "@tensorflow/tfjs-core";
import { quantizers } from "../../core/quantizers.js";
import type { ActivationQuantization } from "../../graph/quantizer.js";
import type { BiasNode, GraphNode, PReluNode, QuantizeNode, TrainingGraph } from "../../graph/types.js";
import type { FusedNodes, Fusion } from "../../ops/fusion.js";
import { at, tensorOf } from "../../ops/tensors.js";
import type { TensorStore } from "../../ops/types.js";
import { one, several } from "./kernel.js";

/** bias → PReLU → bias (RPReLU), and N2UQ's quantizer after it, if no other node uses RPReLU's output. */
interface Chain {
  readonly bias1: BiasNode;
  readonly prelu: PReluNode;
  readonly bias2: BiasNode;
  readonly quantize: QuantizeNode | null;
}

/** Up to this number of bits, comparing with every threshold is faster than binary search. */
const FEW_BITS = 4;

/** Whether the chain's kernel supports the quantizer (one comparison per threshold). */
export function hasThresholdKernel({ method, bits }: ActivationQuantization): boolean {
  return method === "n2uq" && bits <= FEW_BITS;
}

/** Fuses each RPReLU, together with a quantizer after it, into one kernel. */
export const activationChains: Fusion = (graph) => chainsOf(graph).map(fusedChain);

function chainsOf(graph: TrainingGraph): Chain[] {
  const readers = new Map<string, GraphNode[]>();
  for (const node of graph.nodes)
    for (const id of node.inputs) readers.set(id, [...(readers.get(id) ?? []), node]);
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
    const joins = quantize !== null && hasThresholdKernel(quantize.attrs);
    return [{ bias1, prelu, bias2, quantize: joins ? quantize : null }];
  });
}

function fusedChain(chain: Chain): FusedNodes {
  const { bias1, prelu, bias2, quantize } = chain;
  const names = namesOf(chain);
  const tensorsOf = (store: TensorStore): Record<string, Tensor> =>
    Object.fromEntries(names.map(([input, name]) => [input, tensorOf(store, name)]));
  return {
    nodes: [bias1, prelu, bias2, ...(quantize === null ? [] : [quantize])],
    forward(inputs, store, mode) {
      const x = at(inputs);
      const output = one("ActivationChain", { x, ...tensorsOf(store) });
      return { output, saved: mode === "training" ? [x.clone()] : [] };
    },
    backward(dy, store, saved) {
      const inputs = { dy, x: at(saved), ...tensorsOf(store) };
      const [dx, ...gradients] = several("ActivationChainGradient", inputs);
      const named = names.map(([, name], index) => [name, at(gradients, index)] as const);
      return { inputs: [dx ?? null], gradients: Object.fromEntries(named) };
    },
  };
}

/** Pairs of the kernel's and the store's parameter names, in the kernel's order. */
function namesOf({ bias1, prelu, bias2, quantize }: Chain): (readonly [input: string, name: string])[] {
  const rprelu = [
    ["bias1", `${bias1.id}.bias`],
    ["alpha", `${prelu.id}.weight`],
    ["bias2", `${bias2.id}.bias`],
  ] as const;
  if (quantize === null) return [...rprelu];
  const { attrs, id } = quantize;
  const own = quantizers[attrs.method].activation.parameters(attrs);
  return [...rprelu, ...own.map(({ name }) => [name, `${id}.${name}`] as const)];
}

import type { Tensor } from "@tensorflow/tfjs-core";
import type { ActivationQuantization } from "../../graph/quantizer.js";
import type { BiasNode, GraphNode, PReluNode, QuantizeNode, TrainingGraph } from "../../graph/types.js";
import type { FusedNodes, Fusion } from "../../ops/fusion.js";
import { parametersOf } from "../../ops/quantize.js";
import { at, tensorOf } from "../../ops/tensors.js";
import type { TensorStore } from "../../ops/types.js";
import { one, several } from "./kernel.js";

/** bias → PReLU → bias (RPReLU), and the quantizer after it, if no other node uses RPReLU's output. */
interface Chain {
  readonly rprelu: readonly [BiasNode, PReluNode, BiasNode];
  readonly quantize: QuantizeNode | null;
  readonly passes: Passes;
}

/** Up to this number of bits, comparing with every threshold is faster than binary search. */
const FEW_BITS = 4;

/** Whether the chain's kernel supports the quantizer (one comparison per threshold). */
export function hasThresholdKernel({ method, bits }: ActivationQuantization): boolean {
  return method === "n2uq" && bits <= FEW_BITS;
}

/** The kernels of a chain with this quantizer; null if the engine has none. */
export type PassesOf = (node: QuantizeNode) => Passes | null;

/** Fuses each RPReLU, together with a quantizer after it that has a kernel, into one kernel. */
export const activationChains =
  (passesOf: PassesOf = thresholdPasses): Fusion =>
  (graph) =>
    chainsOf(graph, passesOf).map(fusedChain);

function chainsOf(graph: TrainingGraph, passesOf: PassesOf): Chain[] {
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
    const passes = quantize === null ? null : passesOf(quantize);
    const rprelu = [bias1, prelu, bias2] as const;
    return [passes === null ? { rprelu, quantize: null, passes: alone } : { rprelu, quantize, passes }];
  });
}

function fusedChain({ rprelu, quantize, passes }: Chain): FusedNodes {
  const [bias1, prelu, bias2] = rprelu;
  const names = [
    ["bias1", `${bias1.id}.bias`],
    ["alpha", `${prelu.id}.weight`],
    ["bias2", `${bias2.id}.bias`],
  ] as const;
  const inputsOf = (x: Tensor, store: TensorStore) => ({
    x,
    ...Object.fromEntries(names.map(([input, name]) => [input, tensorOf(store, name)])),
  });
  return {
    nodes: [...rprelu, ...(quantize === null ? [] : [quantize])],
    forward(inputs, store, mode) {
      const x = at(inputs);
      const output = passes.forward(inputsOf(x, store), store);
      return { output, saved: mode === "training" ? [x.clone()] : [] };
    },
    backward(dy, store, saved, world) {
      const { outputs, gradients } = passes.backward({ dy, ...inputsOf(at(saved), store) }, store, world);
      const [dx, ...others] = outputs;
      const named = names.map(([, name], index) => [name, at(others, index)] as const);
      return { inputs: [dx ?? null], gradients: { ...Object.fromEntries(named), ...gradients } };
    },
  };
}

/** The kernel's inputs x, bias1, alpha and bias2, and dy in backward. */
export type ChainInputs = Readonly<Record<string, Tensor>> & { readonly x: Tensor };

/** The kernels of a chain. */
export interface Passes {
  forward(inputs: ChainInputs, store: TensorStore): Tensor;
  /** The gradients of x, bias1, alpha and bias2, and those of the quantizer's parameters by full name. */
  backward(
    inputs: ChainInputs,
    store: TensorStore,
    world?: number,
  ): { readonly outputs: readonly Tensor[]; readonly gradients: Record<string, Tensor> };
}

/** RPReLU without a quantizer. */
const alone: Passes = {
  forward: (inputs) => one("ActivationChain", inputs),
  backward: (inputs) => ({ outputs: several("ActivationChainGradient", inputs), gradients: {} }),
};

/** RPReLU with N2UQ's quantizer of few bits. */
export const thresholdPasses: PassesOf = (node) => {
  if (!hasThresholdKernel(node.attrs)) return null;
  return {
    forward: (inputs, store) => one("ActivationChain", { ...inputs, ...parametersOf(node, store) }),
    backward(inputs, store) {
      const parameters = parametersOf(node, store);
      const results = several("ActivationChainGradient", { ...inputs, ...parameters });
      const own = Object.keys(parameters).map((name, index) => [name, at(results, 4 + index)] as const);
      return { outputs: results.slice(0, 4), gradients: namedAfter(node, Object.fromEntries(own)) };
    },
  };
};

/** The gradients of a node's parameters by full name. */
export function namedAfter(node: QuantizeNode, gradients: Record<string, Tensor>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(gradients).map(([name, tensor]) => [`${node.id}.${name}`, tensor]),
  );
}

import type { Tensor } from "@tensorflow/tfjs-core";
import type { ActivationQuantization } from "../../graph/quantizer.js";
import type { BiasNode, GraphNode, PReluNode, QuantizeNode, TrainingGraph } from "../../graph/types.js";
import type { FusedNodes, Fusion } from "../../ops/fusion.js";
import { parametersOf } from "../../ops/quantize.js";
import { at, tensorOf } from "../../ops/tensors.js";
import type { TensorStore } from "../../ops/types.js";
import { one, several } from "../overrides/kernel.js";
import { uniformActivations, uniformBackward, uniformForward } from "./quantizers/uniform.js";

/** bias → PReLU → bias (RPReLU), and the quantizer after it, if no other node uses RPReLU's output. */
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
    const joins =
      quantize !== null &&
      (hasThresholdKernel(quantize.attrs) || quantize.attrs.method in uniformActivations);
    return [{ bias1, prelu, bias2, quantize: joins ? quantize : null }];
  });
}

function fusedChain(chain: Chain): FusedNodes {
  const { bias1, prelu, bias2, quantize } = chain;
  const rprelu = [
    ["bias1", `${bias1.id}.bias`],
    ["alpha", `${prelu.id}.weight`],
    ["bias2", `${bias2.id}.bias`],
  ] as const;
  const inputsOf = (x: Tensor, store: TensorStore) => ({
    x,
    ...Object.fromEntries(rprelu.map(([input, name]) => [input, tensorOf(store, name)])),
  });
  const { forward, backward } = quantize === null ? alone : quantized(quantize);
  return {
    nodes: [bias1, prelu, bias2, ...(quantize === null ? [] : [quantize])],
    forward(inputs, store, mode) {
      const x = at(inputs);
      const output = forward(inputsOf(x, store), store);
      return { output, saved: mode === "training" ? [x.clone()] : [] };
    },
    backward(dy, store, saved, world) {
      const { outputs, gradients } = backward({ dy, ...inputsOf(at(saved), store) }, store, world);
      const [dx, ...others] = outputs;
      const named = rprelu.map(([, name], index) => [name, at(others, index)] as const);
      return { inputs: [dx ?? null], gradients: { ...Object.fromEntries(named), ...gradients } };
    },
  };
}

type Inputs = Readonly<Record<string, Tensor>> & { readonly x: Tensor };

/** The kernels of a chain. */
interface Passes {
  forward(inputs: Inputs, store: TensorStore): Tensor;
  /** The gradients of x, bias1, alpha and bias2, and those of the quantizer's parameters by full name. */
  backward(
    inputs: Inputs,
    store: TensorStore,
    world?: number,
  ): { readonly outputs: readonly Tensor[]; readonly gradients: Record<string, Tensor> };
}

/** RPReLU without a quantizer. */
const alone: Passes = {
  forward: (inputs) => one("ActivationChain", inputs),
  backward: (inputs) => ({ outputs: several("ActivationChainGradient", inputs), gradients: {} }),
};

/** RPReLU with a quantizer. */
function quantized(node: QuantizeNode): Passes {
  const named = (gradients: Record<string, Tensor>) =>
    Object.fromEntries(Object.entries(gradients).map(([name, tensor]) => [`${node.id}.${name}`, tensor]));
  const uniform = uniformActivations[node.attrs.method];
  if (uniform !== undefined)
    return {
      forward: (inputs, store) => uniformForward(uniform, inputs, parametersOf(node, store), node.attrs),
      backward(inputs, store, world) {
        const parameters = parametersOf(node, store);
        const { outputs, gradients } = uniformBackward(uniform, inputs, parameters, node.attrs, world);
        return { outputs, gradients: named(gradients) };
      },
    };
  return {
    forward: (inputs, store) => one("ActivationChain", { ...inputs, ...parametersOf(node, store) }),
    backward(inputs, store) {
      const parameters = parametersOf(node, store);
      const results = several("ActivationChainGradient", { ...inputs, ...parameters });
      const own = Object.keys(parameters).map((name, index) => [name, at(results, 4 + index)] as const);
      return { outputs: results.slice(0, 4), gradients: named(Object.fromEntries(own)) };
    },
  };
}

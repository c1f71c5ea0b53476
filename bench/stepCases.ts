import { join } from "node:path";
import { quantizers } from "../src/core/quantizers.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { buildGraph } from "../src/models/models.js";
import type { ResolvedArchitecture } from "../src/resolve/types.js";
import type { MutableStore } from "../src/train/store.js";
import { createStore, disposeStore, download } from "../src/train/store.js";
import { writeSafetensors } from "../src/weights/safetensors.js";
import { architecture, quantization } from "../test/helpers/experiments.js";
import { randomImages, SEED } from "./trainingStep.js";

/**
 * The parts of a case's name: `resnet18-w2a4-224` has 2-bit weights, 4-bit activations and images of 224 ×
 * 224 pixels. `resnet18-w2a4-224-lsq` has another quantizer than N2UQ.
 */
export interface StepCase {
  readonly name: string;
  readonly network: keyof typeof networks;
  /** `fp` is the same network, including RPReLUs, without quantizers. */
  readonly mode: string;
  readonly side: number;
  readonly method: keyof typeof quantizers;
}

const networks = {
  resnet20: (inputSize: [number, number]) =>
    architecture("cifar-resnet", {
      ...{ depth: 20, classes: 10, inputSize },
      stem: { kernel: 3, stride: 1, channels: 16, pool: false },
    }),
  resnet18: (inputSize: [number, number]) => architecture("resnet", { depth: 18, inputSize }),
  resnet50: (inputSize: [number, number]) => architecture("resnet", { depth: 50, inputSize }),
  mobilenetv2: (inputSize: [number, number]) => architecture("mobilenet-v2", { inputSize }),
  quickstart,
};

/** The network of experiments/quickstart.yaml, for images with one channel. */
function quickstart(inputSize: [number, number]): ResolvedArchitecture {
  const block = { block: "basic", blocks: 1, expansion: 1 } as const;
  return architecture("stages", {
    classes: 10,
    inputSize,
    inputChannels: 1,
    stem: { kernel: 3, stride: 2, channels: 16, pool: false },
    stages: [
      { ...block, channels: 16, stride: 1 },
      { ...block, channels: 32, stride: 2 },
      { ...block, channels: 64, stride: 2 },
    ],
  });
}

/** @throws RangeError */
export function parseCase(name: string): StepCase {
  const parts = /^(\w+)-(fp|w\da\d)-(\d+)(?:-([\w-]+))?$/.exec(name) ?? [];
  const [, network = "", mode = "", side, method = "n2uq"] = parts;
  if (network in networks && method in quantizers)
    return { name, network, mode, side: Number(side), method } as StepCase;
  const [known, methods] = [networks, quantizers].map((table) => Object.keys(table).join(", "));
  throw new RangeError(
    `no case ${name}: NETWORK-MODE-SIDE or NETWORK-MODE-SIDE-METHOD, of ${known}; fp, w2a2 …; 32, 64, 224 …; ${methods}`,
  );
}

export function graphOf({ network, mode, side, method }: StepCase): TrainingGraph {
  const full = { method: "none", bits: { weights: 32, activations: 32 } } as const;
  const [, weights, activations] = mode.split(/[wa]/).map(Number);
  const quantized = { method, bits: { weights: weights ?? 0, activations: activations ?? 0 } };
  return buildGraph(
    networks[network]([side, side]),
    quantization(mode === "fp" ? full : quantized),
    quantizers,
  );
}

/** Writes the input of bench/step.py: weights, and images `[batch, height, width, channels]`. */
export async function writeCase(
  folder: string,
  graph: TrainingGraph,
  store: MutableStore,
  batch: number,
): Promise<void> {
  await writeSafetensors(join(folder, "weights.safetensors"), await download(graph, store), {});
  const [side = 0] = graph.input;
  const data = randomImages(batch, side);
  const images = { dtype: "float32", shape: [batch, ...graph.input], data } as const;
  await writeSafetensors(join(folder, "images.safetensors"), new Map([["images", images]]), {});
}

/** Like `writeCase`, with the initial weights of our step. */
export async function exportCase(folder: string, stepCase: StepCase, batch: number): Promise<void> {
  const graph = graphOf(stepCase);
  const store = createStore(graph, SEED);
  await writeCase(folder, graph, store, batch);
  disposeStore(store);
}

import { join } from "node:path";
import type { Tensor } from "@tensorflow/tfjs-core";
import { quantizers } from "../src/core/quantizers.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { buildGraph } from "../src/models/models.js";
import type { ResolvedArchitecture } from "../src/resolve/types.js";
import type { MutableStore } from "../src/train/store.js";
import { disposeStore, download } from "../src/train/store.js";
import { writeSafetensors } from "../src/weights/safetensors.js";
import { architecture, quantization } from "../test/helpers/experiments.js";
import { initialStore, stepImages } from "./trainingStep.js";

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

interface Network {
  /** Its name in a table. */
  readonly title: string;
  /** Images per step, unless `BATCH` is set. */
  readonly batch: number;
  architecture(inputSize: [number, number]): ResolvedArchitecture;
}

const networks = {
  resnet18: {
    title: "ResNet-18",
    batch: 16,
    architecture: (inputSize) => architecture("resnet", { depth: 18, inputSize }),
  },
  resnet50: {
    title: "ResNet-50",
    batch: 16,
    architecture: (inputSize) => architecture("resnet", { depth: 50, inputSize }),
  },
  mobilenetv2: {
    title: "MobileNetV2",
    batch: 16,
    architecture: (inputSize) => architecture("mobilenet-v2", { inputSize }),
  },
  resnet20: {
    title: "ResNet-20",
    batch: 128,
    architecture: (inputSize) =>
      architecture("cifar-resnet", {
        ...{ depth: 20, classes: 10, inputSize },
        stem: { kernel: 3, stride: 1, channels: 16, pool: false },
      }),
  },
  quickstart: { title: "the quickstart's network", batch: 16, architecture: quickstart },
} satisfies Readonly<Record<string, Network>>;

/** The cases of the full table. */
export const allCases: readonly string[] = [
  ["resnet18", 224],
  ["resnet18", 64],
  ["resnet50", 64],
  ["mobilenetv2", 64],
  ["resnet20", 32],
].flatMap(([network, side]) => {
  const named = (mode: string) => `${network}-${mode}-${side}`;
  return [named("w2a2"), named("w4a4"), named("fp"), `${named("w2a2")}-lsq`];
});

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

/** The same network and images with another mode or quantizer. */
export function variantOf(
  { network, side }: StepCase,
  mode: string,
  method: StepCase["method"] = "n2uq",
): StepCase {
  const name = `${network}-${mode}-${side}`;
  return parseCase(method === "n2uq" ? name : `${name}-${method}`);
}

/** The images per step: `BATCH`, or the network's default. */
export function batchOf({ network }: StepCase): number {
  return Number(process.env.BATCH ?? networks[network].batch);
}

export function titleOf({ network }: StepCase): string {
  return networks[network].title;
}

export function graphOf({ network, mode, side, method }: StepCase): TrainingGraph {
  const full = { method: "none", bits: { weights: 32, activations: 32 } } as const;
  const [, weights, activations] = mode.split(/[wa]/).map(Number);
  const quantized = { method, bits: { weights: weights ?? 0, activations: activations ?? 0 } };
  return buildGraph(
    networks[network].architecture([side, side]),
    quantization(mode === "fp" ? full : quantized),
    quantizers,
  );
}

/** Writes the input of bench/step.py: weights, and images `[batch, height, width, channels]`. */
export async function writeCase(
  folder: string,
  graph: TrainingGraph,
  store: MutableStore,
  images: Tensor,
): Promise<void> {
  await writeSafetensors(join(folder, "weights.safetensors"), await download(graph, store), {});
  const data = Float32Array.from(await images.data());
  const written = { dtype: "float32", shape: images.shape, data } as const;
  await writeSafetensors(join(folder, "images.safetensors"), new Map([["images", written]]), {});
}

/** Like `writeCase`, with the initial weights and the images of our step. */
export async function exportCase(folder: string, stepCase: StepCase, batch: number): Promise<void> {
  const graph = graphOf(stepCase);
  const images = stepImages(graph, batch);
  const store = initialStore(graph, images);
  await writeCase(folder, graph, store, images);
  disposeStore(store);
  images.dispose();
}

import { createHash } from "node:crypto";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import { memory, tensor } from "@tensorflow/tfjs-core";
import { quantizers } from "../../../src/core/quantizers.js";
import { engines } from "../../../src/engines/engines.js";
import { groupParameters } from "../../../src/graph/groups.js";
import { buildGraph } from "../../../src/models/models.js";
import { normals } from "../../../src/random.js";
import type { ResolvedArchitecture, ResolvedOptimizer } from "../../../src/resolve/types.js";
import { createOptimizer } from "../../../src/train/optimizers/optimizers.js";
import { disposeState, trainStep } from "../../../src/train/step.js";
import { createStore, download } from "../../../src/train/store.js";
import { architecture, quantization } from "../../helpers/experiments.js";

/**
 * A process that trains two networks, and one with each quantizer, for two steps on the engine wasm and prints its threads, and the losses
 * and the digest of all parameters of each network.
 */
const { capabilities, device } = await engines.wasm.load();
const quickstart = architecture("stages", {
  classes: 10,
  inputSize: [28, 28],
  inputChannels: 1,
  stem: { kernel: 3, stride: 2, channels: 16, pool: false },
  stages: [
    { block: "basic", channels: 16, blocks: 1, stride: 1, expansion: 1 },
    { block: "basic", channels: 32, blocks: 1, stride: 2, expansion: 1 },
    { block: "basic", channels: 64, blocks: 1, stride: 2, expansion: 1 },
  ],
});
const mobile = architecture("mobilenet-v2", { classes: 10, inputSize: [64, 64], width: 0.5 });
const networks = [await train(quickstart, 128, [28, 28, 1]), await train(mobile, 8, [64, 64, 3])];
for (const method of Object.keys(quantizers) as (keyof typeof quantizers)[])
  networks.push(await train(quickstart, 32, [28, 28, 1], method));
console.log(
  JSON.stringify({ threads: capabilities.threads, device, networks, tensors: memory().numTensors }),
);

async function train(
  network: ResolvedArchitecture,
  batch: number,
  image: readonly number[],
  method: keyof typeof quantizers = "n2uq",
): Promise<object> {
  const graph = buildGraph(
    network,
    quantization({ method, bits: { weights: 2, activations: 2 } }),
    quantizers,
  );
  const settings: ResolvedOptimizer = {
    kind: "adam",
    lr: 4e-3,
    weightDecay: 1e-4,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    groups: [],
  };
  const state = { graph, store: createStore(graph, 1), optimizerState: new Map(), step: 0 };
  const shape = [batch, ...image];
  const size = shape.reduce((product, n) => product * n, 1);
  const images = tensor(normals(size, 1, 1, "images"), shape);
  const labels = tensor(
    Array.from({ length: batch }, (_, index) => index % 10),
    [batch],
    "int32",
  ) as Tensor1D;
  const losses: number[] = [];
  for (let step = 0; step < 2; step++) {
    const result = trainStep(state, {
      images,
      targets: { labels },
      loss: { kind: "cross-entropy", labelSmoothing: 0 },
      optimizer: createOptimizer(settings),
      groups: groupParameters(graph, settings),
      lrFactor: 1,
    });
    losses.push(...result.loss.dataSync());
    result.loss.dispose();
    result.logits.dispose();
  }
  const hash = createHash("sha256");
  for (const [name, { data }] of await download(graph, state.store)) hash.update(name).update(data);
  disposeState(state);
  images.dispose();
  labels.dispose();
  return { losses, digest: hash.digest("hex") };
}

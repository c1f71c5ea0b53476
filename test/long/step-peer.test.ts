import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tensor } from "@tensorflow/tfjs-core";
import { dispose } from "@tensorflow/tfjs-core";
import t from "tap";
import { graphOf, parseCase, writeCase } from "../../bench/stepCases.js";
import type { RepeatedStep } from "../../bench/trainingStep.js";
import { repeatedStep, stepImages } from "../../bench/trainingStep.js";
import { engines } from "../../src/engines/engines.js";
import type { ParameterSpec, TrainingGraph } from "../../src/graph/types.js";
import { disposeTape, forward } from "../../src/ops/execute.js";
import { normals } from "../../src/random.js";
import { initializeFromFirstBatch, parametersFromFirstBatch } from "../../src/train/firstBatch.js";
import type { TrainState } from "../../src/train/step.js";
import type { MutableStore } from "../../src/train/store.js";
import { createStore, disposeStore, replace, upload, uploadBuffer } from "../../src/train/store.js";
import { toPyTorch } from "../../src/weights/layout.js";
import { root } from "../helpers/cli.js";
import type { Tap } from "../helpers/golden.js";
import { relativeError } from "../helpers/golden.js";
import { peersPython, python, withoutPeers, withoutPytorch } from "../helpers/pytorch.js";

const script = join(root, "test", "long", "step_peer.py");
const [BATCH, CLASSES] = [16, 1000];

/*
 * The peer of `npm run bench:step` computes what it is measured for: its quantizers and blocks are the recorded ones, and
 * from our weights its networks answer as ours do.
 */
t.test("the bench's PyTorch has the recorded values and gradients", { skip: withoutPytorch }, (t) => {
  const printed = execFileSync(python, [script, "golden", join(root, "test", "fixtures", "golden")]);
  const lines = printed.toString().trim().split("\n");
  t.ok(lines.length >= 20, "all cases");
  for (const line of lines) {
    const [name, error] = line.split(" ");
    t.ok(Number(error) <= 1e-4, `${name}: relative error ${error} ≤ 1e-4`);
  }
  t.end();
});

/*
 * A quantized network is chaotic: where rounding moves one value across a threshold, its image's logits are others. In
 * evaluation mode that is one image's own affair, and an image that agrees to rounding has met all of the network: some must.
 * Small images have few values near a threshold.
 */
const quantized = [
  ...["resnet18-w2a2-64", "resnet18-w4a4-32", "resnet50-w2a2-32", "mobilenetv2-w4a4-64"],
  ...["resnet18-w2a2-64-lsq", "mobilenetv2-w4a4-64-lsq"],
];
for (const name of quantized) {
  t.test(`${name}: PyTorch answers as we do`, { skip: withoutPytorch }, async (t) => {
    const errors = (await errorsOf(t, name, "eval")).toSorted((a, b) => a - b);
    const shown = errors.map((error) => error.toExponential(0)).join(" ");
    t.ok(
      errors[BATCH / 8 - 1]! <= 1e-4,
      `${name}: relative error of an eighth of the images ≤ 1e-4: ${shown}`,
    );
    t.comment(`${name}: relative errors ${shown}`);
  });
}

t.test("without quantizers also in training mode", { skip: withoutPytorch }, async (t) => {
  for (const name of ["resnet18-fp-64", "mobilenetv2-fp-64"]) {
    const worst = Math.max(...(await errorsOf(t, name, "train")));
    t.ok(worst <= 1e-3, `${name}: relative error ${worst.toExponential(1)} ≤ 1e-3`);
  }
});

/*
 * Where rounding moves a value across a threshold, the whole training step is another. With few small images that is rare:
 * at least one of several batches agrees completely. Without `shake`, many values are exactly at a bend of PReLU.
 */
const BATCHES = [4, 6, 8];
const steps = [
  ...["resnet20-w2a2-8", "resnet20-w2a2-8-lsq", "resnet20-w4a4-8-lsq"].map(
    (name) => [name, "eager", python, withoutPytorch] as const,
  ),
  ...["eager", "brevitas"].map((peer) => ["resnet20-w2a2-8-lsq", peer, peersPython, withoutPeers] as const),
];
for (const [name, peer, command, skip] of steps) {
  const what = `a training step of ${peer}${command === python ? "" : " (npm run peers)"}`;
  const same = peer === "brevitas" ? "loss" : "loss, gradients and weights";
  t.test(`${name}: ${what} has our ${same}`, { skip }, async (t) => {
    await engines.wasm.load();
    const graph = graphOf(parseCase(name));
    const [folder, losses, ours]: [string, number[], RepeatedStep[]] = [t.testdir(), [], []];
    const folders = BATCHES.map((batch) => join(folder, String(batch)));
    for (const [at, batch] of BATCHES.entries()) {
      const [images, store] = [stepImages(graph, batch), createStore(graph, 1)];
      shake(graph, store, images);
      mkdirSync(folders[at]!);
      await writeCase(folders[at]!, graph, store, images);
      images.dispose();
      const step = repeatedStep(graph, batch, store);
      losses.push(step.run());
      ours.push(step);
    }
    const args = [script, "update", name, peer, ...folders];
    execFileSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
    const errors = folders.map((folder, at) => {
      const theirs: Update = JSON.parse(readFileSync(join(folder, "updated.json"), "utf8"));
      const ofLoss = Math.abs(theirs.loss / losses[at]! - 1);
      return peer === "brevitas" ? ofLoss : Math.max(ofLoss, updateError(t, ours[at]!.state, theirs));
    });
    const shown = errors.map((error) => error.toExponential(0)).join(" ");
    t.ok(Math.min(...errors) <= 1e-3, `relative error of a step ≤ 1e-3: ${shown}`);
    t.comment(`${name}, ${peer}: relative errors ${shown}`);
    for (const step of ours) step.dispose();
  });
}

/** The largest relative error of a parameter's gradient and of its new values. */
function updateError(t: Tap, { graph, store, optimizerState }: TrainState, { parameters }: Update): number {
  const specs = graph.nodes.flatMap(({ params }) => params);
  t.same(new Set(specs.map(({ name }) => name)), new Set(Object.keys(parameters)), "the same parameters");
  const errors = specs.flatMap((spec) => {
    const wanted = parameters[spec.name]!;
    // Adam's first moment after one step is 0.1 times the gradient.
    const gradient = ofPytorch(optimizerState.get(spec.name)!.exp_avg!, spec).map((moment) => moment / 0.1);
    // BatchNorm leaves only the rounding of a sum of scale2's gradient: its scale is that of the intervals' gradient.
    const scale = parameters[spec.name.replace(".scale2", ".a")]!.gradient;
    const values = ofPytorch(store.get(spec.name)!, spec);
    return [
      relativeError([...gradient, ...scale], [...wanted.gradient, ...scale]),
      relativeError(values, wanted.value),
    ];
  });
  return Math.max(...errors);
}

interface Update {
  readonly loss: number;
  readonly parameters: Readonly<Record<string, Readonly<Record<"gradient" | "value", readonly number[]>>>>;
}

/** A tensor's values in PyTorch's layout. */
function ofPytorch(values: Tensor, { shape, layout }: ParameterSpec): Float32Array {
  return toPyTorch(values.dataSync() as Float32Array, shape, layout);
}

/** Each image's largest difference between our logits and PyTorch's, relative to its largest logit. */
async function errorsOf(
  t: Tap & { testdir(): string },
  name: string,
  mode: "train" | "eval",
): Promise<number[]> {
  await engines.wasm.load();
  const [graph, folder] = [graphOf(parseCase(name)), t.testdir()];
  const store = createStore(graph, 1);
  const images = stepImages(graph, BATCH);
  shake(graph, store, images);
  await writeCase(folder, graph, store, images);
  execFileSync(python, [script, "logits", name, folder, mode], { stdio: ["ignore", "inherit", "inherit"] });
  const pass = forward(graph, store, images, { mode: mode === "train" ? "training" : "inference" });
  const found = pass.logits.dataSync() as Float32Array;
  disposeTape(pass);
  dispose([images, pass.logits]);
  disposeStore(store);
  const { buffer } = Uint8Array.from(readFileSync(join(folder, "logits.bin")));
  const wanted = new Float32Array(buffer);
  t.equal(wanted.length, BATCH * CLASSES, `${name}: an answer for each image`);
  const each = (values: Float32Array, i: number) => values.subarray(i * CLASSES, (i + 1) * CLASSES);
  t.ok(relativeError(each(wanted, 0), each(wanted, 1)) > 0.1, `${name}: the answers are not all one`);
  return Array.from({ length: BATCH }, (_, i) => relativeError(each(found, i), each(wanted, i)));
}

/**
 * Moves what begins as a constant (thresholds, biases, BatchNorm's weights), so that no two of them are alike; running
 * statistics become those of the images, or the quantizers would answer every image with their last level.
 */
function shake(graph: TrainingGraph, store: MutableStore, images: Tensor): void {
  const noise = (name: string, count: number) => normals(count, 0.05, 2, name);
  for (const spec of graph.nodes.flatMap(({ params }) => params)) {
    if (spec.init.kind !== "constant" || spec.fromFirstBatch === true) continue;
    const values = store.get(spec.name)!.dataSync() as Float32Array;
    const by = noise(spec.name, values.length);
    const moved = values.map((value, i) => value + by[i]!);
    replace(store, spec.name, upload(spec, moved));
  }
  initializeFromFirstBatch(graph, store, images, parametersFromFirstBatch(graph));
  const pass = forward(graph, store, images, { mode: "training" });
  for (const spec of graph.nodes.flatMap(({ buffers }) => buffers)) {
    if (spec.shape.length === 0) continue;
    const [before, after] = [store.get(spec.name)!, pass.buffers.get(spec.name)!].map((held) =>
      held.dataSync(),
    );
    const by = noise(spec.name, spec.shape[0]!);
    const ofBatch = by.map((shift, i) => ((after![i]! - 0.9 * before![i]!) / 0.1) * (1 + shift));
    replace(store, spec.name, uploadBuffer(spec, ofBatch));
  }
  disposeTape(pass);
  pass.logits.dispose();
}

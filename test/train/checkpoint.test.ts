import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { dispose, memory, tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import type { N2uqError } from "../../src/errors.js";
import { buildGraph } from "../../src/models/models.js";
import { normals } from "../../src/random.js";
import { RunDirectory } from "../../src/runs/runDirectory.js";
import type { ExpectedCheckpoint } from "../../src/train/checkpoint.js";
import {
  checkpointLayout,
  loadState,
  parametersOf,
  readCheckpoint,
  restore,
  weightsDigest,
  writeCheckpoint,
  writeWeights,
} from "../../src/train/checkpoint.js";
import type { Progress } from "../../src/train/progress.js";
import { parseProgress, progressText } from "../../src/train/progress.js";
import type { TrainState } from "../../src/train/step.js";
import { disposeState } from "../../src/train/step.js";
import { createStore, disposeStore, download } from "../../src/train/store.js";
import { runtimeShape } from "../../src/weights/layout.js";
import type { HostTensor } from "../../src/weights/safetensors.js";
import { writeSafetensors } from "../../src/weights/safetensors.js";
import { elementsOf } from "../../src/weights/shape.js";
import { architecture, quantization } from "../helpers/experiments.js";
import { rejection } from "../helpers/weights.js";

const network = buildGraph(architecture("resnet", { depth: 18, classes: 2 }), quantization(), quantizers);
/** The last layer alone: a file of two kilobytes. */
const graph = { ...network, nodes: network.nodes.filter(({ kind }) => kind === "linear") };
const expected: ExpectedCheckpoint = {
  ...{
    hashes: ["a".repeat(64), "f".repeat(64)],
    graph,
    moments: ["momentum_buffer"],
    stepsPerEpoch: 4,
    totalSteps: 8,
  },
};
const progress: Progress = {
  ...{ step: 6, epoch: 1, batch: 2, sums: { images: 16, loss: 20, top1: 4, top5: 16 }, gradientNorm: 1.5 },
  best: { epoch: 1, loss: 1.2, top1: 30, top5: 100 },
  last: { loss: 1.2, top1: 30, top5: 100 },
  seconds: 3,
};
const metadata = { hash: expected.hashes[0]!, progress: progressText(progress) };

function tensors(): Map<string, HostTensor> {
  return new Map(
    [...checkpointLayout(expected)].map(([name, { shape }]): [string, HostTensor] => [
      name,
      { dtype: "float32", shape, data: new Float32Array(elementsOf(shape)).fill(0.5) },
    ]),
  );
}

const reasonOf = async (file: string) => {
  const error = await rejection(readCheckpoint(file, expected));
  return error.code === "N2UQ_CHECKPOINT_DAMAGED" ? String(error.details.reason) : error.code;
};

t.test("a checkpoint with any flipped byte is rejected", async (t) => {
  const file = join(t.testdir(), "last.safetensors");
  await writeSafetensors(file, tensors(), metadata);
  t.same((await readCheckpoint(file, expected)).progress, progress);
  const original = readFileSync(file);
  const header = 8 + Number(original.readBigUInt64LE(0));
  const read: number[] = [];
  const written = openSync(file, "r+");
  for (let at = 0; at < original.length; at += at < header ? 1 : 13) {
    writeSync(written, Buffer.of(original[at]! ^ (1 << (at % 8))), 0, 1, at);
    const error = (await readCheckpoint(file, expected).catch((cause) => cause)) as N2uqError;
    if (error.code !== "N2UQ_CHECKPOINT_DAMAGED") read.push(at);
    writeSync(written, original, at, 1, at);
  }
  closeSync(written);
  t.same((await readCheckpoint(file, expected)).progress, progress, "every byte was put back");
  t.same(read, []);
});

t.test("a checkpoint with a missing or an extra tensor or moment is rejected", async (t) => {
  const file = join(t.testdir(), "last.safetensors");
  const other: HostTensor = { dtype: "float32", shape: [3], data: new Float32Array(3) };
  const long: HostTensor = { dtype: "int64", shape: [2], data: new BigInt64Array(2) };
  for (const [change, reason] of [
    [(all) => all.delete("optimizer.fc.weight.momentum_buffer"), /fc\.weight\.momentum_buffer is missing/],
    [(all) => all.delete("fc.bias"), /fc\.bias is missing/],
    [
      (all) => all.set("optimizer.fc.bias.momentum_buffer", other),
      /momentum_buffer is float32 \[3\] instead/,
    ],
    [(all) => all.set("fc.bias", long), /fc\.bias is int64 \[2\] instead of float32 \[2\]/],
    [(all) => all.set("optimizer.fc.bias.exp_avg", other), /has the tensor optimizer\.fc\.bias\.exp_avg/],
  ] as [(all: Map<string, HostTensor>) => unknown, RegExp][]) {
    const all = tensors();
    change(all);
    await writeSafetensors(file, all, metadata);
    t.match(await reasonOf(file), reason);
  }
  await writeSafetensors(file, tensors(), { ...metadata, hash: "b".repeat(64) });
  t.equal(await reasonOf(file), "N2UQ_CHECKPOINT_FOREIGN");
  await writeSafetensors(file, tensors(), { ...metadata, hash: "f".repeat(64) });
  t.same((await readCheckpoint(file, expected)).progress, progress, "written before the run's hash changed");
  await writeSafetensors(file, tensors(), { hash: metadata.hash });
  t.match(await reasonOf(file), /progress is missing/);
});

t.test("progress of a wrong type, out of range, or at an impossible position is rejected", async (t) => {
  const without = (key: keyof Progress) =>
    Object.fromEntries(Object.entries(progress).filter(([one]) => one !== key));
  const cases: readonly (readonly [written: unknown, reason: RegExp])[] = [
    [null, /progress: it must be a map; found null/],
    [[progress], /progress: it must be a map; found a list/],
    [7, /progress: it must be a map; found 7/],
    [without("step"), /step is missing/],
    [without("sums"), /sums is missing/],
    [without("last"), /last is missing/],
    [{ ...progress, step: "6" }, /step must be an integer; found "6"/],
    [{ ...progress, batch: {} }, /batch must be an integer; found a map/],
    [{ ...progress, batch: -1 }, /batch must be >= 0; found -1/],
    [{ ...progress, step: 6.5 }, /step must be an integer; found 6.5/],
    [{ ...progress, seconds: -1 }, /seconds must be >= 0; found -1/],
    [{ ...progress, sums: { ...progress.sums, top1: 17 } }, /17 of 16 images are counted as correct/],
    [{ ...progress, last: { ...progress.last, top5: 101 } }, /last\.top5 must be <= 100; found 101/],
    [
      { ...progress, best: { ...progress.best, loss: null } },
      /best\.loss must be a number or a string; found null/,
    ],
    [{ ...progress, gradientNorm: "many" }, /gradientNorm must match pattern/],
    [{ ...progress, best: { ...progress.best, epoch: 2 } }, /best of 1 epochs is epoch 2/],
    [{ ...progress, best: null }, /validations of 1 epochs are missing/],
    [{ ...progress, step: 7 }, /step 7, epoch 1, batch 2 is not a valid position/],
    [{ ...progress, step: 14, epoch: 3 }, /not a valid position in a run of 8 steps, 4 per epoch/],
    [{ ...progress, step: 0, epoch: 0, batch: 0, best: null, last: null }, /not a valid position/],
  ];
  for (const [written, reason] of cases)
    t.throws(() => parseProgress(JSON.stringify(written), expected), { message: reason });
  t.throws(() => parseProgress("{", expected), { message: /not JSON/ });
  const end = { ...progress, step: 8, epoch: 2, batch: 0 };
  t.same(parseProgress(progressText(end), expected), end);
  const cut = { ...end, step: 7 };
  t.same(
    parseProgress(progressText(cut), { ...expected, totalSteps: 7 }),
    cut,
    "a last epoch that is cut short",
  );
});

t.test("positions at the limits of a run", (t) => {
  const at = (rest: Partial<Progress>) => {
    const written = { ...progress, ...rest };
    return () => t.same(parseProgress(progressText(written), expected), written);
  };
  const none = { best: null, last: null };
  const position = /not a valid position/;
  t.doesNotThrow(at({ step: 1, epoch: 0, batch: 1, ...none }));
  t.doesNotThrow(at({ step: 4, epoch: 0, batch: 4, ...none }), "before the validation of an epoch");
  t.throws(at({ step: 5, epoch: 0, batch: 5, ...none }), { message: position });
  t.doesNotThrow(at({ step: 4, epoch: 1, batch: 0 }));
  t.doesNotThrow(at({ step: 8, epoch: 1, batch: 4 }));
  t.throws(at({ step: 9, epoch: 2, batch: 1 }), { message: position });
  t.throws(at({ step: 8, epoch: 3, batch: 0 }), { message: position });
  t.throws(at({ step: 8, epoch: 2, batch: 1 }), { message: position });
  t.throws(at({ step: 0, epoch: 2, batch: 0 }), { message: position });
  const missing = /the validations of \d epochs are missing/;
  const two = { step: 8, epoch: 2, batch: 0 };
  t.doesNotThrow(at({ ...two, best: { ...progress.last!, epoch: 2 } }));
  t.throws(at({ ...two, best: { ...progress.last!, epoch: 0 } }), { message: /epoch/ });
  t.throws(at({ ...two, last: null }), { message: missing });
  t.throws(at({ step: 1, epoch: 0, batch: 1, best: null }), { message: missing });
  t.throws(at({ step: 1, epoch: 0, batch: 1, last: null }), { message: missing });
  const counts = (top1: number, top5: number) => at({ sums: { images: 16, loss: 1, top1, top5 } });
  t.doesNotThrow(counts(16, 16));
  t.throws(counts(0, 17), { message: /17 of 16 images/ });
  t.end();
});

t.test("NaN and infinities come back as they were", (t) => {
  const odd = {
    ...progress,
    gradientNorm: Number.NaN,
    sums: { ...progress.sums, loss: Number.POSITIVE_INFINITY },
  };
  t.same(parseProgress(progressText(odd), expected), odd);
  t.end();
});

t.test("the previous checkpoint is the last one until a new one takes its place", async (t) => {
  const folder = t.testdir({ checkpoints: {} });
  const directory = new RunDirectory(folder);
  await directory.keepPrevious();
  t.notOk(directory.hasCheckpoint(), "before the first there is nothing to keep");
  for (const content of ["1", "2", "3"]) {
    writeFileSync(`${directory.last}.new`, content);
    await directory.keepPrevious();
    t.ok(content === "1" || existsSync(directory.last), "the last one is always there");
    renameSync(`${directory.last}.new`, directory.last);
  }
  t.same(
    [directory.last, directory.previous].map((file) => readFileSync(file, "utf8")),
    ["3", "2"],
  );
  await directory.keepPrevious();
  await directory.keepPrevious();
  t.equal(readFileSync(directory.previous, "utf8"), "3", "killed before the rename, and again");
  t.same(readdirSync(join(folder, "checkpoints")).sort(), ["last.safetensors", "previous.safetensors"]);
});

t.test("a state that is written comes back: parameters, buffers, moments and step", async (t) => {
  await cpu.load();
  const shape = { inputSize: [8, 8] as const, classes: 3, stem: { kernel: 3, stride: 2, channels: 2 } };
  const stages = [{ block: "basic" as const, channels: 2, blocks: 1, stride: 1 }];
  const own = buildGraph(architecture("stages", { ...shape, stages } as never), quantization(), quantizers);
  const before = memory().numTensors;
  const stateOf = (seed: number) => {
    const optimizerState = new Map(
      parametersOf(own).map((spec) => {
        const values = normals(elementsOf(spec.shape), 1, seed, spec.name);
        return [spec.name, { momentum_buffer: tensor(values, runtimeShape(spec.shape, spec.layout)) }];
      }),
    );
    return { graph: own, store: createStore(own, seed), optimizerState, step: seed };
  };
  const contentOf = ({ store, optimizerState, step }: TrainState) => ({
    step,
    store: [...store].map(([name, one]) => [name, one.shape, [...one.dataSync()]]),
    moments: [...optimizerState].map(([name, { momentum_buffer: one }]) => [
      name,
      one!.shape,
      [...one!.dataSync()],
    ]),
  });
  const file = join(t.testdir(), "last.safetensors");
  const [written, other] = [stateOf(6), stateOf(2)];
  t.notSame(contentOf(other), contentOf(written));
  const hash = expected.hashes[0]!;
  await writeCheckpoint(file, hash, written, progress);
  const read = await readCheckpoint(file, { ...expected, graph: own });
  t.same(read.progress, progress);
  for (const moments of other.optimizerState.values()) dispose(moments);
  restore(other, read, expected.moments);
  t.same(contentOf(other), contentOf(written));
  t.equal(await weightsDigest(own, other.store), await weightsDigest(own, written.store));

  await writeWeights(file, hash, written);
  t.match(await rejection(readCheckpoint(file, { ...expected, graph: own })), {
    message: /momentum_buffer is missing/,
  });
  for (const state of [written, other]) disposeState(state);
  t.equal(memory().numTensors, before, "nothing leaks");
});

t.test("a state dict may lack BatchNorm's counters, and nothing else", async (t) => {
  await cpu.load();
  const norms = { ...network, nodes: network.nodes.filter(({ kind }) => kind === "batch-norm").slice(0, 1) };
  const store = createStore(norms, 1);
  const all = await download(norms, store);
  const names = [...all.keys()];
  t.match(names, [
    "bn1.weight",
    "bn1.bias",
    "bn1.running_mean",
    "bn1.running_var",
    "bn1.num_batches_tracked",
  ]);
  all.set("bn1.running_mean", { dtype: "float32", shape: [64], data: new Float32Array(64).fill(3) });
  all.set("bn1.num_batches_tracked", { dtype: "int64", shape: [], data: BigInt64Array.of(5n) });
  loadState(norms, store, all);
  const first = (name: string) => store.get(name)!.dataSync()[0];
  t.same([first("bn1.running_mean"), first("bn1.num_batches_tracked")], [3, 5]);
  for (const name of names) {
    const others = new Map([...all].filter(([one]) => one !== name));
    if (name.endsWith("tracked")) t.doesNotThrow(() => loadState(norms, store, others));
    else
      t.throws(() => loadState(norms, store, others), {
        code: "N2UQ_WEIGHTS_MISSING_TENSOR",
        details: { name },
      });
  }
  t.equal(first("bn1.num_batches_tracked"), 5, "a counter that is missing stays");
  disposeStore(store);
});

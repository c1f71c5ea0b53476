import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import { backend, dispose, engine, getBackend, setBackend, tensor } from "@tensorflow/tfjs-core";
import { cpu } from "../src/engines/cpu/engine.js";
import { originalKernel } from "../src/engines/kernels.js";
import { wasm } from "../src/engines/wasm/engine.js";
import { uniforms } from "../src/random.js";
import type { Case } from "./measure.js";
import { alternating, row } from "./measure.js";
import { resnet18Step } from "./trainingStep.js";

/** Batch, height and width, input and output channels, kernel, stride; the padding is half the kernel. */
type Shape = readonly [number, number, number, number, number, number];

const headline: Shape = [16, 32, 64, 64, 3, 1];
/** ResNet-18's layers on images of 64 × 64 pixels. */
const small: readonly Shape[] = [
  [8, 16, 64, 64, 3, 1],
  [8, 16, 64, 128, 3, 2],
  [8, 16, 64, 128, 1, 2],
  [8, 8, 128, 128, 3, 1],
  [8, 4, 256, 256, 3, 1],
  [8, 2, 512, 512, 3, 1],
];

/** The tensors of one convolution on the current backend, and the attributes of both gradients. */
function convolution([batch, side, channels, outChannels, kernel, stride]: Shape) {
  const pad = Math.floor(kernel / 2);
  const out = Math.floor((side + 2 * pad - kernel) / stride) + 1;
  const inputShape = [batch, side, side, channels];
  const filterShape = [kernel, kernel, channels, outChannels];
  const geometry = { strides: [stride, stride], pad, dilations: [1, 1], dimRoundingMode: "floor" };
  return {
    x: random(inputShape, "x"),
    filter: random(filterShape, "filter"),
    dy: random([batch, out, out, outChannels], "dy"),
    attrs: { ...geometry, dataFormat: "NHWC", inputShape, filterShape },
  };
}

function random(shape: readonly number[], name: string): Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return tensor(uniforms(size, -1, 1, 1, name), [...shape]);
}

/** Times our kernel and that of tfjs's wasm backend. */
async function inputGradient(shape: Shape): Promise<void> {
  await setBackend("wasm");
  const { x, filter, dy, attrs } = convolution(shape);
  const ours: Case = {
    backend: "wasm",
    repetitions: 7,
    run: () => run("Conv2DBackpropInput", { dy, filter }, attrs),
  };
  const theirs: Case = {
    backend: "wasm",
    repetitions: 7,
    run: () => runOriginal("Conv2DBackpropInput", { dy, filter }, attrs),
  };
  const [oursTime = 0, theirsTime = 0] = await alternating([ours, theirs]);
  console.log(row(`dx ${nameOf(shape)}, tfjs's own`, oursTime, theirsTime, 5));
  dispose([x, filter, dy]);
}

/**
 * Times our kernel and that of the cpu backend, because tfjs's wasm backend has no such kernel. Uses two
 * images, because the cpu backend takes a minute for eight.
 */
async function filterGradient(shape: Shape): Promise<void> {
  const cases: Case[] = [];
  const held: Tensor[] = [];
  for (const name of ["wasm", "cpu"] as const) {
    await setBackend(name);
    const { x, filter, dy, attrs } = convolution(shape);
    cases.push({
      backend: name,
      repetitions: repetitionsOn(name),
      run: () =>
        name === "wasm"
          ? run("Conv2DBackpropFilter", { x, dy }, attrs)
          : runOriginal("Conv2DBackpropFilter", { x, dy }, attrs),
    });
    held.push(x, filter, dy);
  }
  const [wasmTime = 0, cpuTime = 0] = await alternating(cases);
  console.log(row(`dW ${nameOf(shape)}, cpu`, wasmTime, cpuTime, 5));
  dispose(held);
}

async function trainingStep(batch: number): Promise<void> {
  const steps = [];
  for (const name of ["wasm", "cpu"] as const) {
    await setBackend(name);
    steps.push({ backend: name, repetitions: repetitionsOn(name), ...resnet18Step(batch) });
  }
  const [wasmTime = 0, cpuTime = 0] = await alternating(steps);
  console.log(row(`ResNet-18 W2A2 step, 64 px, ${batch} images, cpu`, wasmTime, cpuTime, 3));
  for (const step of steps) step.dispose();
}

/** Number of measurements: fewer on the cpu backend, which takes minutes. */
function repetitionsOn(name: Case["backend"]): number {
  return name === "cpu" ? 1 : 5;
}

function run(kernel: string, inputs: Record<string, Tensor>, attrs: object): void {
  (engine().runKernel(kernel, inputs, attrs as never) as Tensor).dispose();
}

/** Runs the kernel of tfjs that a kernel of ours replaces on the current backend. */
function runOriginal(kernel: string, inputs: Record<string, Tensor>, attrs: object): void {
  const original = originalKernel(kernel, getBackend());
  const output = original?.({ inputs, attrs: attrs as never, backend: backend() }) as TensorInfo;
  backend().disposeData(output.dataId);
}

function nameOf([batch, side, channels, outChannels, kernel, stride]: Shape): string {
  return `${batch}×${side}×${side}×${channels}→${outChannels} ${kernel}×${kernel}/${stride}`;
}

await cpu.load();
const { device, version } = await wasm.load();
console.log(`tfjs ${version} on ${device}; medians of interleaved runs: ours, the other, speedup\n`);
for (const shape of [headline, ...small]) await inputGradient(shape);
for (const [, ...rest] of [headline, ...small]) await filterGradient([2, ...rest]);
await trainingStep(8);

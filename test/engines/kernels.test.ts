import type { Tensor } from "@tensorflow/tfjs-core";
import { engine, memory, setBackend, tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import t from "tap";
import { cpu } from "../../src/engines/cpu.js";
import { wasm } from "../../src/engines/wasm.js";
import { uniforms } from "../../src/random.js";

await cpu.load();
await wasm.load();

interface Shape {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

type Host = { readonly data: Float32Array; readonly shape: readonly number[] };

const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
const random = (shape: readonly number[], seed: string): Host => ({
  data: uniforms(size(shape), -1, 1, 7, seed),
  shape,
});

/** One kernel on one backend, back on the host; fails when it leaves a tensor or a piece of memory behind. */
async function run(
  backend: "cpu" | "wasm",
  kernel: string,
  inputs: Record<string, Host>,
  attrs: Record<string, unknown>,
) {
  await setBackend(backend);
  const before = memory();
  const tensors: Record<string, Tensor> = {};
  for (const [name, { data, shape }] of Object.entries(inputs))
    tensors[name] = tensor(data, [...shape], "float32");
  const output = engine().runKernel(kernel, tensors, attrs as never) as Tensor;
  const result = { data: Float32Array.from(await output.data()), shape: output.shape };
  output.dispose();
  for (const input of Object.values(tensors)) input.dispose();
  const after = memory();
  t.equal(after.numTensors, before.numTensors, `${kernel} leaves no tensor on ${backend}`);
  t.equal(after.numDataBuffers, before.numDataBuffers, `${kernel} leaves no memory on ${backend}`);
  return result;
}

/** Largest difference, relative to the largest value. */
function distance(a: Float32Array, b: Float32Array): number {
  const scale = Math.max(
    1e-6,
    b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0),
  );
  return (
    a.reduce((worst, value, index) => Math.max(worst, Math.abs(value - (b[index] ?? Number.NaN))), 0) / scale
  );
}

async function differ(kernel: string, inputs: Record<string, Host>, attrs: Record<string, unknown>) {
  const [ours, reference] = [
    await run("wasm", kernel, inputs, attrs),
    await run("cpu", kernel, inputs, attrs),
  ];
  const far =
    String(ours.shape) === String(reference.shape) ? distance(ours.data, reference.data) : Number.NaN;
  return far <= 1e-5 ? null : `${kernel} ${JSON.stringify(attrs)}: ${far}`;
}

/** Forward and both gradients; the ones that differ from the reference. */
async function convolutions(shape: Shape, depthwise: boolean): Promise<string[]> {
  const { batch, height, width, channels, kernel, stride, pad } = shape;
  const outChannels = depthwise ? channels : shape.outChannels;
  const inputShape = [batch, height, width, channels];
  const filterShape = [kernel, kernel, channels, depthwise ? 1 : outChannels];
  const out = (n: number) => Math.floor((n + 2 * pad - kernel) / stride) + 1;
  const x = random(inputShape, "x");
  const filter = random(filterShape, "filter");
  const dy = random([batch, out(height), out(width), outChannels], "dy");
  const attrs = {
    strides: [stride, stride],
    pad,
    dilations: [1, 1],
    dataFormat: "NHWC",
    dimRoundingMode: "floor",
  };
  const prefix = depthwise ? "DepthwiseConv2dNative" : "Conv2D";
  const found = [
    await differ(prefix, { x, filter }, attrs),
    await differ(`${prefix}BackpropInput`, { dy, filter }, { ...attrs, inputShape }),
    await differ(`${prefix}BackpropFilter`, { x, dy }, { ...attrs, filterShape }),
  ];
  return found.filter((message) => message !== null);
}

t.test("convolutions and their gradients agree with the reference", async (t) => {
  for (const kernel of [1, 3, 5, 7]) {
    for (const stride of [1, 2, 3]) {
      for (const pad of [0, 1, 2, 3]) {
        const shape = { batch: 2, height: 9, width: 8, channels: 3, outChannels: 5, kernel, stride, pad };
        const name = `kernel ${kernel} stride ${stride} pad ${pad}`;
        t.same(await convolutions(shape, false), [], `dense, ${name}`);
        t.same(await convolutions(shape, true), [], `depthwise, ${name}`);
      }
    }
  }
});

t.test("convolutions of any small shape agree with the reference", async (t) => {
  const shapes = fc
    .record({
      batch: fc.integer({ min: 1, max: 3 }),
      height: fc.integer({ min: 1, max: 11 }),
      width: fc.integer({ min: 1, max: 11 }),
      channels: fc.integer({ min: 1, max: 6 }),
      outChannels: fc.integer({ min: 1, max: 6 }),
      kernel: fc.integer({ min: 1, max: 5 }),
      stride: fc.integer({ min: 1, max: 3 }),
      pad: fc.integer({ min: 0, max: 3 }),
    })
    .filter(({ height, width, kernel, pad }) => Math.min(height, width) + 2 * pad >= kernel);
  await fc.assert(
    fc.asyncProperty(shapes, fc.boolean(), async (shape, depthwise) => {
      const wrong = await convolutions(shape, depthwise);
      if (wrong.length > 0) throw new Error(wrong.join("; "));
    }),
    { numRuns: 60, seed: 1 },
  );
  t.pass("60 shapes");
});

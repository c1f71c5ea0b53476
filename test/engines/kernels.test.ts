import type { KernelConfig, Tensor } from "@tensorflow/tfjs-core";
import {
  backend,
  engine,
  getKernel,
  memory,
  registerKernel,
  setBackend,
  tensor,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import fc from "fast-check";
import t from "tap";
import { cpu } from "../../src/engines/cpu/engine.js";
import { originalKernel } from "../../src/engines/kernels.js";
import { tensorflow } from "../../src/engines/tensorflow/engine.js";
import { torch } from "../../src/engines/torch/engine.js";
import { wasm } from "../../src/engines/wasm/engine.js";
import { uniforms } from "../../src/random.js";
import { withoutTensorflow } from "../helpers/tensorflow.js";
import { withoutTorch } from "../helpers/torch.js";

await cpu.load();
await wasm.load();
if (withoutTensorflow === false) await tensorflow.load();
if (withoutTorch === false) await torch.load();

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

interface Host {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
  readonly dtype?: "int32";
}

const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
const random = (shape: readonly number[], seed: string): Host => ({
  data: uniforms(size(shape), -1, 1, 7, seed),
  shape,
});

/** One kernel on one backend, back on the host. Throws when it leaves a tensor or a piece of memory behind. */
async function run(
  name: "cpu" | "wasm" | "tensorflow" | "torch",
  kernel: string,
  inputs: Record<string, Host>,
  attrs: Record<string, unknown>,
): Promise<Host> {
  await setBackend(name);
  const held = () => `${memory().numTensors} tensors, ${backend().numDataIds()} pieces of memory`;
  const before = held();
  const tensors: Record<string, Tensor> = {};
  for (const [name, { data, shape, dtype }] of Object.entries(inputs)) {
    tensors[name] = tensor(data, [...shape], dtype ?? "float32");
  }
  const given = kernel === "AddN" ? Object.values(tensors) : tensors;
  const output = engine().runKernel(kernel, given as never, attrs as never) as Tensor;
  const result = { data: Float32Array.from(await output.data()), shape: output.shape };
  output.dispose();
  for (const input of Object.values(tensors)) input.dispose();
  if (held() !== before) throw new Error(`${kernel} on ${name}: ${before} before, ${held()} after`);
  return result;
}

/** Largest difference, relative to the largest value. */
function distance(a: Host["data"], b: Host["data"]): number {
  let [scale, worst] = [1e-6, 0];
  for (const [index, value] of b.entries()) {
    scale = Math.max(scale, Math.abs(value));
    worst = Math.max(worst, Math.abs((a[index] ?? Number.NaN) - value));
  }
  return worst / scale;
}

/** What a kernel does otherwise on an engine of ours than on the reference, tfjs's own cpu kernel; or null. */
async function differ(kernel: string, inputs: Record<string, Host>, attrs: Record<string, unknown>) {
  const cpuKernel = await run("cpu", kernel, inputs, attrs);
  const reference = await tfjsOwn(kernel, () => run("cpu", kernel, inputs, attrs));
  const found = [
    ["wasm", await run("wasm", kernel, inputs, attrs), 1e-5],
    ["cpu", cpuKernel, 1e-6],
    ...(withoutTensorflow === false
      ? ([["tensorflow", await run("tensorflow", kernel, inputs, attrs), 1e-5]] as const)
      : []),
    // Of these kernels it alone lacks AddN, which no graph calls.
    ...(withoutTorch === false && kernel !== "AddN"
      ? ([["torch", await run("torch", kernel, inputs, attrs), 1e-5]] as const)
      : []),
  ] as const;
  for (const [engine, { shape, data }, tolerance] of found) {
    const far = String(shape) === String(reference.shape) ? distance(data, reference.data) : Number.NaN;
    if (far <= tolerance) continue;
    const shapes = Object.values(inputs).map(({ shape }) => `[${shape}]`);
    return `${kernel} of ${shapes.join(", ")} with ${JSON.stringify(attrs)} on ${engine}: off by ${far}`;
  }
  return null;
}

/** Does something while tfjs's cpu kernel is back in the place that ours took. */
async function tfjsOwn<Value>(kernelName: string, work: () => Promise<Value>): Promise<Value> {
  const kernelFunc = originalKernel(kernelName, "cpu");
  const ours = getKernel(kernelName, "cpu");
  if (kernelFunc === undefined || ours === undefined) return work();
  const swap = (kernel: KernelConfig) => {
    unregisterKernel(kernelName, "cpu");
    registerKernel(kernel);
  };
  swap({ ...ours, kernelFunc });
  return work().finally(() => swap(ours));
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

t.test("tensorflow is compared too", { skip: withoutTensorflow }, async (t) => {
  t.ok(getKernel("Conv2D", "tensorflow"));
});

t.test("torch is compared too", { skip: withoutTorch }, async (t) => {
  t.ok(getKernel("Conv2D", "torch"));
});

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

/** Everything else that our graphs run, with shapes as they occur there. */
const x4 = random([2, 9, 8, 5], "x4");
const x2 = random([6, 5], "x2");
const channel = random([5], "channel");
const positive = { data: channel.data.map((value) => value ** 2 + 0.1), shape: [5] };
const scalar = (value: number): Host => ({ data: Float32Array.of(value), shape: [] });
const table = random([7], "table");
const places: Host = {
  data: Int32Array.from({ length: 24 }, (_, i) => (5 * i) % 7),
  shape: [2, 12],
  dtype: "int32",
};
const normalisation = { x: x4, mean: channel, variance: positive };
const straight = { transposeA: false, transposeB: false };

const others: readonly [kernel: string, inputs: Record<string, Host>, attrs?: Record<string, unknown>][] = [
  ["Add", { a: x4, b: channel }],
  ["AddN", { 0: x4, 1: x4, 2: x4 }],
  ["BatchMatMul", { a: x2, b: random([5, 3], "b") }, straight],
  ["BatchMatMul", { a: x2, b: random([6, 3], "b") }, { ...straight, transposeA: true }],
  ["BatchMatMul", { a: x2, b: random([3, 5], "b") }, { ...straight, transposeB: true }],
  ["BatchMatMul", { a: x2, b: random([4, 6], "b") }, { transposeA: true, transposeB: true }],
  [
    "BatchMatMul",
    { a: random([1, 6, 5], "a"), b: random([1, 3, 5], "b") },
    { ...straight, transposeB: true },
  ],
  ["BatchMatMul", { a: random([3, 1, 7], "a"), b: random([3, 7, 4], "b") }, straight],
  [
    "BatchMatMul",
    { a: random([3, 7, 2], "a"), b: random([3, 7, 4], "b") },
    { ...straight, transposeA: true },
  ],
  ["DenseBincount", { x: places, weights: random([2, 12], "w") }, { size: 7, binaryOutput: false }],
  ["FusedBatchNorm", normalisation, { varianceEpsilon: 1e-5 }],
  ["FusedBatchNorm", { ...normalisation, scale: channel, offset: channel }, { varianceEpsilon: 1e-3 }],
  [
    "FusedBatchNorm",
    { x: x4, mean: x4, variance: { ...x4, data: x4.data.map(Math.abs) } },
    { varianceEpsilon: 1 },
  ],
  ["GatherV2", { x: table, indices: places }, { axis: 0, batchDims: 0 }],
  [
    "GatherV2",
    { x: x2, indices: { ...places, data: places.data.map((i) => i % 6) } },
    { axis: 0, batchDims: 0 },
  ],
  ["Identity", { x: x4 }],
  ["Max", { x: x2 }, { reductionIndices: [1], keepDims: false }],
  ["Maximum", { a: x4, b: scalar(0.25) }],
  ["Maximum", { a: scalar(-0.25), b: x4 }],
  ["Maximum", { a: x4, b: channel }],
  ["Minimum", { a: x4, b: scalar(0) }],
  ["Minimum", { a: scalar(0.5), b: x4 }],
  ["Minimum", { a: x4, b: channel }],
  ["Minimum", { a: x4, b: scalar(Number.POSITIVE_INFINITY) }],
  ["Prelu", { x: x4, alpha: channel }],
  [
    "SearchSorted",
    { sortedSequence: { data: table.data.toSorted(), shape: [1, 7] }, values: random([1, 50], "v") },
    { side: "left" },
  ],
  ["Softmax", { logits: x2 }, { dim: 1 }],
  ["Step", { x: x4 }, { alpha: 0 }],
  ["Sum", { x: x4 }, { axis: [0, 1, 2], keepDims: false }],
  ["Sum", { x: x4 }, { axis: [0, 1, 2], keepDims: true }],
  ["Sum", { x: x2 }, { axis: [0], keepDims: false }],
  ["Sum", { x: x2 }, { axis: [1], keepDims: true }],
  ["Sum", { x: x4 }, { axis: [0, 1, 2, 3], keepDims: false }],
  ["Sum", { x: channel }, { axis: [0], keepDims: false }],
  ["Sum", { x: random([1, 1, 1, 5], "one") }, { axis: [0, 1, 2], keepDims: false }],
];

t.test("the other kernels of our graphs agree with the reference", async (t) => {
  for (const [kernel, inputs, attrs = {}] of others) {
    t.equal(await differ(kernel, inputs, attrs), null, `${kernel} ${JSON.stringify(attrs)}`);
  }
});

/** Σ of `[count, rows, columns]` over the rows in float64. */
function rowSums({ data }: Host, count: number, rows: number, columns: number): number[] {
  const sums = new Array<number>(count * columns).fill(0);
  for (const [at, value] of data.entries()) {
    const to = Math.floor(at / (rows * columns)) * columns + (at % columns);
    sums[to] = sums[to]! + value;
  }
  return sums;
}

t.test("sums per channel and over all values and means of images are exact on every engine", async (t) => {
  const found: ("cpu" | "wasm" | "tensorflow" | "torch")[] = [
    "cpu",
    "wasm",
    ...(withoutTensorflow ? [] : ["tensorflow" as const]),
    ...(withoutTorch ? [] : ["torch" as const]),
  ];
  for (const shape of [
    [2, 9, 8, 5],
    [3, 7, 7, 1],
    [1, 1, 1, 4],
    [6, 5],
    [1, 3],
    [37, 1],
    [5, 1, 1, 3],
    [2, 7, 7, 300],
  ]) {
    const x = random(shape, String(shape));
    const [batch, channels] = [shape[0]!, shape.at(-1)!];
    const pixels = size(shape) / (batch * channels);
    const dy = random([batch, channels], "dy");
    const spread = Float32Array.from(x.data, (_, at) => {
      return dy.data[Math.floor(at / (pixels * channels)) * channels + (at % channels)]! / pixels;
    });
    const cases: [string, Record<string, Host>, Record<string, number>, number[], ArrayLike<number>][] = [
      ["SumToChannels", { x }, {}, [channels], rowSums(x, 1, batch * pixels, channels)],
      [
        "SumAll",
        { x },
        { rows: shape.length === 4 ? batch * shape[1]! : batch },
        [1],
        rowSums(x, 1, size(shape), 1),
      ],
    ];
    if (shape.length === 4) {
      const means = rowSums(x, batch, pixels, channels).map((sum) => sum / pixels);
      const sides = { height: shape[1]!, width: shape[2]! };
      cases.push(["GlobalAveragePool", { x }, {}, [batch, channels], means]);
      cases.push(["GlobalAveragePoolGradient", { dy }, sides, shape, spread]);
    }
    for (const [kernel, inputs, attrs, wanted, values] of cases) {
      for (const engine of found) {
        const result = await run(engine, kernel, inputs, attrs);
        t.same(result.shape, wanted, `${kernel} of [${shape}] on ${engine}: shape`);
        // Sums of both signs can be small, so the tolerance is relative to their terms.
        const worst = Math.max(...result.data.map((value, at) => Math.abs(value - values[at]!)));
        t.ok(
          worst < 1e-6 * Math.max(1, Math.sqrt(size(shape))),
          `${kernel} of [${shape}] on ${engine}: ${worst}`,
        );
      }
    }
  }
});

t.test(
  "sums do not depend on the threads: the same bits on wasm and torch",
  { skip: withoutTorch },
  async (t) => {
    for (const shape of [
      [4, 7, 7, 64],
      [3, 8, 8, 1],
      [64, 10],
      [300, 33],
    ]) {
      const x = random(shape, "ordered");
      for (const [kernel, attrs] of [["SumAll", { rows: shape[0]! }]] as const) {
        const [one, other] = [
          await run("wasm", kernel, { x }, attrs),
          await run("torch", kernel, { x }, attrs),
        ];
        t.same(one.data, other.data, `${kernel} of [${shape}]`);
      }
    }
  },
);

t.test("max-pooling and its gradient agree with the reference", async (t) => {
  for (const [filter, stride, pad] of [
    [2, 2, 0],
    [3, 2, 1],
    [3, 2, 0],
    [3, 1, 1],
    [3, 3, 1],
    [1, 1, 0],
  ] as const) {
    const attrs = { filterSize: [filter, filter], strides: [stride, stride], pad, dimRoundingMode: "floor" };
    t.equal(await differ("MaxPool", { x: x4 }, attrs), null, `forward ${filter} ${stride} ${pad}`);
    const output = await run("cpu", "MaxPool", { x: x4 }, attrs);
    const inputs = { dy: random(output.shape, "dy"), input: x4, output };
    t.equal(await differ("MaxPoolGrad", inputs, attrs), null, `gradient ${filter} ${stride} ${pad}`);
  }
});

t.test("a window's gradient goes to the first of equal elements, as PyTorch does", async (t) => {
  const attrs = { filterSize: [2, 2], strides: [2, 2], pad: 0, dimRoundingMode: "floor" };
  const input = { data: Float32Array.of(0, 3, 3, 3), shape: [1, 2, 2, 1] };
  const dy = { data: Float32Array.of(5), shape: [1, 1, 1, 1] };
  const output = { data: Float32Array.of(3), shape: [1, 1, 1, 1] };
  const dx = await run("wasm", "MaxPoolGrad", { dy, input, output }, attrs);
  t.same([...dx.data], [0, 5, 0, 0]);
});

t.test("a number that is not finite stays so", async (t) => {
  const x = { data: Float32Array.of(Number.NaN, 1, -1), shape: [3] };
  for (const kernel of ["Minimum", "Maximum"]) {
    const { data } = await run("wasm", kernel, { a: x, b: scalar(0) }, {});
    t.notOk(Number.isFinite(data[0]), kernel);
  }
  const { data } = await run("wasm", "FusedBatchNorm", { x, mean: x, variance: x }, { varianceEpsilon: 2 });
  t.ok(Number.isNaN(data[0]), "FusedBatchNorm");
});

t.test("an unsupported convolution is an error", async (t) => {
  const x = random([1, 5, 5, 2], "x");
  const geometry = { strides: [1, 1], pad: 1, dimRoundingMode: "floor", inputShape: x.shape };
  const wrong: readonly [string, readonly number[], Record<string, unknown>][] = [
    ["Conv2DBackpropInput", [3, 3, 2, 2], { dilations: [2, 2], dataFormat: "NHWC" }],
    ["Conv2DBackpropInput", [3, 3, 2, 2], { dilations: [1, 1], dataFormat: "NCHW" }],
    ["DepthwiseConv2dNativeBackpropInput", [3, 3, 2, 3], { dilations: [1, 1] }],
  ];
  for (const [kernel, filterShape, rest] of wrong) {
    const inputs = { dy: x, filter: random(filterShape, "filter") };
    await t.rejects(run("wasm", kernel, inputs, { ...geometry, ...rest }), { code: "N2UQ_INTERNAL" });
  }
});

t.test("convolutions of few pixels and many channels", async (t) => {
  const shape = { batch: 2, height: 3, width: 2, channels: 4, outChannels: 40 };
  for (const kernel of [1, 3, 5]) {
    for (const stride of [1, 2]) {
      for (const pad of [0, 1, 2]) {
        if (kernel > 2 + 2 * pad) continue;
        const name = `kernel ${kernel} stride ${stride} pad ${pad}`;
        t.same(await convolutions({ ...shape, kernel, stride, pad }, false), [], name);
      }
    }
  }
});

t.test("convolutions of many images, and of many channels", async (t) => {
  const shape = { batch: 9, height: 48, width: 48, channels: 2, outChannels: 3, kernel: 3, pad: 1 };
  t.same(await convolutions({ ...shape, stride: 1 }, false), []);
  const wide = { ...shape, height: 32, width: 32, channels: 128, outChannels: 2, kernel: 3, stride: 2 };
  t.same(await convolutions(wide, false), []);
});

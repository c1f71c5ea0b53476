import { execFileSync } from "node:child_process";
import type { Tensor } from "@tensorflow/tfjs-core";
import { dispose, memory, reshape, tensor, tensor1d } from "@tensorflow/tfjs-core";
import t from "tap";
import { additiveCodes } from "../../src/core/apot.js";
import { quantizers } from "../../src/core/quantizers.js";
import { engines } from "../../src/engines/engines.js";
import type { ActivationQuantization, WeightQuantization } from "../../src/graph/quantizer.js";
import type { ConvAttributes } from "../../src/graph/types.js";
import { primitives } from "../../src/overrides.js";
import { normals } from "../../src/random.js";
import { activationOf, weightOf } from "../helpers/quantizers.js";
import { withoutTorch } from "../helpers/torch.js";

interface Layer {
  readonly batch: number;
  readonly side: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
}

/** Shapes of ResNet-18 and ResNet-20 with small images, and odd numbers of channels. */
const layers: readonly Layer[] = [
  { batch: 2, side: 8, inChannels: 64, outChannels: 64, kernel: 3, stride: 1 },
  { batch: 1, side: 7, inChannels: 256, outChannels: 512, kernel: 3, stride: 2 },
  { batch: 2, side: 6, inChannels: 128, outChannels: 256, kernel: 1, stride: 2 },
  { batch: 3, side: 9, inChannels: 16, outChannels: 32, kernel: 3, stride: 2 },
  { batch: 1, side: 5, inChannels: 7, outChannels: 19, kernel: 3, stride: 1 },
];

type Values = Record<string, number[]>;

/** APoT's levels are integer codes of at most 8 bits up to this number of bits. */
const mostBits = (method: Method) => (method === "apot" ? 5 : 8);

/** Methods whose levels are multiples of a step, with the parameters of their activations and weights. */
const methods = {
  n2uq: (bits: number) => ({
    activation: {
      start: [-0.2],
      a: new Array(2 ** bits - 1).fill(1.9 / (2 ** bits - 1)),
      scale1: [1.1],
      scale2: [0.83],
    },
    weight: {},
  }),
  lsq: (bits: number) => ({ activation: { step: [1.7 / 2 ** bits] }, weight: { step: [1.1 / 2 ** bits] } }),
  "lsq-plus": (bits: number) => ({
    activation: { step: [1.7 / 2 ** bits], offset: [-0.31] },
    weight: { step: [1.1 / 2 ** bits] },
  }),
  pact: () => ({ activation: { clip_val: [1.3] }, weight: {} }),
  dorefa: () => ({ activation: {}, weight: {} }),
  apot: () => ({ activation: { act_alpha: [1.3] }, weight: { weight_alpha: [1.9] } }),
} satisfies Record<string, (bits: number) => { activation: Values; weight: Values }>;
type Method = keyof typeof methods;

const tensorsOf = (values: Values): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(values).map(([name, list]) => [name, tensor1d(list)]));

const numbersOf = (one: Tensor) => one.dataSync() as Float32Array;

/** Quantized activations and weights, the activations' step and offset, and the weights' step per channel. */
function quantized(method: Method, bits: number, layer: Layer) {
  const { batch, side, inChannels, outChannels, kernel } = layer;
  const parameters = methods[method](bits) as { activation: Values; weight: Values };
  const quantization = { method, bits } as ActivationQuantization & WeightQuantization;
  const [forX, forW] = [tensorsOf(parameters.activation), tensorsOf(parameters.weight)];
  const x = tensor(normals(batch * side * side * inChannels, 1, bits, "x"), [batch, side, side, inChannels]);
  const fan = kernel * kernel * inChannels;
  const w = tensor(normals(fan * outChannels, 1, bits, "w"), [fan, outChannels]);
  const activation = activationOf(method).forward(x, forX, quantization);
  const weight = weightOf(method).forward(w, forW, quantization);
  const filter = reshape(weight.y, [kernel, kernel, inChannels, outChannels]);
  const largest = new Float64Array(outChannels);
  numbersOf(filter).forEach((value, i) => {
    largest[i % outChannels] = Math.max(largest[i % outChannels]!, Math.abs(value));
  });
  const { levels } = quantizers[method].activation.curve(quantization, parameters.activation);
  const step = method === "lsq-plus" ? Math.fround(parameters.activation.step![0]!) : levels[1]!;
  const [weightStep = Number.NaN] =
    method === "apot" ? [1.9 / additiveCodes(bits - 1).at(-1)!] : (parameters.weight.step ?? []);
  const weightSteps =
    method.startsWith("lsq") || method === "apot"
      ? new Float64Array(outChannels).fill(Math.fround(weightStep))
      : largest.map((value) =>
          method === "n2uq" ? value / (2 ** bits - 1) : Math.fround(1 / (2 ** bits - 1)),
        );
  dispose([
    ...activation.saved,
    ...weight.saved,
    weight.y,
    x,
    w,
    ...Object.values(forX),
    ...Object.values(forW),
  ]);
  return { x: activation.y, filter, offset: levels[0]!, step, weightSteps };
}

/** Per output value, the sum of the products of codes, and of the weights' codes inside the image. */
function sumsOf(k: Int32Array, w: Int32Array, layer: Layer, pad: number, out: number) {
  const { batch, side, inChannels, outChannels, kernel, stride } = layer;
  const products = new Float64Array(batch * out * out * outChannels);
  const weights = new Float64Array(products.length);
  for (let pixel = 0; pixel < batch * out * out; pixel++) {
    const image = Math.floor(pixel / (out * out));
    const [row, column] = [Math.floor(pixel / out) % out, pixel % out];
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const y = row * stride - pad + Math.floor(tap / kernel);
      const z = column * stride - pad + (tap % kernel);
      if (y < 0 || z < 0 || y >= side || z >= side) continue;
      for (let c = 0; c < inChannels; c++) {
        const code = k[((image * side + y) * side + z) * inChannels + c]!;
        const first = (tap * inChannels + c) * outChannels;
        for (let o = 0; o < outChannels; o++) {
          products[pixel * outChannels + o]! += code * w[first + o]!;
          weights[pixel * outChannels + o]! += w[first + o]!;
        }
      }
    }
  }
  return { products, weights };
}

/** The distance of a float32 number from a float64 number, in units of the last place of float32. */
function ulps(value: number, exact: number): number {
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(exact), 2 ** -126)));
  return Math.abs(value - exact) / 2 ** (exponent - 23);
}

t.test("convolutions of quantized values", { skip: withoutTorch }, async (t) => {
  await engines.torch.load();
  for (const method of Object.keys(methods) as Method[])
    t.test(`${method}: at most 2 units of the last place from float64, at 1 to 8 bits`, async (t) => {
      const before = memory().numTensors;
      for (let bits = 1; bits <= mostBits(method); bits++)
        for (const layer of layers) {
          const { outChannels, kernel, stride } = layer;
          const pad = (kernel - 1) / 2;
          const { x, filter, offset, step, weightSteps } = quantized(method, bits, layer);
          const y = primitives().convolve(x, filter, {
            stride,
            padding: pad,
            depthwise: false,
          } as ConvAttributes);
          const k = Int32Array.from(numbersOf(x), (value) => Math.round((value - offset) / step));
          const w = Int32Array.from(numbersOf(filter), (value, i) =>
            Math.round(value / weightSteps[i % outChannels]!),
          );
          const { products, weights } = sumsOf(k, w, layer, pad, y.shape[1] ?? 0);
          const worst = numbersOf(y).reduce((most, value, i) => {
            const exact = (step * products[i]! + offset * weights[i]!) * weightSteps[i % outChannels]!;
            return Math.max(most, ulps(value, exact));
          }, 0);
          t.ok(worst <= 2, `${bits} bits, ${JSON.stringify(layer)}: ${worst} units`);
          dispose([x, filter, y]);
        }
      t.equal(memory().numTensors, before);
    });
});

t.test("NaN among quantized values stays visible", { skip: withoutTorch }, async (t) => {
  await engines.torch.load();
  const layer = layers[4]!;
  const { x, filter } = quantized("lsq", 3, layer);
  const values = numbersOf(x).slice();
  values[3] = Number.NaN;
  const broken = tensor(values, x.shape);
  const step = tensor1d([0.2]);
  const { y, saved } = activationOf("lsq").forward(broken, { step }, { method: "lsq", bits: 3 });
  const out = primitives().convolve(y, filter, { stride: 1, padding: 1, depthwise: false } as ConvAttributes);
  t.ok(numbersOf(out).some(Number.isNaN));
  dispose([x, filter, broken, step, y, out, ...saved]);
});

const dist = (file: string) => JSON.stringify(new URL(`../../dist/src/${file}`, import.meta.url).href);

/** Prints the outputs' bits of one convolution per number of bits. */
const program = `
  import { createHash } from "node:crypto";
  import { reshape, tensor, tensor1d } from ${JSON.stringify(import.meta.resolve("@tensorflow/tfjs-core"))};
  import { engines } from ${dist("engines/engines.js")};
  import { activationPasses, weightPasses } from ${dist("core/quantizers.js")};
  import { primitives } from ${dist("overrides.js")};
  import { normals } from ${dist("random.js")};
  const { capabilities } = await engines.torch.load();
  const hash = createHash("sha256");
  for (let bits = 1; bits <= 8; bits++) {
    const x = tensor(normals(4 * 12 * 12 * 24, 1, bits, "x"), [4, 12, 12, 24]);
    const w = tensor(normals(216 * 72, 1, bits, "w"), [216, 72]);
    const step = tensor1d([1.7 / 2 ** bits]);
    const codes = activationPasses("lsq").forward(x, { step }, { method: "lsq", bits }).y;
    const weights = weightPasses("lsq").forward(w, { step }, { method: "lsq", bits }).y;
    const y = primitives().convolve(codes, reshape(weights, [3, 3, 24, 72]), { stride: 1, padding: 1, depthwise: false });
    hash.update(Buffer.from(y.dataSync().buffer));
  }
  console.log(hash.digest("hex"), capabilities.threads);
`;

t.test("threads and vector instructions do not change a bit", { skip: withoutTorch }, async (t) => {
  const settings = [
    { OMP_NUM_THREADS: "1" },
    { OMP_NUM_THREADS: "2" },
    { OMP_NUM_THREADS: "4" },
    { OMP_NUM_THREADS: "2", ATEN_CPU_CAPABILITY: "avx2" },
    { OMP_NUM_THREADS: "2", ATEN_CPU_CAPABILITY: "default" },
  ];
  const outputs = settings.map((setting) =>
    execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
      env: { ...process.env, ...setting },
      encoding: "utf8",
    })
      .trim()
      .split(" "),
  );
  t.equal(new Set(outputs.map(([bits]) => bits)).size, 1);
  t.same(
    outputs.map(([, threads]) => threads),
    settings.map(({ OMP_NUM_THREADS }) => OMP_NUM_THREADS),
  );
});

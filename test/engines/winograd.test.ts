import { execFileSync } from "node:child_process";
import type { Tensor } from "@tensorflow/tfjs-core";
import { dispose, engine, memory, tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { engines } from "../../src/engines/engines.js";
import { normals } from "../../src/random.js";
import { withoutTorch } from "../helpers/torch.js";

interface Layer {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outChannels: number;
  readonly pad: number;
}

/** Odd and even sizes, all paddings, several panels and parts of channels, and several groups of tiles. */
const layers: readonly Layer[] = [
  { batch: 2, height: 9, width: 7, channels: 16, outChannels: 16, pad: 1 },
  { batch: 1, height: 4, width: 5, channels: 48, outChannels: 80, pad: 0 },
  { batch: 3, height: 5, width: 6, channels: 80, outChannels: 144, pad: 2 },
  { batch: 2, height: 3, width: 3, channels: 160, outChannels: 32, pad: 1 },
  { batch: 5, height: 26, width: 26, channels: 16, outChannels: 32, pad: 1 },
  { batch: 4, height: 1, width: 1, channels: 32, outChannels: 64, pad: 1 },
];

/** A convolution's output and both gradients in float64. */
function exactly(layer: Layer, x: Float32Array, filter: Float32Array, dy: Float32Array) {
  const { batch, height, width, channels: C, outChannels: O, pad } = layer;
  const [rows, columns] = [height + 2 * pad - 2, width + 2 * pad - 2];
  const y = new Float64Array(batch * rows * columns * O);
  const dx = new Float64Array(x.length);
  const dw = new Float64Array(filter.length);
  for (let pixel = 0; pixel < batch * rows * columns; pixel++) {
    const [image, row, column] = [
      Math.floor(pixel / (rows * columns)),
      Math.floor(pixel / columns) % rows,
      pixel % columns,
    ];
    for (let tap = 0; tap < 9; tap++) {
      const [r, c] = [row - pad + Math.floor(tap / 3), column - pad + (tap % 3)];
      if (r < 0 || c < 0 || r >= height || c >= width) continue;
      for (let i = 0; i < C; i++) {
        const at = ((image * height + r) * width + c) * C + i;
        const first = (tap * C + i) * O;
        for (let o = 0; o < O; o++) {
          const gradient = dy[pixel * O + o]!;
          y[pixel * O + o]! += x[at]! * filter[first + o]!;
          dx[at]! += gradient * filter[first + o]!;
          dw[first + o]! += gradient * x[at]!;
        }
      }
    }
  }
  return { y, dx, dw };
}

/** The largest difference, relative to the root of the mean square. */
function distance(values: ArrayLike<number>, exact: Float64Array): number {
  let [squares, worst] = [0, 0];
  exact.forEach((value, i) => {
    squares += value ** 2;
    worst = Math.max(worst, Math.abs((values[i] ?? Number.NaN) - value));
  });
  return worst / Math.sqrt(squares / exact.length);
}

function attributes(pad: number) {
  return { strides: [1, 1], pad, dilations: [1, 1], dataFormat: "NHWC", dimRoundingMode: "floor" };
}

const numbersOf = (one: Tensor) => one.dataSync() as Float32Array;

t.test("3×3 convolutions with stride 1", { skip: withoutTorch }, async (t) => {
  await engines.torch.load();
  for (const layer of layers)
    t.test(JSON.stringify(layer), async (t) => {
      const before = memory().numTensors;
      const { batch, height, width, channels, outChannels, pad } = layer;
      const shapes = {
        x: [batch, height, width, channels],
        filter: [3, 3, channels, outChannels],
        dy: [batch, height + 2 * pad - 2, width + 2 * pad - 2, outChannels],
      };
      const [x, filter, dy] = Object.entries(shapes).map(([name, shape]) =>
        tensor(
          normals(
            shape.reduce((product, length) => product * length),
            1,
            1,
            name,
          ),
          shape,
        ),
      ) as [Tensor, Tensor, Tensor];
      const { runKernel } = engine();
      const call = (name: string, inputs: Record<string, Tensor>, more = {}) =>
        runKernel.call(engine(), name, inputs, { ...attributes(pad), ...more }) as Tensor;
      const y = call("Conv2D", { x, filter });
      const dx = call("Conv2DBackpropInput", { dy, filter }, { inputShape: shapes.x });
      const dw = call("Conv2DBackpropFilter", { x, dy }, { filterShape: shapes.filter });
      const exact = exactly(layer, numbersOf(x), numbersOf(filter), numbersOf(dy));
      for (const [name, values] of Object.entries({ y, dx, dw })) {
        const far = distance(numbersOf(values), exact[name as keyof typeof exact]);
        t.ok(far <= 4e-6, `${name} is off by ${far}`);
      }
      dispose([x, filter, dy, y, dx, dw]);
      t.equal(memory().numTensors, before);
    });
});

const dist = (file: string) => JSON.stringify(new URL(`../../dist/src/${file}`, import.meta.url).href);

const imports = `
  import { createHash } from "node:crypto";
  import { engine, reshape, tensor, tensor1d } from ${JSON.stringify(import.meta.resolve("@tensorflow/tfjs-core"))};
  import { engines } from ${dist("engines/engines.js")};
  import { activationPasses, weightPasses } from ${dist("core/quantizers.js")};
  import { normals } from ${dist("random.js")};
  const call = (name, inputs, more) => engine().runKernel(name, inputs, { ...${JSON.stringify(attributes(1))}, ...more });
`;

function run(program: string, env: NodeJS.ProcessEnv = {}): string {
  return execFileSync(process.execPath, ["--input-type=module", "--eval", imports + program], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  }).trim();
}

/** Prints the bits of a convolution and its gradients. */
const bits = (precision: string) => `
  await engines.torch.load("${precision}");
  const shapes = { x: [6, 20, 20, 48], filter: [3, 3, 48, 96], dy: [6, 20, 20, 96] };
  const [x, filter, dy] = Object.entries(shapes).map(([name, shape]) =>
    tensor(normals(shape.reduce((product, length) => product * length), 1, 1, name), shape));
  const hash = createHash("sha256");
  for (const values of [
    call("Conv2D", { x, filter }),
    call("Conv2DBackpropInput", { dy, filter }, { inputShape: shapes.x }),
    call("Conv2DBackpropFilter", { x, dy }, { filterShape: shapes.filter }),
  ]) hash.update(Buffer.from(values.dataSync().buffer));
  console.log(hash.digest("hex"));
`;

t.test("threads and vector instructions do not change a bit", { skip: withoutTorch }, async (t) => {
  const settings = [1, 2, 4].map((threads) => ({ OMP_NUM_THREADS: String(threads) }));
  const floats = [...settings, { OMP_NUM_THREADS: "2", ATEN_CPU_CAPABILITY: "avx2" }];
  const outputs = floats.map((setting) => run(bits("float32"), setting));
  t.equal(new Set(outputs).size, 1);
  t.equal(new Set(settings.map((setting) => run(bits("bfloat16"), setting))).size, 1);
  t.not(
    run(bits("float32"), { ATEN_CPU_CAPABILITY: "default" }),
    outputs[0],
    "without vectors, ATen convolves",
  );
});

/**
 * Prints the largest relative differences of both gradients from sums of integers. Quantized values have steps that
 * bfloat16 cannot represent, and the gradients of the output are integers that it can.
 */
const integers = `
  await engines.torch.load("bfloat16");
  const [shape, filterShape, steps] = [[2, 8, 8, 16], [3, 3, 16, 32], { x: 0.31, w: 0.17 }];
  const whole = (length, name) => Float32Array.from(normals(length, 1, 1, name), (value) => Math.round(4 * value));
  const pixels = tensor(normals(2048, 1, 1, "x"), shape);
  const codes = activationPasses("lsq").forward(pixels, { step: tensor1d([steps.x]) }, { method: "lsq", bits: 4 }).y;
  const fan = tensor(normals(4608, 1, 1, "w"), [144, 32]);
  const weights = weightPasses("lsq").forward(fan, { step: tensor1d([steps.w]) }, { method: "lsq", bits: 3 }).y;
  const sums = whole(4096, "dy");
  const forX = tensor(sums.map((value) => value / Math.fround(steps.w)), [2, 8, 8, 32]);
  const dx = call("Conv2DBackpropInput", { dy: forX, filter: reshape(weights, filterShape) }, { inputShape: shape });
  const dw = call("Conv2DBackpropFilter", { x: codes, dy: tensor(sums, [2, 8, 8, 32]) }, { filterShape });
  const worst = (values, step) => values.dataSync().reduce((most, value) => {
    const multiple = value / Math.fround(step);
    return Math.max(most, Math.abs(multiple - Math.round(multiple)) / Math.max(1, Math.abs(multiple)));
  }, 0);
  console.log(worst(dx, 1), worst(dw, steps.x), dx.dataSync().some((value) => value !== 0));
`;

t.test("gradients in bfloat16 use the integers of quantized values", { skip: withoutTorch }, async (t) => {
  const [dx, dw, some] = run(integers).split(" ");
  t.ok(Number(dx) <= 4e-7, `${dx}`);
  t.ok(Number(dw) <= 4e-7, `${dw}`);
  t.equal(some, "true");
});

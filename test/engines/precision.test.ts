import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { NamedTensorMap, Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { conv2d, dispose, engine, fill, matMul, reshape, square, tensor, tidy } from "@tensorflow/tfjs-core";
import t from "tap";
import { sumByBin } from "../../src/core/binned.js";
import { quantizers } from "../../src/core/quantizers.js";
import { sumAll, sumToChannels } from "../../src/core/sums.js";
import { engines } from "../../src/engines/engines.js";
import { precisionText } from "../../src/engines/precision.js";
import type { MatmulPrecision } from "../../src/engines/types.js";
import { batchNorm } from "../../src/ops/batchNorm.js";
import { normals } from "../../src/random.js";
import { n2uq } from "../helpers/cli.js";
import { failure } from "../helpers/failure.js";
import { apart, metrics, project, run } from "../helpers/ranks.js";
import { withoutTorch } from "../helpers/torch.js";

const SETTING = "training.precision=bfloat16";

t.test("an engine that has no such precision says so before anything runs", async (t) => {
  const { code, stderr } = await n2uq(
    ["validate", "e.yaml", "--engine", "wasm", "--set", SETTING],
    project(t.testdir()),
  );
  t.equal(code, 2);
  t.match(stderr, /N2UQ_ENGINE_PRECISION.*wasm does not support bfloat16/);
});

t.test("tf32 is a GPU's", { skip: withoutTorch }, async (t) => {
  const { capabilities } = await engines.torch.load();
  if (capabilities.gpu) await t.resolves(engines.torch.load("tf32"));
  else t.match(await failure(engines.torch.load("tf32")), { code: "N2UQ_ENGINE_PRECISION" });
});

t.test(
  "products in bfloat16 keep 8 of 24 bits; their results are float32",
  { skip: withoutTorch },
  async (t) => {
    const x = tensor(normals(2 * 9 * 9 * 8, 1, 0, "x"), [2, 9, 9, 8]) as Tensor4D;
    const filter = tensor(normals(3 * 3 * 8 * 4, 1, 0, "filter"), [3, 3, 8, 4]) as Tensor4D;
    const dy = tensor(normals(2 * 9 * 9 * 4, 1, 0, "dy"), [2, 9, 9, 4]);
    const window = { strides: [1, 1], pad: "same", dataFormat: "NHWC" };
    const gradient = (of: string, tensors: NamedTensorMap, shape: object) =>
      engine().runKernel(`Conv2DBackprop${of}`, tensors, { ...window, ...shape }) as Tensor;
    const products: [string, () => Tensor][] = [
      ["conv2d", () => conv2d(x, filter, 1, "same")],
      ["its gradient by the filter", () => gradient("Filter", { x, dy }, { filterShape: [3, 3, 8, 4] })],
      ["its gradient by the images", () => gradient("Input", { dy, filter }, { inputShape: [2, 9, 9, 8] })],
      ["matMul", () => tidy(() => matMul(reshape(x, [18, 72]), reshape(filter, [72, 4])))],
    ];
    for (const [name, product] of products) {
      const [exact, close] = [await valuesIn("float32", product), await valuesIn("bfloat16", product)];
      const size = Math.max(...exact.map(Math.abs));
      const difference = Math.max(...exact.map((value, i) => Math.abs(value - close[i]!))) / size;
      t.ok(difference > 1e-5 && difference < 1e-2, `${name}: ${difference}`);
      t.same(await valuesIn("float32", product), exact, `${name}: float32 is as before`);
    }
    dispose([x, filter, dy]);
  },
);

t.test("sums, means and statistics are float32 in every precision", { skip: withoutTorch }, async (t) => {
  const images = tensor(normals(4 * 7 * 7 * 8, 1, 0, "images"), [4, 7, 7, 8]);
  const rows = tensor(normals(300 * 8, 1, 0, "rows"), [300, 8]);
  const bins = tensor(
    Array.from({ length: 2400 }, (_, i) => i % 6),
    [300, 8],
    "int32",
  );
  const ones = fill([2, 7, 7, 3], 1);
  const pooled = () => engine().runKernel("GlobalAveragePool", { x: ones }) as Tensor;
  t.ok(
    (await valuesIn("bfloat16", pooled)).every((value) => Math.abs(value - 1) < 1e-6),
    "the mean of ones",
  );
  const { gradient } = statistics(images);
  const sums: [string, () => Tensor][] = [
    ["by channel", () => sumToChannels(images)],
    ["by column", () => sumToChannels(rows)],
    ["of everything", () => sumAll(images)],
    ["by bin", () => sumByBin(bins, rows, 6)],
    ["average pooling", () => engine().runKernel("GlobalAveragePool", { x: images }) as Tensor],
    ["LSQ's first step", () => quantizers.lsq.weight.initialize!(rows, { method: "lsq", bits: 2 }).step!],
    [
      "N2UQ's scales",
      () => quantizers.n2uq.weight.levels(rows, {}, { method: "n2uq", bits: 2, regularizer: norm }).levels,
    ],
    ["BatchNorm across ranks", gradient],
  ];
  for (const [name, sum] of sums)
    t.same(await valuesIn("bfloat16", sum), await valuesIn("float32", sum), name);
  dispose([images, rows, bins, ones]);
});

const norm = { kind: "weight-norm", weight: 1 } as const;

/** BatchNorm as ranks do it: its gradient by γ. */
function statistics(x: Tensor) {
  const node = { ...{ id: "bn", inputs: ["x"], params: [], buffers: [] }, shape: [7, 7, 8] };
  const layer = { ...node, kind: "batch-norm", attrs: { epsilon: 1e-5, momentum: 0.1 } } as const;
  const across = { world: 1, allReduceSum: (tensor: Tensor) => tensor };
  const names = ["weight", "running_var", "bias", "running_mean"];
  const gradient = () =>
    tidy(() => {
      const store = new Map<string, Tensor>(names.map((name, i) => [`bn.${name}`, fill([8], i < 2 ? 1 : 0)]));
      store.set("bn.num_batches_tracked", fill([], 0, "int32"));
      const { saved } = batchNorm.forward(layer, [x], store, "training", across);
      const request = { saved, inputShapes: [x.shape], needsInputGradient: true, across };
      return batchNorm.backward(layer, square(x), store, request).gradients["bn.weight"]!;
    });
  return { gradient };
}

t.test("sums are those of float64 to 1e-6, in every precision", { skip: withoutTorch }, async (t) => {
  const { capabilities } = await engines.torch.load();
  // 1568 values between 0 and 0.5: with 8 bits, their sum of about 392 has no digits after the point.
  const values = Array.from(
    new Float32Array(normals(1568, 1, 0, "near 392")).map((z) => Math.abs(Math.sin(z)) / 2),
  );
  const exact = (from: number, every: number) =>
    values.reduce((sum, value, i) => (i % every === from ? sum + value : sum), 0);
  const images = tensor(values, [2, 7, 7, 16]);
  const rows = tensor(values, [98, 16]);
  const bins = fill([98, 16], 0, "int32");
  const channels = Array.from({ length: 16 }, (_, c) => exact(c, 16));
  const halves = [0, 1].flatMap((image) =>
    channels.map((_, c) => {
      const own = values.slice(784 * image, 784 * (image + 1)).filter((_, i) => i % 16 === c);
      return own.reduce((sum, value) => sum + value, 0) / 49;
    }),
  );
  const sums: [string, () => Tensor, number[]][] = [
    ["of everything", () => sumAll(images), [exact(0, 1)]],
    ["by channel", () => sumToChannels(images), channels],
    ["by column", () => sumToChannels(rows), channels],
    ["by bin", () => sumByBin(bins, rows, 1), [exact(0, 1)]],
    ["average pooling", () => engine().runKernel("GlobalAveragePool", { x: images }) as Tensor, halves],
  ];
  const precisions: MatmulPrecision[] = [
    "float32",
    "bfloat16",
    ...(capabilities.gpu ? (["tf32"] as const) : []),
  ];
  for (const precision of precisions) {
    for (const [name, sum, wanted] of sums) {
      const found = await valuesIn(precision, sum);
      const error = Math.max(...wanted.map((value, i) => Math.abs(found[i]! / value - 1)));
      t.ok(error <= 1e-6, `${precision}, ${name}: ${error.toExponential(1)}`);
    }
  }
  dispose([images, rows, bins]);
});

t.test("a run says at its start in which precision it computes", async (t) => {
  t.equal(precisionText("float32", false), null);
  t.match(precisionText("float32", true), /^float32 .*training\.precision: tf32/);
  t.equal(precisionText("tf32", true), "tf32 products");
  t.equal(precisionText("bfloat16", false), "bfloat16 products");
  if (withoutTorch !== false) return;
  const folder = project(t.testdir());
  t.match(
    (await n2uq(["plan", "e.yaml", "--set", SETTING], folder)).stdout,
    "torch engine, bfloat16 products\n",
  );
  t.match((await n2uq(["plan", "e.yaml"], folder)).stdout, "torch engine\n");
});

t.test("a run in bfloat16 is another run, whose weights are float32", { skip: withoutTorch }, async (t) => {
  const folder = project(t.testdir());
  for (const [runs, ...settings] of [["exact"], ["close", SETTING], ["again", SETTING]] as const) {
    const { code, stdout, stderr } = await run(
      folder,
      runs!,
      "quantization.method=n2uq",
      "bits=2",
      ...settings,
    );
    t.equal(code, 0, stderr);
    t.equal(/Engine: torch .*, bfloat16 products/.test(stdout), runs !== "exact", "said at the start");
    t.match(recipe(folder, runs!), `precision: ${runs === "exact" ? "float32" : "bfloat16"}`);
  }
  const first = (runs: string) => metrics(folder, runs)[0]!.loss!;
  t.not(first("close"), first("exact"));
  t.ok(Math.abs(first("close") / first("exact") - 1) < 0.05, `${first("close")}, ${first("exact")}`);
  t.equal(apart(metrics(folder, "again"), metrics(folder, "close")), 0, "twice the same");
});

/** The resolved experiment in the only run directory of a folder of runs. */
function recipe(folder: string, runs: string): string {
  const name = readdirSync(join(folder, runs)).find((one) => one.startsWith("shared-")) ?? "";
  return readFileSync(join(folder, runs, name, "resolved.yaml"), "utf8");
}

async function valuesIn(precision: MatmulPrecision, compute: () => Tensor): Promise<number[]> {
  await engines.torch.load(precision);
  const result = compute();
  t.equal(result.dtype, "float32");
  const values = Array.from(await result.data());
  result.dispose();
  await engines.torch.load();
  return values;
}

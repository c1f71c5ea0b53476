import type { NamedTensorMap, Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { conv2d, dispose, engine, matMul, reshape, tensor, tidy } from "@tensorflow/tfjs-core";
import t from "tap";
import { engines } from "../../src/engines/engines.js";
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
  t.match(stderr, /N2UQ_ENGINE_PRECISION.*wasm does not compute in bfloat16/);
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

t.test("a run in bfloat16 is another run, whose weights are float32", { skip: withoutTorch }, async (t) => {
  const folder = project(t.testdir());
  for (const [runs, ...settings] of [["exact"], ["close", SETTING], ["again", SETTING]] as const) {
    const { code, stderr } = await run(folder, runs!, "quantization.method=n2uq", "bits=2", ...settings);
    t.equal(code, 0, stderr);
  }
  const first = (runs: string) => metrics(folder, runs)[0]!.loss!;
  t.not(first("close"), first("exact"));
  t.ok(Math.abs(first("close") / first("exact") - 1) < 0.05, `${first("close")}, ${first("exact")}`);
  t.equal(apart(metrics(folder, "again"), metrics(folder, "close")), 0, "twice the same");
});

async function valuesIn(precision: "float32" | "bfloat16", compute: () => Tensor): Promise<number[]> {
  await engines.torch.load(precision);
  const result = compute();
  t.equal(result.dtype, "float32");
  const values = Array.from(await result.data());
  result.dispose();
  await engines.torch.load();
  return values;
}

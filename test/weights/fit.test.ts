import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { placedFile, readFitting } from "../../runners/weights.js";
import { weightsFit } from "../../runners/weightsFit.js";
import { quantizers } from "../../src/core/quantizers.js";
import { engines } from "../../src/engines/engines.js";
import { buildGraph } from "../../src/models/models.js";
import { initializeFrom } from "../../src/train/initialize.js";
import { createStore, disposeStore } from "../../src/train/store.js";
import { convertWeights } from "../../src/weights/convert.js";
import type { HostTensor } from "../../src/weights/safetensors.js";
import { writeSafetensors } from "../../src/weights/safetensors.js";
import { architecture, quantization } from "../helpers/experiments.js";
import { golden } from "../helpers/golden.js";
import { fixture, rejection } from "../helpers/weights.js";

// Narrow: names count, and files of megabytes take their time.
const narrow = { width: 0.125, stem: { kernel: 7, stride: 2, channels: 8, pool: true } } as const;
const plain = buildGraph(
  architecture("resnet", { ...narrow, depth: 18, layout: "torchvision", classes: 10 }),
  quantization({ method: "none", downsample: false }),
  quantizers,
);
const quantized = buildGraph(architecture("resnet", { ...narrow, depth: 18 }), quantization(), quantizers);

/** A state dict of the network's names and shapes. */
function stateOf(graph: typeof plain): Map<string, HostTensor> {
  const specs = graph.nodes.flatMap(({ params, buffers }) => [...params, ...buffers]);
  return new Map(
    specs.map(({ name, shape }): [string, HostTensor] => {
      if (shape.length === 0) return [name, { dtype: "int64", shape, data: BigInt64Array.of(0n) }];
      return [name, { dtype: "float32", shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }];
    }),
  );
}

t.before(async () => {
  await engines.cpu.load();
});

t.test(
  "the error for unfitting weights lists matched, missing, differently shaped and unused tensors",
  async (t) => {
    const file = join(t.testdir(), "net.safetensors");
    const state = stateOf(plain);
    await writeSafetensors(file, state, {});
    t.equal((await readFitting(plain, file)).size, state.size, "the whole network fits");

    const renamed = state.get("layer1.0.conv1.weight")!;
    state.delete("layer1.0.conv1.weight");
    state.set("layers1.0.conv1.weight", renamed);
    state.set("fc.weight", { dtype: "float32", shape: [1, 2], data: Float32Array.of(1, 2) });
    await writeSafetensors(file, state, {});
    const error = await rejection(readFitting(plain, file));
    t.equal(error.code, "N2UQ_WEIGHTS_MISMATCH");
    t.match(
      error.message,
      `the weights ${file} do not fit the network: 120 tensors matched; 1 are missing: layer1.0.conv1.weight (close to layer1.0.conv1.weight in the file: layers1.0.conv1.weight); 1 are of another shape: fc.weight [1, 2] instead of [10, 64]; 1 are unused: layers1.0.conv1.weight`,
    );
  },
);

t.test("files without BatchNorm's counters fit, as PyTorch wrote them once", async (t) => {
  const file = join(t.testdir(), "old.safetensors");
  const state = stateOf(plain);
  for (const name of [...state.keys()]) if (name.endsWith("num_batches_tracked")) state.delete(name);
  await writeSafetensors(file, state, {});
  t.equal((await readFitting(plain, file)).size, state.size);
});

t.test("the constants in files of the released code are accepted and ignored", async (t) => {
  const { constants } =
    golden<Record<string, { constants: Record<string, number[]> }>>("model_inventories")[
      "resnet18-2bit-downsample_quantized"
    ]!;
  const state = stateOf(quantized);
  for (const [name, shape] of Object.entries(constants)) {
    state.set(name, { dtype: "float32", shape, data: Float32Array.of(2) });
  }
  t.ok(Object.keys(constants).length > 100);
  const file = join(t.testdir(), "released.safetensors");
  await writeSafetensors(file, state, {});
  await readFitting(quantized, file);
  state.set("layer1.0.other", { dtype: "float32", shape: [1], data: Float32Array.of(2) });
  await writeSafetensors(file, state, {});
  t.match((await rejection(readFitting(quantized, file))).message, /1 are unused: layer1\.0\.other/);
});

t.test("a start is matched the same way; not strict, it takes what fits", async (t) => {
  const state = stateOf(plain);
  state.delete("conv1.weight");
  const store = createStore(plain, 4);
  const strict = await rejection(Promise.resolve().then(() => initializeFrom(plain, store, state, true)));
  t.equal(strict.code, "N2UQ_INIT_MISMATCH");
  t.match(strict.message, /121 tensors matched; 1 are missing: conv1\.weight/);
  const { matched, whole, summary } = initializeFrom(plain, store, state, false);
  t.equal(matched.length, 121);
  t.notOk(whole);
  t.match(summary, /1 are missing/);
  disposeStore(store);
});

t.test("verify compares with each place that an experiment has for weights", async (t) => {
  const file = join(t.testdir(), "net.safetensors");
  await convertWeights(fixture("zip_state_dict.pth"), file);
  const tensors = await readFitting(plain, file).catch(() => null);
  t.equal(tensors, null);
  const shapes = new Map(
    [...stateOf(plain)].map(([name, { shape }]) => [
      name,
      { dtype: "float32", shape, byteLength: 0, chunks: async function* () {} } as const,
    ]),
  );
  const base = {
    architecture: architecture("resnet", { ...narrow, depth: 18, layout: "torchvision", classes: 10 }),
    quantization: quantization({ method: "none", downsample: false }),
  };
  const resolved = {
    ...base,
    teacher: {
      architecture: architecture("resnet", { ...narrow, depth: 50, layout: "torchvision", classes: 10 }),
      weights: "x",
    },
  };
  const fits = weightsFit(resolved as unknown as Parameters<typeof weightsFit>[0], shapes);
  t.same(
    fits.map(({ role, fits }) => [role, fits]),
    [
      ["network", true],
      ["start", true],
      ["teacher", false],
    ],
  );
});

t.test("a named source is looked for under the user's name for it, then under its owners'", async (t) => {
  const models = join(t.testdir(), "models");
  const missing = await rejection(placedFile(models, "torchvision:resnet101"));
  t.equal(missing.code, "N2UQ_WEIGHTS_MISSING");
  t.equal(missing.exitCode, 3);
  t.match(
    missing.message,
    `the weights torchvision:resnet101 are missing: there is no file ${join(models, "resnet101-63fe2227.pth")}`,
  );
  t.match(
    missing.hint ?? "",
    "Run `n2uq weights pull torchvision:resnet101`, download https://download.pytorch.org/models/resnet101-63fe2227.pth to ",
  );
  const byHand = await rejection(placedFile(models, "n2uq:resnet18"));
  t.match(byHand.hint ?? "", /Download real_res18\.pth\.tar from https:\/\/github\.com/);

  mkdirSync(models);
  writeFileSync(join(models, "resnet18-f37072fd.pth"), "damaged");
  t.equal((await rejection(placedFile(models, "torchvision:resnet18"))).code, "N2UQ_WEIGHTS_CHECKSUM");
  writeFileSync(join(models, "torchvision-resnet18.pth"), "mine");
  t.equal(await placedFile(models, "torchvision:resnet18"), join(models, "torchvision-resnet18.pth"));
  const path = await rejection(placedFile(models, join(models, "none.pth")));
  t.equal(path.code, "N2UQ_WEIGHTS_MISSING");
});

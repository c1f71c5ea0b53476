import { join } from "node:path";
import { memory, type Tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import { buildGraph } from "../../src/models/models.js";
import { initializeFrom, initializeFromFile } from "../../src/train/initialize.js";
import { checkInitialWeights } from "../../src/train/mismatch.js";
import { createStore, disposeStore, download } from "../../src/train/store.js";
import { writeSafetensors } from "../../src/weights/safetensors.js";
import { architecture, quantization } from "../helpers/experiments.js";
import { failure } from "../helpers/failure.js";

await cpu.load();

const shape = { inputSize: [8, 8] as const, classes: 3, stem: { kernel: 3, stride: 2, channels: 2 } };
const stages = [{ block: "basic" as const, channels: 2, blocks: 1, stride: 1 }];
const network = (method: "lsq" | "none", layout: "n2uq" | "torchvision" = "n2uq") =>
  buildGraph(
    architecture("stages", { ...shape, layout, stages } as never),
    quantization({ method }),
    quantizers,
  );
const [full, quantized] = [network("none"), network("lsq")];
const specsOf = (graph: typeof full) => graph.nodes.flatMap(({ params, buffers }) => [...params, ...buffers]);
const values = (one: Tensor | undefined) => [...one!.dataSync()];

t.test("the weights of a full-precision network start a quantized one", async (t) => {
  const [source, store] = [createStore(full, 5), createStore(quantized, 1)];
  const fresh = new Map([...store].map(([name, one]) => [name, values(one)]));
  const tensors = await download(full, source);
  tensors.set("bn1.num_batches_tracked", { dtype: "int64", shape: [], data: BigInt64Array.of(8n) });
  tensors.get("bn1.running_mean")!.data.fill(0.5 as never);
  const before = memory().numTensors;
  const found = initializeFrom(quantized, store, tensors, true);
  t.equal(memory().numTensors, before, "the fresh tensors are freed");
  t.ok(found.whole);
  t.match(found.summary, /^\d+ tensors matched$/);
  t.same(values(store.get("bn1.num_batches_tracked")), [8]);
  t.same(values(store.get("bn1.running_mean")), [0.5, 0.5]);
  t.same(values(store.get("conv1.weight")), values(source.get("conv1.weight")));
  t.ok(found.matched.includes("fc.weight"));
  const steps = specsOf(quantized).filter(({ name }) => name.endsWith(".step"));
  t.ok(steps.length > 2);
  for (const { name } of steps) {
    t.notOk(found.matched.includes(name));
    t.same(values(store.get(name)), fresh.get(name), `${name} keeps its fresh value`);
  }

  const file = join(t.testdir(), "weights.safetensors");
  tensors.set("other", { dtype: "float32", shape: [1], data: Float32Array.of(1) });
  tensors.delete("fc.bias");
  await writeSafetensors(file, tensors, {});
  const error = await failure(initializeFromFile(quantized, store, file, true));
  t.match(error, {
    code: "N2UQ_INIT_MISMATCH",
    details: { summary: /1 are missing: fc\.bias; 1 are unused: other/ },
  });
  t.throws(() => initializeFrom(quantized, store, tensors, true), { code: "N2UQ_INIT_MISMATCH" });
  const other = createStore(quantized, 2);
  const some = await initializeFromFile(quantized, other, file, false);
  t.notOk(some.whole);
  t.match(some.summary, error.details.summary as string);
  t.notOk(some.matched.includes("fc.bias"));
  t.same(values(other.get("fc.weight")), values(source.get("fc.weight")));
  t.notOk(initializeFrom(quantized, other, tensors, false).whole);
  for (const one of [source, store, other]) disposeStore(one);
});

t.test("weights of another layout are found before training, with a hint", async (t) => {
  t.doesNotThrow(() => checkInitialWeights(quantized, full));
  const plain = network("none", "torchvision");
  const hint = /set `architecture\.layout: n2uq`/;
  t.throws(() => checkInitialWeights(plain, full), {
    code: "N2UQ_INIT_MISMATCH",
    hint,
    details: { path: ["init"] },
  });
  const wide = { ...shape, classes: 4, stages };
  const more = buildGraph(
    architecture("stages", wide as never),
    quantization({ method: "none" }),
    quantizers,
  );
  try {
    checkInitialWeights(more, full);
    t.fail("no error");
  } catch (error) {
    t.match(error, {
      code: "N2UQ_INIT_MISMATCH",
      message: /2 are of another shape: fc\.weight \[3, 2\] instead of/,
    });
    t.notMatch((error as Error & { hint: string }).hint, hint);
  }
});

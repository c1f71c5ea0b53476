import { memory } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import { GraphBuilder } from "../../src/graph/builder.js";
import { createStore, disposeStore, download, replace, upload, uploadBuffer } from "../../src/train/store.js";
import { quantization } from "../helpers/experiments.js";
import { failure } from "../helpers/failure.js";

await cpu.load();

const b = new GraphBuilder(quantization({ method: "none" }), quantizers);
b.conv("conv", b.input(4, 4, 3), { channels: 5, kernel: 3 });
b.batchNorm("bn", "conv");
b.prelu("prelu", "bn");
b.globalAveragePool("pool", "prelu");
b.linear("fc", "pool", 400);
const graph = b.finish("test");
const specOf = (name: string) =>
  graph.nodes.flatMap(({ params }) => params).find((one) => one.name === name)!;
const bufferOf = (name: string) =>
  graph.nodes.flatMap(({ buffers }) => buffers).find((one) => one.name === name)!;

t.test("fresh values: their distribution, and a stream per name and seed", async (t) => {
  const before = memory().numTensors;
  const store = createStore(graph, 3);
  const valuesOf = (name: string, from = store) => [...from.get(name)!.dataSync()];
  t.same(valuesOf("prelu.weight"), [0.25, 0.25, 0.25, 0.25, 0.25]);
  t.same(valuesOf("bn.running_var"), [1, 1, 1, 1, 1]);
  t.same(valuesOf("bn.running_mean"), [0, 0, 0, 0, 0]);
  t.same(valuesOf("bn.num_batches_tracked"), [0]);
  t.equal(store.get("bn.num_batches_tracked")!.dtype, "int32");
  t.same(store.get("conv.weight")!.shape, [3, 3, 3, 5]);
  // He et al.: a variance of 2/fan. The mean square of 135 values is within 40 % of it.
  const squares = valuesOf("conv.weight").map((v) => v * v);
  const variance = squares.reduce((sum, v) => sum + v, 0) / squares.length;
  t.ok(Math.abs(variance * 22.5 - 1) < 0.4, `${variance} is near 2/45`);
  const bound = 1 / Math.sqrt(5);
  const uniform = valuesOf("fc.weight");
  t.ok(Math.max(...uniform) <= bound && Math.max(...uniform) > 0.99 * bound);
  t.ok(Math.min(...uniform) >= -bound && Math.min(...uniform) < -0.99 * bound);
  t.notSame(valuesOf("fc.bias").slice(0, 9), uniform.slice(0, 9));
  const [same, other] = [createStore(graph, 3), createStore(graph, 4)];
  t.same(valuesOf("fc.weight", same), uniform);
  t.notSame(valuesOf("fc.weight", other), uniform);
  for (const one of [store, same, other]) disposeStore(one);
  t.equal(store.size, 0);
  t.equal(memory().numTensors, before);
});

t.test("a tensor goes up and comes down in PyTorch's layout and type", async (t) => {
  const store = createStore(graph, 3);
  const data = Float32Array.from({ length: 135 }, (_, i) => i);
  const before = memory().numTensors;
  replace(store, "conv.weight", upload(specOf("conv.weight"), data));
  replace(
    store,
    "bn.running_mean",
    uploadBuffer(bufferOf("bn.running_mean"), Float32Array.of(1, 2, 3, 4, 5)),
  );
  replace(
    store,
    "bn.num_batches_tracked",
    uploadBuffer(bufferOf("bn.num_batches_tracked"), Float32Array.of(7)),
  );
  t.equal(memory().numTensors, before, "the old ones are freed");
  // [out, in, height, width] → [height, width, in, out]
  t.same([...store.get("conv.weight")!.dataSync()].slice(0, 6), [0, 27, 54, 81, 108, 9]);
  const found = await download(graph, store);
  t.same(found.get("conv.weight"), { dtype: "float32", shape: [5, 3, 3, 3], data });
  t.same(found.get("bn.running_mean")!.data, Float32Array.of(1, 2, 3, 4, 5));
  t.strictSame(found.get("bn.num_batches_tracked"), {
    dtype: "int64",
    shape: [],
    data: BigInt64Array.of(7n),
  });
  t.same([...found.keys()], [...store.keys()]);
  const counter = uploadBuffer(bufferOf("bn.num_batches_tracked"), 4);
  t.same([...counter.dataSync()], [4]);
  store.delete("fc.bias");
  t.match(await failure(download(graph, store)), { code: "N2UQ_INTERNAL", message: /no tensor fc\.bias/ });
});

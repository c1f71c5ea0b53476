import { memory, tensor1d } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import t from "tap";
import { steps } from "../../src/core/quantizer.js";
import { quantizers } from "../../src/core/quantizers.js";
import { engines } from "../../src/engines/engines.js";
import { buildGraph } from "../../src/models/models.js";
import { forward } from "../../src/ops/execute.js";
import { flatten, isDepthwise } from "../../src/ops/weights.js";
import { normals } from "../../src/random.js";
import { differences } from "../../src/report/difference.js";
import { axisEffects } from "../../src/report/effects.js";
import { corners } from "../../src/report/html/thresholdCurves.js";
import { paretoFront } from "../../src/report/pareto.js";
import { crc32c } from "../../src/report/tensorboard/crc32c.js";
import { histogramOf } from "../../src/report/tensorboard/events.js";
import { analyze } from "../../src/train/analyze.js";
import { entropyBits } from "../../src/train/entropy.js";
import { uploadImages } from "../../src/train/evaluate.js";
import { createStore, disposeStore } from "../../src/train/store.js";
import { architecture, bits, quantization } from "../helpers/experiments.js";
import type { Tap } from "../helpers/golden.js";
import { activationOf, weightOf } from "../helpers/quantizers.js";

const close = (t: Tap, found: number, wanted: number, what: string) =>
  t.ok(Math.abs(found - wanted) < 1e-6, `${what}: ${found} is ${wanted}`);

t.test("entropy of known histograms", async (t) => {
  close(t, entropyBits([7, 7, 7, 7]), 2, "four levels alike");
  close(t, entropyBits([3, 1]), 2 - 0.75 * Math.log2(3), "3 : 1");
  close(t, entropyBits([1, 2, 1]), 1.5, "1 : 2 : 1");
  t.same([entropyBits([5, 0, 0]), entropyBits([0, 0]), entropyBits([])], [0, 0, 0]);
});

/** The float32 number below. */
function before(x: number): number {
  const bits = new Int32Array(new Float32Array([x]).buffer);
  bits[0]! -= Math.sign(x);
  return new Float32Array(bits.buffer)[0]!;
}

t.test("curves by hand, from the method's equations", async (t) => {
  const n2uq = { method: "n2uq" as const, bits: 2 };
  const parameters = { start: [0.25], a: [0.5, 1, 0.0001], scale1: [2], scale2: [3] };
  const found = quantizers.n2uq.activation.curve(n2uq, parameters);
  // b = 0.25, 0.75, 1.75; t = b + a/2 with the last a held at 0.001; x = t/2; levels 3·2/3·k.
  for (const [k, wanted] of [0.25, 0.625, 0.87525].entries()) {
    close(t, found.thresholds[k]!, wanted, `n2uq threshold ${k}`);
  }
  t.same(found.levels, [0, 2, 4, 6]);
  const turned = quantizers.n2uq.activation.curve(n2uq, { ...parameters, scale1: [-2] });
  for (const [k, threshold] of found.thresholds.toReversed().entries())
    close(t, turned.thresholds[k]!, -threshold, `turned threshold ${k}`);
  t.same(turned.levels, [6, 4, 2, 0]);
  // t = -0.75, 0, 0.5005: zero is above the first one only.
  t.same(quantizers.n2uq.activation.curve(n2uq, { ...parameters, start: [-1], scale1: [0] }), {
    thresholds: [],
    levels: [2],
  });
  // A half is rounded to the even level: 0.25 down, 0.75 up.
  t.same(quantizers.lsq.activation.curve({ method: "lsq", bits: 2 }, { step: [0.5] }), {
    thresholds: [0.25, before(0.75), 1.25],
    levels: [0, 0.5, 1, 1.5],
  });
  t.same(quantizers.pact.activation.curve({ method: "pact", bits: 2 }, { clip_val: [6] }), {
    thresholds: [1, before(3), 5],
    levels: [0, 2, 4, 6],
  });
  t.same(quantizers.dorefa.activation.curve({ method: "dorefa", bits: 1 }, {}), {
    thresholds: [0.5],
    levels: [0, 1],
  });
  t.throws(() => quantizers.lsq.activation.curve({ method: "lsq", bits: 2 }, {}), /lacks its parameter step/);
  t.same(corners({ thresholds: [1], levels: [0, 2] }, [-1, 3]), [
    [-1, 0],
    [1, 0],
    [1, 2],
    [3, 2],
  ]);
});

/** The float32 number above. */
function after(x: number): number {
  return x === 0 ? 1.5e-45 : -before(-x);
}

t.test("a curve says what the quantizer itself does", async (t) => {
  await engines.cpu.load();
  const values = normals(4000, 1, 3, "values");
  const sample = (seed: number, count: number) => normals(count, 1, seed, "parameters");
  for (const method of Object.keys(quantizers) as (keyof typeof quantizers)[]) {
    for (const n of [1, 2, 3, 8]) {
      for (const seed of [0, 1, 2]) {
        const random = sample(seed, steps(n) + 3);
        const parameters: Record<string, number[]> = {
          start: [random[0]! / 2],
          a: Array.from(random.subarray(3), (v) => Math.fround((2 * Math.abs(v)) / steps(n))),
          scale1: [random[1]!],
          scale2: [random[2]!],
          step: [Math.fround(Math.abs(random[0]!) / steps(n) + 0.01)],
          clip_val: [Math.fround(Math.abs(random[0]!) + 0.1)],
        };
        for (const { name, shape } of quantizers[method].activation.parameters({ method, bits: n }))
          parameters[name] ??= Array.from(normals(shape[0] ?? 1, 1, seed, name), (v) =>
            Math.fround(Math.abs(v) + 0.1),
          );
        const { thresholds, levels } = quantizers[method].activation.curve({ method, bits: n }, parameters);
        const clear = Float32Array.from([...values, ...thresholds, ...thresholds.map(after)]);
        const held = Object.fromEntries(Object.entries(parameters).map(([name, v]) => [name, tensor1d(v)]));
        const { y } = activationOf(method).forward(tensor1d(clear), held, { method, bits: n });
        const found = y.dataSync();
        const wrong = Array.from(clear).filter((x, i) => {
          const level = levels[thresholds.filter((edge) => x > edge).length]!;
          return level !== found[i]!;
        });
        t.same(wrong, [], `${method}, ${n} bits, parameters ${seed}: ${clear.length} values`);
      }
    }
  }
});

t.test("an analysis counts every weight and activation, and leaves no tensor", async (t) => {
  await engines.wasm.load();
  const count = 6;
  for (const [method, kind] of [
    ["n2uq", "entropy"],
    ["n2uq", "weight-norm"],
    ["n2uq", "learnable-scale"],
    ["n2uq", "none"],
    ["lsq", "entropy"],
    ["pact", "entropy"],
    ["dorefa", "entropy"],
  ] as const) {
    const graph = buildGraph(
      architecture("cifar-resnet", { depth: 20, width: 0.25, inputSize: [16, 16], classes: 10 } as never),
      quantization({ method, bits: bits(3), regularizer: { kind, weight: 1 } }),
      quantizers,
    );
    const store = createStore(graph, 1);
    const batch = {
      images: normals(count * 16 * 16 * 3, 1, 0, "images"),
      labels: new Int32Array(count),
      count,
    };
    const before = memory().numTensors;
    const analysis = await analyze(
      graph,
      store,
      (async function* () {
        yield batch as never;
      })(),
      "hash",
      null,
    );
    t.equal(memory().numTensors, before, `${method} ${kind}: no tensor is left`);

    for (const { layer, counts, levels, entropy } of analysis.weights) {
      const node = graph.nodes.find(({ id }) => id === layer)!;
      const flat = flatten(store.get(`${layer}.weight`)!, isDepthwise(node));
      const parameters = Object.fromEntries(
        ["step", "weight_scale"].flatMap((name) => {
          const held = store.get(`${layer}.${name}`);
          return held === undefined ? [] : [[name, held]];
        }),
      );
      const quant = (node.attrs as { quant: never }).quant;
      const { y } = weightOf(method).forward(flat, parameters, quant);
      // σ by hand: (2^b - 1)/2^(b-1)·mean|W|, the std, or 1 (initial value of learnable scales).
      const [fan, channels] = flat.shape as [number, number];
      const [values, weights] = [y.dataSync(), flat.dataSync()];
      const byHand = new Array<number>(levels.length).fill(0);
      for (let channel = 0; channel < channels; channel++) {
        const own = Array.from({ length: fan }, (_, i) => values[i * channels + channel]!);
        const start = Array.from({ length: fan }, (_, i) => weights[i * channels + channel]!);
        const mean = (list: number[]) => list.reduce((sum, one) => sum + one, 0) / fan;
        const deviation = Math.sqrt(mean(start.map((w) => (w - mean(start)) ** 2)));
        const sigmas = { entropy: (7 / 4) * mean(start.map(Math.abs)), "weight-norm": deviation };
        const top = method === "n2uq" && kind in sigmas ? sigmas[kind as keyof typeof sigmas] : 1;
        for (const value of own) {
          const place = levels.findIndex((level) => Math.abs(value / top - level) < 1e-3);
          if (place >= 0) byHand[place] = byHand[place]! + 1;
        }
      }
      const total = counts.reduce((sum, one) => sum + one, 0);
      t.equal(total, flat.size, `${method} ${kind} ${layer}: every weight is on a level`);
      t.same(counts, byHand, `${layer}: counts`);
      close(t, entropy, entropyBits(counts), `${layer}: entropy`);
    }

    const wanted = new Map<string, Map<number, number>>();
    const pass = forward(graph, store, uploadImages(graph, batch as never), {
      mode: "inference",
      observe: (node, output) => {
        if (node.kind !== "quantize") return;
        const counts = new Map<number, number>();
        for (const value of output.dataSync()) counts.set(value, (counts.get(value) ?? 0) + 1);
        wanted.set(node.id, counts);
      },
    });
    pass.logits.dispose();
    for (const { layer, counts, levels, end } of analysis.activations) {
      const byValue = wanted.get(layer)!;
      const used = levels.map((level) => {
        const same = [...byValue].filter(([value]) => Math.abs(value - level) < 1e-5 * Math.max(1, level));
        return same.reduce((sum, [, one]) => sum + one, 0);
      });
      t.same(counts, used, `${method} ${kind} ${layer}: level use`);
      t.same(end.levels, levels);
    }
    disposeStore(store);
  }
});

t.test("the Pareto front is what no other run beats", async (t) => {
  const trade = fc.record({ cost: fc.integer({ min: 0, max: 9 }), gain: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(trade, { maxLength: 20 }), (trades) => {
      const isBeaten = (a: (typeof trades)[number]) =>
        trades.some((b) => b.cost <= a.cost && b.gain >= a.gain && (b.cost < a.cost || b.gain > a.gain));
      const wanted = trades.flatMap((one, index) => (isBeaten(one) ? [] : [index]));
      const found = paretoFront(trades);
      const rising = found.every((run, i) => i === 0 || trades[found[i - 1]!]!.cost <= trades[run]!.cost);
      return rising && JSON.stringify([...found].sort((a, b) => a - b)) === JSON.stringify(wanted);
    }),
    { numRuns: 500 },
  );
  t.same(paretoFront([]), []);
});

t.test("differences and effects by hand", async (t) => {
  const run = (method: string, weights: number, extra: object = {}) => ({
    name: `${method}${weights}`,
    quantization: { method, bits: { weights, activations: 2 }, layers: [] },
    ...extra,
  });
  const axes = differences([run("n2uq", 2), run("n2uq", 10), run("lsq", 2, { teacher: "none" })]);
  t.same(axes, [
    { path: "quantization.method", values: ['"n2uq"', '"n2uq"', '"lsq"'] },
    { path: "quantization.bits.weights", values: ["2", "10", "2"] },
    { path: "teacher", values: [null, null, '"none"'] },
  ]);
  t.same(differences([run("n2uq", 2), run("n2uq", 2)]), []);
  const [method, weights] = axisEffects(axes, [60, 70, 50]);
  t.same(method!.effects, [
    { value: '"lsq"', runs: 1, meanTop1: 50, lowest: 50, highest: 50 },
    { value: '"n2uq"', runs: 2, meanTop1: 65, lowest: 60, highest: 70 },
  ]);
  t.same(
    weights!.effects.map(({ value, meanTop1 }) => [value, meanTop1]),
    [
      ["2", 55],
      ["10", 70],
    ],
    "numbers by size",
  );
});

t.test("checksums and histograms of event files", async (t) => {
  // The check values of RFC 3720, appendix B.4, and of the polynomial.
  t.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  t.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  t.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  t.same(histogramOf({ levels: [-1, 0, 1], counts: [2, 0, 3] }), {
    ...{ min: -1, max: 1, num: 5, sum: 1, sumSquares: 5 },
    ...{ bucketLimit: [-0.5, 0.5, 1.5], bucket: [2, 0, 3] },
  });
  t.same(histogramOf({ levels: [4, 2], counts: [1, 5] }).bucket, [5, 1], "limits rise");
});

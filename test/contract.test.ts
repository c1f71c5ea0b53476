import { readFileSync } from "node:fs";
import type { Tensor } from "@tensorflow/tfjs-core";
import { dispose, memory, mul, scalar, tensor, tensor1d, tensor2d, zeros } from "@tensorflow/tfjs-core";
import { test } from "tap";
import type { Quantizer } from "../src/core/quantizer.js";
import { quantizers } from "../src/core/quantizers.js";
import { augmentations } from "../src/data/augmentations/augmentations.js";
import { datasets } from "../src/data/datasets.js";
import { engines } from "../src/engines/engines.js";
import type { QuantizerParameter } from "../src/graph/quantizer.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { buildGraph, models } from "../src/models/models.js";
import { backward, forward } from "../src/ops/execute.js";
import { normals, stream } from "../src/random.js";
import { resolveArchitecture } from "../src/resolve/architecture.js";
import type { ResolvedLoss, ResolvedOptimizer, ResolvedSchedule } from "../src/resolve/types.js";
import { withDefaults } from "../src/schema/defaults.js";
import type { Architecture } from "../src/schema/generated/experiment.js";
import { experimentRoot, schemaAt } from "../src/schema/roots.js";
import type { Schema } from "../src/schema/schema.js";
import { computeLoss, losses } from "../src/train/losses/losses.js";
import { createOptimizer, optimizers } from "../src/train/optimizers/optimizers.js";
import { learningRateFactor, schedules } from "../src/train/schedules/schedules.js";
import { createStore, disposeStore } from "../src/train/store.js";
import { quantization } from "./helpers/experiments.js";

/** The contract of every part of every table, including those of plug-ins. */
await engines.cpu.load();

const BITS = [1, 2, 3, 4, 5, 6, 7, 8];
type Method = keyof typeof quantizers;
const methods = Object.keys(quantizers) as Method[];

test("a record has its table's name and a reference", async (t) => {
  for (const table of [quantizers, models, augmentations, optimizers, schedules, losses])
    for (const [name, part] of Object.entries(table)) {
      t.equal(part.name, name);
      t.ok(part.reference.length > 3, `${name} names its source`);
    }
  for (const [name, dataset] of Object.entries(datasets)) t.equal(dataset.name, name);
});

test("the README and the pages name every part", async (t) => {
  const page = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");
  const tables = { quantizers, models, augmentations, optimizers, schedules, losses, datasets };
  const names = Object.values(tables).flatMap((table) => Object.keys(table));
  const missing = (text: string, of: readonly string[]) =>
    of.filter((name) => !new RegExp(`(^|[^\\w-])${name}($|[^\\w-])`, "m").test(text));
  t.same(missing(page("README.md"), names), []);
  const headings = page("docs/method.md").match(/^## .+$/gm) ?? [];
  const title = (method: string) => method.replace("-plus", "+");
  const described = headings.map((heading) => heading.slice(3).toLowerCase().split(/[:-]/)[0]);
  t.same(
    methods.filter((method) => !described.includes(title(method))),
    [],
  );
  t.same(missing(page("docs/data.md"), [...Object.keys(datasets), ...Object.keys(augmentations)]), []);
});

test("every option of a quantizer reaches its weights or its activations", async (t) => {
  const options = schemaAt(experimentRoot, ["quantization"])?.["x-parts"]?.options ?? {};
  t.ok(Object.values(options).flat().length > 1);
  for (const method of methods) {
    const taken = { ...settingsOf(method, "activation", 2), ...settingsOf(method, "weight", 2) };
    for (const key of options[method] ?? [])
      t.ok(key in taken, `${method}: ${key} is selected by \`options\``);
  }
});

/** What a layer passes to a quantizer's side: method, bits, and the options that the side selects, with the schema's defaults. */
function settingsOf(method: Method, side: "activation" | "weight", bits: number) {
  const { quantization } = withDefaults("experiment", { quantization: { method, bits } });
  return { method, bits, ...quantizers[method][side].options?.(quantization) };
}

/** Values near those that training starts from, positive where they begin so. */
function drawn(parameters: readonly QuantizerParameter[], seed: number): Record<string, Float32Array> {
  return Object.fromEntries(
    parameters.map(({ name, shape, initialValue }) => {
      const count = shape.reduce((product, n) => product * n, 1);
      const spread = normals(count, 0.3, seed, name);
      const scale = initialValue === 0 ? 1 : initialValue;
      const offset = initialValue === 0 ? 0 : 1;
      return [name, spread.map((v) => scale * (offset === 0 ? v : Math.max(0.2, offset + v)))];
    }),
  );
}

function tensorsOf(values: Readonly<Record<string, Float32Array>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tensor1d(value)]));
}

/** The float32 number above. */
function after(x: number): number {
  const bits = new Int32Array(Float32Array.of(x === 0 ? 0 : x).buffer);
  bits[0]! += x >= 0 ? 1 : -1;
  return new Float32Array(bits.buffer)[0]!;
}

for (const method of methods) {
  test(`${method}: the curve is the forward pass, to the last bit`, async (t) => {
    const { activation } = quantizers[method];
    for (const bits of BITS)
      for (const seed of [0, 1]) {
        const settings = settingsOf(method, "activation", bits);
        const values = drawn(activation.parameters(settings), seed);
        const plain = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [...value]]));
        const { thresholds, levels } = activation.curve(settings, plain);
        t.equal(levels.length, thresholds.length + 1, `${bits} bits: one level more than thresholds`);
        t.ok(levels.length <= 2 ** bits, `${bits} bits: at most 2^bits levels`);
        const sorted = thresholds.every((x, k) => k === 0 || x >= thresholds[k - 1]!);
        t.ok(sorted, `${bits} bits: thresholds ascend`);
        const x = Float32Array.from([
          ...normals(500, 2, seed, "x"),
          ...thresholds,
          ...thresholds.map(after),
          0,
          1e4,
          -1e4,
        ]);
        const held = tensorsOf(values);
        const input = tensor1d(x);
        const { y, saved } = activation.forward(input, held, settings);
        const found = y.dataSync();
        const wrong = [...x].filter(
          (v, i) => levels[thresholds.filter((edge) => v > edge).length] !== found[i],
        );
        t.same(wrong, [], `${bits} bits, parameters ${seed}`);
        dispose([input, y, ...saved, ...Object.values(held)]);
      }
  });

  test(`${method}: quantized weights are among the levels`, async (t) => {
    const { weight } = quantizers[method];
    const w = tensor2d(normals(60 * 4, 0.4, 7, "w"), [60, 4]);
    for (const bits of BITS) {
      const held = weightTensors(weight, method, bits, w);
      const settings = settingsOf(method, "weight", bits);
      const { y, saved } = weight.forward(w, held, settings);
      const { levels, normalized } = weight.levels(w, held, settings);
      const [values, table] = [y.dataSync(), levels.dataSync()];
      const each = levels.rank === 2 ? 4 : 1;
      const own = (channel: number) =>
        Array.from({ length: table.length / each }, (_, i) => table[i * each + (each === 1 ? 0 : channel)]!);
      t.ok(own(0).length <= 2 ** bits, `${bits} bits: at most 2^bits levels`);
      t.ok(
        own(0).every((level, i) => i === 0 || level >= own(0)[i - 1]!),
        `${bits} bits: levels ascend`,
      );
      if (normalized !== undefined) t.equal(normalized.length, own(0).length);
      const size = Math.max(...own(0).map(Math.abs), 1e-6);
      const far = [...values].filter(
        (v, i) => Math.min(...own(i % 4).map((level) => Math.abs(level - v))) > 1e-5 * size,
      );
      t.same(far, [], `${bits} bits: every weight is a level`);
      dispose([y, levels, ...saved, ...Object.values(held)]);
    }
    w.dispose();
  });

  test(`${method}: gradients are linear in dy, no tensor stays, zeros and infinities pass`, async (t) => {
    for (const side of ["activation", "weight"] as const)
      for (const bits of BITS) {
        const part: Quantizer["activation"] | Quantizer["weight"] = quantizers[method][side];
        const own = settingsOf(method, side, bits);
        const x = tensor2d(normals(40 * 3, 0.7, bits, side), [40, 3]);
        const dy = tensor2d(normals(40 * 3, 1, bits, "dy"), [40, 3]);
        const held =
          side === "weight"
            ? weightTensors(quantizers[method].weight, method, bits, x)
            : activationTensors(method, bits, x);
        const before = memory().numTensors;
        const { y, saved } = part.forward(x, held, own);
        const once = part.backward(dy, saved, held, own);
        const twice = mul(dy, scalar(2));
        const double = part.backward(twice, saved, held, own);
        t.same(once.dx.shape, x.shape, `${side}, ${bits} bits: dx has the shape of x`);
        t.same(
          Object.keys(once.gradients).sort(),
          Object.keys(held).sort(),
          `${side}: a gradient for each parameter`,
        );
        const pairs: [Tensor, Tensor][] = [
          [once.dx, double.dx],
          ...Object.keys(held).map((name): [Tensor, Tensor] => [
            once.gradients[name]!,
            double.gradients[name]!,
          ]),
        ];
        for (const [one, two] of pairs) {
          const [a, b] = [one.dataSync(), two.dataSync()];
          const size = Math.max(1e-6, ...[...a].map(Math.abs));
          t.ok(
            [...a].every((v, i) => Math.abs(2 * v - b[i]!) <= 1e-5 * size),
            `${side}, ${bits} bits: 2·dy gives twice the gradient`,
          );
        }
        for (const [name, parameter] of Object.entries(held))
          t.same(once.gradients[name]!.shape, parameter.shape, `${name}: shape`);
        dispose([
          y,
          twice,
          ...saved,
          once.dx,
          double.dx,
          ...Object.values(once.gradients),
          ...Object.values(double.gradients),
        ]);
        // `twice` takes one scalar of tfjs with it.
        t.equal(memory().numTensors - before, 1, `${side}, ${bits} bits: no tensor stays`);
        const nothing = zeros([40, 3]);
        const flat = part.forward(nothing, held, own);
        const gone = part.backward(dy, flat.saved, held, own);
        for (const one of [flat.y, gone.dx, ...Object.values(gone.gradients)])
          t.ok(
            [...one.dataSync()].every(Number.isFinite),
            `${side}, ${bits} bits: zeros give finite numbers`,
          );
        dispose([
          nothing,
          flat.y,
          ...flat.saved,
          gone.dx,
          ...Object.values(gone.gradients),
          x,
          dy,
          ...Object.values(held),
        ]);
      }
  });
}

function activationTensors(method: Method, bits: number, x: Tensor): Record<string, Tensor> {
  const { activation } = quantizers[method];
  const settings = settingsOf(method, "activation", bits);
  const held = tensorsOf(drawn(activation.parameters(settings), bits));
  return replaced(held, activation.initialize?.(x, settings) ?? {});
}

function weightTensors(
  weight: Quantizer["weight"],
  method: Method,
  bits: number,
  w: Tensor,
): Record<string, Tensor> {
  const settings = settingsOf(method, "weight", bits);
  const held = tensorsOf(drawn(weight.parameters(settings, w.shape[1] ?? 1), bits));
  return replaced(held, weight.initialize?.(w, settings) ?? {});
}

function replaced(held: Record<string, Tensor>, values: Record<string, Tensor>): Record<string, Tensor> {
  for (const name of Object.keys(values)) held[name]?.dispose();
  return { ...held, ...values };
}

/** The smallest networks of a family: one for each value of a listed option, thin where it has a width. */
function architecturesOf(family: keyof typeof models): Architecture[] {
  const section = experimentRoot.definitions?.architecture;
  const own =
    section?.allOf?.find((one) => one.if.properties?.family?.const === family)?.then.properties ?? {};
  const depths = ((own.depth || undefined) as Schema | undefined)?.enum ?? [undefined];
  const has = (key: string) => section?.["x-parts"]?.options?.[family]?.includes(key) === true;
  const stages = {
    stages: [
      { block: "basic", channels: 4, blocks: 1 },
      { block: "inverted-residual", channels: 6, blocks: 1, stride: 2 },
    ],
  };
  const narrow = { ...(has("width") && { width: 0.0625 }), ...(has("stages") && stages) };
  return [depths[0], depths.at(-1)].map(
    (depth) => ({ family, ...narrow, ...(depth !== undefined && { depth }) }) as Architecture,
  );
}

const facts = { classes: 3, imageSize: [32, 32], channels: 3 } as const;

for (const family of Object.keys(models) as (keyof typeof models)[]) {
  test(`${family}: builds with every quantizer, and each layer is decided`, async (t) => {
    for (const written of architecturesOf(family))
      for (const method of [...methods, "none"] as const) {
        const resolved = resolveArchitecture(written, { ...facts, method }, (name) => models[name]);
        const graph = buildGraph(resolved, quantization({ method, keep: [] }), quantizers);
        t.equal(graph.classes, 3);
        const layers = graph.nodes.filter(({ kind }) => kind === "conv" || kind === "linear");
        t.same(
          Object.keys(graph.decisions).sort(),
          layers.map(({ id }) => id).sort(),
          `${method}: every layer has a decision`,
        );
        const isQuantized = layers.every(({ attrs }) => "quant" in attrs === (method !== "none"));
        t.ok(isQuantized, `${method}: and runs with it`);
      }
  });

  test(`${family}: gradients of the full-precision network agree with differences`, async (t) => {
    // The convolutions of the cpu engine are too slow for this.
    await engines.wasm.load();
    t.teardown(() => engines.cpu.load());
    const [written] = architecturesOf(family);
    const resolved = resolveArchitecture(written!, { ...facts, method: "none" }, (name) => models[name]);
    const graph = buildGraph(
      { ...resolved, inputSize: [32, 32] },
      quantization({ method: "none" }),
      quantizers,
    );
    const store = createStore(graph, 1);
    const images = tensor(normals(4 * 32 * 32 * 3, 1, 0, "images"), [4, 32, 32, 3]);
    const weights = tensor(normals(4 * 3, 1, 0, "loss"), [4, 3]);
    const lossOf = () => {
      const pass = forward(graph, store, images, { mode: "training" });
      const product = mul(pass.logits, weights);
      const sum = product.dataSync<"float32">().reduce((total, v) => total + v, 0);
      const gradients = backward(graph, store, pass, weights);
      dispose([pass.logits, product, ...pass.buffers.values()]);
      return { sum, gradients };
    };
    const { gradients } = lossOf();
    t.same([...gradients.keys()].sort(), namesOf(graph), "a gradient for each parameter");
    const next = stream(3, family);
    const names = namesOf(graph);
    let [errors, sizes] = [0, 0];
    for (let draw = 0; draw < 10; draw++) {
      const name = names[Math.floor(next() * names.length)]!;
      const held = store.get(name)!;
      const direction = normals(held.size, 1, draw, name);
      const gradient = gradients.get(name)!.dataSync();
      const slope = direction.reduce((total, d, i) => total + d * gradient[i]!, 0);
      const size =
        Math.sqrt(held.dataSync<"float32">().reduce((total, v) => total + v * v, 0) / held.size) + 0.1;
      const step = (1e-3 * size) / Math.sqrt(held.size);
      const moved = [-step, step].map((by) => {
        store.set(
          name,
          tensor(
            held.dataSync<"float32">().map((v, i) => v + by * direction[i]!),
            held.shape,
          ),
        );
        const { sum, gradients: others } = lossOf();
        dispose([...others.values(), store.get(name)!]);
        return sum;
      });
      store.set(name, held);
      const found = (moved[1]! - moved[0]!) / (2 * step);
      errors += Math.abs(found - slope);
      sizes += Math.abs(slope);
    }
    // A step across a kink of ReLU or max-pool spoils single differences.
    t.ok(errors < 0.25 * sizes, `slopes of ${sizes} in all are wrong by ${errors}`);
    dispose([images, weights, ...gradients.values()]);
    disposeStore(store);
  });
}

function namesOf(graph: TrainingGraph): string[] {
  return graph.nodes.flatMap(({ params }) => params.map(({ name }) => name)).sort();
}

test("a data set's figures fit its channels, and a published one is known without its files", async (t) => {
  for (const [name, dataset] of Object.entries(datasets)) {
    t.ok(dataset.summary.length > 5, `${name} has a summary`);
    if (!dataset.isPublished) continue;
    const settings = withDefaults("data", { dataset: name } as never) as never;
    const info = await dataset.info(settings);
    t.same(
      [info.mean.length, info.std.length],
      [info.channels, info.channels],
      `${name}: one figure a channel`,
    );
    const { trainSize, testSize } = await dataset.sizes(settings, {});
    t.ok(trainSize > testSize && testSize > info.classes, `${name}: sizes`);
  }
});

/** A part's options with its defaults; the value of an option without one. */
function optionsOf<Options>(section: string, chooser: string, name: string): Options {
  const schema = schemaAt(experimentRoot, section.split("."));
  const own =
    schema?.allOf?.find((one) => one.if.properties?.[chooser]?.const === name)?.then.properties ?? {};
  const all = Object.entries(schema?.properties ?? {}).flatMap(([key, property]) => {
    if (property === false || own[key] === false) return [];
    const { default: usual, examples } = { ...property, ...(own[key] || {}) };
    return [[key, usual ?? examples?.[0]]];
  });
  return { ...Object.fromEntries(all), [chooser]: name } as Options;
}

for (const kind of Object.keys(optimizers) as (keyof typeof optimizers)[]) {
  test(`${kind}: falls into the valley, keeps the moments that it names, and decays weights`, async (t) => {
    const settings = optionsOf<ResolvedOptimizer>("training.optimizer", "kind", kind);
    const optimizer = createOptimizer(settings);
    const run = (weightDecay: number) => {
      let [parameter, state]: [Tensor, Readonly<Record<string, Tensor>>] = [tensor1d([2, -3, 0.5]), {}];
      const sizes: number[] = [];
      for (let step = 1; step <= 30; step++) {
        sizes.push(parameter.dataSync<"float32">().reduce((sum, v) => sum + v * v, 0));
        const gradient = weightDecay === 0 ? parameter.clone() : zeros([3]);
        const [updated] = optimizer.update([{ parameter, gradient, state }], { lr: 0.05, weightDecay, step });
        dispose([gradient, parameter, ...Object.values(state)]);
        ({ parameter, state } = updated!);
      }
      const keys = Object.keys(state).sort();
      dispose([parameter, ...Object.values(state)]);
      return { sizes, keys };
    };
    const before = memory().numTensors;
    const { sizes, keys } = run(0);
    t.ok(sizes.at(-1)! < 0.5 * sizes[0]!, `from ${sizes[0]} to ${sizes.at(-1)}`);
    t.same(keys, [...optimizers[kind].moments].sort());
    const decayed = run(0.5).sizes;
    t.ok(decayed.at(-1)! < decayed[0]!, "weight decay alone makes parameters smaller");
    t.equal(memory().numTensors, before, "no tensor stays");
  });
}

for (const kind of Object.keys(schedules) as (keyof typeof schedules)[]) {
  test(`${kind}: factors lie between 0 and 1 and never rise after the warm-up`, async (t) => {
    const schedule = optionsOf<ResolvedSchedule>("training.schedule", "kind", kind);
    const factors = Array.from({ length: 200 }, (_, step) =>
      learningRateFactor(
        { ...schedule, warmupEpochs: 0 },
        { step, epoch: Math.floor(step / 2), epochs: 100, totalSteps: 200, stepsPerEpoch: 2 },
      ),
    );
    t.ok(factors.every((factor, i) => factor >= 0 && factor <= 1 && (i === 0 || factor <= factors[i - 1]!)));
    t.equal(factors[0], 1);
  });
}

for (const kind of Object.keys(losses) as (keyof typeof losses)[]) {
  test(`${kind}: the gradient agrees with differences`, async (t) => {
    const settings = optionsOf<ResolvedLoss>("training.loss", "kind", kind);
    const values = normals(4 * 5, 1, 2, "logits");
    const targets = {
      labels: tensor1d([0, 3, 1, 4], "int32"),
      teacherLogits: tensor2d(normals(20, 1, 3, "teacher"), [4, 5]),
    };
    const at = (logits: Float32Array) => {
      const z = tensor2d(logits, [4, 5]);
      const { loss, dLogits } = computeLoss(z, targets, settings);
      const found = { loss: loss.dataSync()[0]!, gradient: dLogits.dataSync() };
      dispose([z, loss, dLogits]);
      return found;
    };
    const before = memory().numTensors;
    const { gradient } = at(values);
    for (let i = 0; i < values.length; i++) {
      const [low, high] = [-0.02, 0.02].map((by) => at(values.map((v, at) => (at === i ? v + by : v))).loss);
      t.ok(Math.abs((high! - low!) / 0.04 - gradient[i]!) < 2e-3, `logit ${i}`);
    }
    t.equal(memory().numTensors, before, "no tensor stays");
    dispose([targets.labels, targets.teacherLogits]);
  });
}

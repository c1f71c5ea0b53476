import { execFileSync } from "node:child_process";
import type { Tensor } from "@tensorflow/tfjs-core";
import { dispose, memory, tensor, tensor1d, transpose } from "@tensorflow/tfjs-core";
import t from "tap";
import type { Backward, Forward } from "../../src/core/quantizer.js";
import { quantizers } from "../../src/core/quantizers.js";
import { engines } from "../../src/engines/engines.js";
import { overrides } from "../../src/overrides.js";
import { normals } from "../../src/random.js";
import { agrees } from "../helpers/golden.js";
import { activationOf, weightOf } from "../helpers/quantizers.js";
import { withoutTorch } from "../helpers/torch.js";

// The kernels of the quantizers with non-uniform levels, APoT and LCQ, against the plain implementation on the same engine.

if (withoutTorch !== false) {
  t.plan(0, withoutTorch);
  process.exit(0);
}
await engines.torch.load();

const EXACT = 2e-5;
const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

interface Case {
  readonly method: "apot" | "lcq";
  readonly alpha: number;
  readonly intervals?: number;
}

/** A number of intervals that is no power of two, few and many; an α below its bound. */
const cases: readonly Case[] = [
  { method: "apot", alpha: 1.7 },
  { method: "apot", alpha: 1e-9 },
  { method: "lcq", alpha: 1.7, intervals: 16 },
  { method: "lcq", alpha: 2.3, intervals: 5 },
  { method: "lcq", alpha: 0.9, intervals: 256 },
];

const nameOf = ({ method, alpha, intervals }: Case, bits: number) =>
  `${method} ${bits} bits, α ${alpha}${intervals === undefined ? "" : `, ${intervals} intervals`}`;

function parametersOf(
  { method, alpha, intervals }: Case,
  side: "activation" | "weight",
): Record<string, Tensor> {
  if (method === "apot") return { [side === "activation" ? "act_alpha" : "weight_alpha"]: tensor1d([alpha]) };
  return { alpha: tensor1d([alpha]), theta: tensor1d(normals(intervals ?? 16, 0.7, 3, "theta")) };
}

/** Moves ratios away from the thresholds of `bits` bits: the θ's exponentials of the two sides differ in the last bit. */
function clearOf(ratios: readonly number[], { method, intervals }: Case, bits: number): number[] {
  const theta = [...normals(intervals ?? 16, 0.7, 3, "theta")];
  const parameters = { act_alpha: [1], alpha: [1], theta };
  const curve = bits === 0 ? null : quantizers[method].activation.curve({ method, bits }, parameters);
  const edges = [...(curve?.thresholds ?? []), 0, 1];
  const near = 5e-6;
  return ratios.map((ratio) => {
    const isNear = edges.some((edge) => Math.abs(Math.abs(ratio) - edge) < near);
    return isNear ? ratio + 2 * near : ratio;
  });
}

const numbersOf = (one: Tensor) => one.dataSync() as Float32Array;

interface Pass {
  forward(): Forward;
  backward(saved: readonly Tensor[]): Backward;
}

type Checks = Pick<typeof t, "ok" | "equal" | "same" | "strictSame">;

/**
 * Compares y and every gradient of the two passes. The parameters' gradients are sums that nearly cancel, of terms that are
 * known to 1e-7: `terms` is the sum of their magnitudes.
 */
function compare(t: Checks, kernel: Pass, plain: Pass, what: string, terms: number) {
  const before = memory().numTensors;
  const run = ({ forward, backward }: Pass) => {
    const { y, saved } = forward();
    const { dx, gradients } = backward(saved);
    const values = Object.entries({ y, dx, ...gradients }).map(
      ([name, one]) => [name, numbersOf(one)] as const,
    );
    dispose([y, dx, ...saved, ...Object.values(gradients)]);
    return new Map(values);
  };
  const [found, wanted] = [run(kernel), run(plain)];
  t.same([...found.keys()].sort(), [...wanted.keys()].sort(), `${what}: the same gradients`);
  for (const [name, values] of wanted) {
    const largest = Math.max(1e-30, ...values.map(Math.abs).slice(0, 300));
    const tolerance = ["y", "dx"].includes(name) ? EXACT : EXACT + (3e-7 * terms) / largest;
    agrees(t, found.get(name)!, values, tolerance, `${what}: ${name}`);
  }
  t.equal(memory().numTensors, before, `${what}: no tensor is left`);
}

t.test("the engine has kernels for both methods", async (t) => {
  for (const { method } of cases) {
    t.not(overrides().quantizers?.[method]?.activation, undefined);
    t.not(overrides().quantizers?.[method]?.weight, undefined);
  }
});

/** The override and the plain implementation of a side, on the same tensors. */
function passesOf(one: Case, side: "activation" | "weight", bits: number, x: Tensor, dy: Tensor) {
  const held = parametersOf(one, side);
  const settings = { method: one.method, bits };
  const [kernel, plain] = [
    side === "activation" ? activationOf(one.method) : weightOf(one.method),
    quantizers[one.method][side],
  ].map((q) => ({
    forward: () => q.forward(x, held, settings),
    backward: (saved: readonly Tensor[]) => q.backward(dy, saved, held, settings),
  })) as [Pass, Pass];
  return { kernel, plain, held };
}

const magnitude = (values: Float32Array) => values.reduce((sum, value) => sum + Math.abs(value), 0);

t.test("activations agree with the plain implementation", async (t) => {
  for (const one of cases)
    for (const bits of [1, 2, 3, 4, 5, 6, 7, 8])
      for (const shape of [[5], [3, 7, 7, 20], [2, 3, 1030], [70_001]]) {
        const alpha = Math.max(one.alpha, 1e-6);
        const ratios = clearOf([...normals(sizeOf(shape), 0.8, bits, "x")], one, bits);
        const upstream = normals(sizeOf(shape), 1, bits, "dy").map((value) => value + 0.5);
        const x = tensor(
          ratios.map((ratio) => ratio * alpha),
          shape,
        );
        const dy = tensor(upstream, shape);
        const { kernel, plain, held } = passesOf(one, "activation", bits, x, dy);
        const terms = magnitude(upstream) * Math.max(1, alpha);
        compare(t, kernel, plain, `${nameOf(one, bits)}, [${shape}]`, terms);
        dispose([x, dy, ...Object.values(held)]);
      }
});

t.test("weights agree with the plain implementation", async (t) => {
  for (const one of cases)
    for (const bits of [1, 2, 3, 4, 5, 6, 7, 8])
      for (const shape of [
        [27, 16],
        [37, 5],
        [1, 3],
        [1000, 37],
      ]) {
        const alpha = Math.max(one.alpha, 1e-6);
        const v = normals(sizeOf(shape), 1, bits, "w");
        const mean = v.reduce((sum, value) => sum + value, 0) / v.length;
        const std = Math.sqrt(v.reduce((sum, value) => sum + (value - mean) ** 2, 0) / v.length);
        const ratios = clearOf(
          Array.from(v, (value) => (value - mean) / std / alpha),
          one,
          bits - 1,
        );
        const upstream = normals(sizeOf(shape), 1, bits, "dq").map((value) => value + 0.2);
        const w = tensor(
          ratios.map((ratio) => ratio * alpha * 0.1 + 0.02),
          shape,
        );
        const dq = tensor(upstream, shape);
        const { kernel, plain, held } = passesOf(one, "weight", bits, w, dq);
        const terms = magnitude(upstream) * Math.max(1, alpha);
        compare(t, kernel, plain, `${nameOf(one, bits)}, [${shape}]`, terms);
        dispose([w, dq, ...Object.values(held)]);
      }
});

t.test("inputs with other strides give the same bits", async (t) => {
  for (const one of cases.filter(({ intervals }) => intervals !== 5)) {
    const settings = { method: one.method, bits: 3 };
    const [turnedX, turnedDy] = ["x", "dy"].map((seed) => tensor(normals(33 * 21, 1, 1, seed), [21, 33]));
    const [x, dy] = [transpose(turnedX!), transpose(turnedDy!)];
    const [denseX, denseDy] = [x, dy].map((view) => tensor(numbersOf(view), view.shape));
    for (const side of ["activation", "weight"] as const) {
      const held = parametersOf(one, side);
      const q = side === "activation" ? activationOf(one.method) : weightOf(one.method);
      const all = [
        [x, dy],
        [denseX!, denseDy!],
      ].map(([given, upstream]) => {
        const { y, saved } = q.forward(given!, held, settings);
        const { dx, gradients } = q.backward(upstream!, saved, held, settings);
        const tensors = [y, dx, ...Object.values(gradients)];
        const values = tensors.map(numbersOf);
        dispose([...tensors, ...saved]);
        return values;
      });
      t.strictSame(all[0], all[1], `${one.method}, ${side}`);
      dispose(held);
    }
    dispose([turnedX!, turnedDy!, x, dy, denseX!, denseDy!]);
  }
});

t.test("NaN stays visible", async (t) => {
  for (const one of cases)
    for (const bits of [2, 6]) {
      const settings = { method: one.method, bits };
      const values = normals(400, 1, 1, "x");
      values[77] = Number.NaN;
      const [x, dy] = [tensor(values, [20, 20]), tensor(normals(400, 1, 1, "dy"), [20, 20])];
      const held = parametersOf(one, "activation");
      const { y, saved } = activationOf(one.method).forward(x, held, settings);
      const { dx, gradients } = activationOf(one.method).backward(dy, saved, held, settings);
      const places = [...numbersOf(y).keys()].filter((i) => Number.isNaN(numbersOf(y)[i]));
      t.same(places, [77], `${nameOf(one, bits)}: in its place`);
      const [clip = ""] = Object.keys(gradients);
      t.ok(Number.isNaN(numbersOf(gradients[clip]!)[0]), `${nameOf(one, bits)}: in the gradient of α`);
      const ofWeights = parametersOf(one, "weight");
      const weights = weightOf(one.method).forward(x, ofWeights, settings);
      t.ok(
        numbersOf(weights.y).every(Number.isNaN),
        `${nameOf(one, bits)}: in all weights, through their mean`,
      );
      const all = [x, dy, y, dx, weights.y, ...saved, ...weights.saved];
      dispose([...all, ...[held, ofWeights, gradients].flatMap((tensors) => Object.values(tensors))]);
    }
});

t.test("a layer of equal weights gives zeros and gets no gradient", async (t) => {
  for (const one of cases)
    for (const [value, bits] of [
      [0, 1],
      [0.1, 2],
      [-3e5, 4],
    ] as const) {
      const settings = { method: one.method, bits };
      const [w, dq] = [
        tensor(new Float32Array(600).fill(value), [200, 3]),
        tensor(normals(600, 1, 1, "dq"), [200, 3]),
      ];
      const held = parametersOf(one, "weight");
      const { y, saved } = weightOf(one.method).forward(w, held, settings);
      const { dx, gradients } = weightOf(one.method).backward(dq, saved, held, settings);
      const tensors = [y, dx, ...Object.values(gradients)];
      const zeros = tensors.every((found) => numbersOf(found).every((number) => number === 0));
      t.ok(zeros, `${nameOf(one, bits)}: ${value}`);
      dispose([w, dq, ...tensors, ...saved, ...Object.values(held)]);
    }
});

const dist = (file: string) => JSON.stringify(new URL(`../../dist/src/${file}`, import.meta.url).href);

/** Prints a hash of the gradients of every method's activations and weights, and of RPReLU's and BatchNorm's parameters. */
const program = `
  import { createHash } from "node:crypto";
  import { engine, tensor, tensor1d } from ${JSON.stringify(import.meta.resolve("@tensorflow/tfjs-core"))};
  import { engines } from ${dist("engines/engines.js")};
  import { activationPasses, quantizers, weightPasses } from ${dist("core/quantizers.js")};
  import { normals } from ${dist("random.js")};
  const { capabilities } = await engines.torch.load();
  const hash = createHash("sha256");
  const add = (tensors) => tensors.forEach((one) => hash.update(Buffer.from(one.dataSync().slice().buffer)));
  const random = (shape, seed) => tensor(normals(shape.reduce((a, b) => a * b), 1, 1, seed), shape);
  const both = (q, parameters, settings, shape) => {
    const held = Object.fromEntries(parameters.map(({ name, shape, initialValue }) =>
      [name, tensor1d(normals(shape[0], 0.1, 1, name).map((value) => initialValue * 0.3 + Math.abs(value)))]));
    const { y, saved } = q.forward(random(shape, "x"), held, settings);
    const { dx, gradients } = q.backward(random(shape, "dy"), saved, held, settings);
    add([y, dx, ...Object.values(gradients)]);
  };
  for (const [method, { activation, weight }] of Object.entries(quantizers)) {
    const settings = { method, bits: 3, intervals: 16 };
    both(activationPasses(method), activation.parameters(settings), settings, [5, 37, 41, 19]);
    both(weightPasses(method), weight.parameters(settings, 67), settings, [3001, 67]);
  }
  const [x, dy, bias1, alpha, bias2] = [[5, 37, 41, 19], [5, 37, 41, 19], [19], [19], [19]].map(random);
  const clip = tensor1d([0.9]), theta = random([16], "theta");
  const levels = { smallest: 1e-6, closed: false, steps: 7 };
  add(engine().runKernel("LevelQuantizeGradient", { dy, x, bias1, alpha, bias2, clip, theta }, levels));
  const [y, , , ...saved] = engine().runKernel("BatchNormTraining", { x, gamma: alpha, beta: bias1 }, { epsilon: 1e-5 });
  const [saved1, saved2, saved3] = saved;
  add([y, ...saved]);
  add(engine().runKernel("BatchNormGradient", { dy, x, gamma: alpha, saved1, saved2, saved3 }, { epsilon: 1e-5 }));
  console.log(hash.digest("hex"), capabilities.threads);
`;

t.test(
  "the number of threads does not change a bit of any quantizer's or BatchNorm's gradients",
  async (t) => {
    const counts = ["1", "2", "3"];
    const outputs = counts.map((OMP_NUM_THREADS) =>
      execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
        env: { ...process.env, OMP_NUM_THREADS },
        encoding: "utf8",
      })
        .trim()
        .split(" "),
    );
    t.same(
      outputs.map(([, threads]) => threads),
      counts,
    );
    t.equal(new Set(outputs.map(([bits]) => bits)).size, 1);
  },
);

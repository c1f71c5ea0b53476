import type { Tensor } from "@tensorflow/tfjs-core";
import {
  dispose,
  fill,
  getKernel,
  memory,
  registerKernel,
  tensor,
  tensor1d,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { countBelow, sumByBin } from "../../src/core/binned.js";
import type { Quantizer } from "../../src/core/quantizer.js";
import { steps } from "../../src/core/quantizer.js";
import { quantizers } from "../../src/core/quantizers.js";
import { sumAll } from "../../src/core/sums.js";
import { primitivesOf } from "../../src/engines/overrides/primitives.js";
import type { QuantizerOptions, QuantizerParameter } from "../../src/graph/quantizer.js";
import { overrides, setOverrides } from "../../src/overrides.js";
import { normals } from "../../src/random.js";
import { agrees, onEveryEngine } from "../helpers/golden.js";
import { activationOf, weightOf } from "../helpers/quantizers.js";
import { clearOfThresholds, clip, rounded, thresholdsByHand, uniform } from "./byHand.js";

const EXACT = 1e-5;
type RegularizerKind = NonNullable<QuantizerOptions["regularizer"]>["kind"];

const methods = Object.keys(quantizers) as (keyof typeof quantizers)[];
const kinds: RegularizerKind[] = ["entropy", "weight-norm", "learnable-scale", "none"];
const n2uq = quantizers.n2uq.weight;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0);
const filled = (parameters: readonly QuantizerParameter[]) =>
  Object.fromEntries(
    parameters.map(({ name, shape, initialValue }) => [name, fill([...shape], initialValue)]),
  );

const thresholdCases = [
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((bits) => ({ bits, scale1: 0.8, shape: [8, 14, 14, 16] })),
  { bits: 2, scale1: 0.8, shape: [32, 28, 28, 16] },
  { bits: 3, scale1: -0.7, shape: [64, 100] },
  { bits: 2, scale1: 0, shape: [64, 100] },
  { bits: 2, scale1: 1, shape: [500] },
].map(({ bits, scale1, shape }) => {
  const a = normals(steps(bits), 0.3 / steps(bits), bits, "a").map((v) => v + 2 / steps(bits));
  const thresholds = { start: Math.fround(-0.4), a, scale1: Math.fround(scale1), scale2: Math.fround(1.3) };
  const x = clearOfThresholds(normals(sizeOf(shape), 1.5, bits, "x"), thresholds);
  const dy = normals(sizeOf(shape), 1, bits, "dy");
  return { bits, shape, thresholds, x, dy, wanted: thresholdsByHand(x, dy, thresholds, bits) };
});

onEveryEngine("learnable thresholds agree with the equations in float64", async (t) => {
  for (const { bits, shape, thresholds, x, dy, wanted } of thresholdCases) {
    const { start, a, scale1, scale2 } = thresholds;
    const parameters = {
      start: tensor1d([start]),
      a: tensor1d(a),
      scale1: tensor1d([scale1]),
      scale2: tensor1d([scale2]),
    };
    const [q, quantization] = [activationOf("n2uq"), { method: "n2uq" as const, bits }];
    const { y, saved } = q.forward(tensor(x, shape), parameters, quantization);
    const { dx, gradients } = q.backward(tensor(dy, shape), saved, parameters, quantization);
    const what = `${bits} bits, ${shape.join("×")}, β₁ ${scale1.toFixed(1)}`;
    t.same([y.shape, dx.shape], [shape, shape], `${what}: shapes`);
    agrees(t, y, wanted.y, EXACT, `${what}: y`);
    agrees(t, dx, wanted.dx, EXACT, `${what}: dx`);
    // A threshold itself is only known to 1e-7: of an interval of 8 bits, 2/255 long, that is 1e-5.
    const tolerance = bits === 8 ? 5 * EXACT : EXACT;
    for (const [name, gradient] of Object.entries(wanted.gradients)) {
      agrees(t, gradients[name]!, gradient, tolerance, `${what}: d ${name}`);
    }
  }
});

onEveryEngine("step size and clipping value: gradients over a large tensor in float64", async (t) => {
  const shape = [32, 28, 28, 16];
  const [values, dy] = [normals(sizeOf(shape), 1, 1, "v"), normals(sizeOf(shape), 1, 1, "dy")];
  const [v, upstream] = [tensor(values, shape), tensor(dy, shape)];
  for (const bits of [1, 2, 4, 8]) {
    const [step, N] = [Math.fround(2 / steps(bits)), steps(bits)];
    const slopes = values.map((value) => {
      const scaled = Math.fround(value / step);
      return scaled < 0 ? 0 : scaled > N ? N : rounded(scaled) - scaled;
    });
    const lsq = { method: "lsq" as const, bits };
    const size = { step: tensor1d([step]) };
    const wanted = sumOf(slopes.map((slope, i) => slope * dy[i]!)) / Math.sqrt(values.length * N);
    const found = activationOf("lsq").backward(upstream, [v], size, lsq).gradients.step!;
    agrees(t, found, [wanted], EXACT, `lsq ${bits} bits`);

    const alpha = Math.fround(1.2);
    for (const variant of ["paper", "released"] as const) {
      const share = (value: number) => {
        const ratio = clip(Math.fround(value / alpha), 0, 1);
        const throughSteps = variant === "released" ? rounded(Math.fround(ratio * N)) / N : 0;
        return (value >= alpha ? 1 : 0) + throughSteps;
      };
      const dAlpha = Array.from(values).reduce((sum, value, i) => sum + dy[i]! * share(value), 0);
      const pact = { method: "pact" as const, bits, variant };
      const clipping = { clip_val: tensor1d([alpha]) };
      const { gradients } = activationOf("pact").backward(upstream, [v], clipping, pact);
      agrees(t, gradients.clip_val!, [dAlpha], EXACT, `pact ${variant} ${bits} bits`);
    }
  }
});

onEveryEngine("any method and bits: at most 2^bits levels, in the order of what is quantized", async (t) => {
  const arbitrary = fc.record({
    method: fc.constantFrom(...methods),
    kind: fc.constantFrom(...kinds),
    bits: fc.integer({ min: 1, max: 8 }),
    seed: fc.integer({ min: 0, max: 1000 }),
  });
  const check = (values: Float32Array, bits: number) => {
    if (!values.every(Number.isFinite)) throw new Error("not finite");
    if (new Set(Array.from(values, (v) => v.toFixed(5))).size > 2 ** bits) throw new Error("too many levels");
    if (values.some((v, i) => i > 0 && v < values[i - 1]! - 1e-6)) throw new Error("not monotonic");
  };
  const result = fc.check(
    fc.property(arbitrary, ({ method, kind, bits, seed }) => {
      const values = normals(600, 1, seed, "x").sort();
      const [x, w] = [tensor(values, [4, 150]), tensor(values, [600, 1])];
      const activation = { method, bits };
      const own = filled(quantizers[method].activation.parameters(activation));
      Object.assign(own, activationOf(method).initialize?.(x, activation));
      check(activationOf(method).forward(x, own, activation).y.dataSync() as Float32Array, bits);
      const weight = { method, bits, ...(method === "n2uq" ? { regularizer: { kind, weight: 1 } } : {}) };
      const parameters = filled(quantizers[method].weight.parameters(weight, 1));
      Object.assign(parameters, weightOf(method).initialize?.(w, weight));
      check(weightOf(method).forward(w, parameters, weight).y.dataSync() as Float32Array, bits);
    }),
    { numRuns: 100, seed: 7 },
  );
  t.equal(result.failed, false, fc.defaultReportMessage(result) ?? "holds for every case");
});

onEveryEngine("zeros stay zeros, with finite gradients", async (t) => {
  const w = tensor(
    normals(18 * 3, 0.2, 1, "w").map((v, i) => (i % 3 === 1 ? 0 : v)),
    [18, 3],
  );
  const middle = (values: Tensor, stride = 3) =>
    [...values.dataSync()].filter((_, i) => i % stride === 1 % stride);
  const nothing = (values: number[]) => values.every((v) => v === 0);
  for (const kind of kinds) {
    for (const weight of [0, 0.5, 1]) {
      for (const bits of [1, 2, 8]) {
        const quantization = { method: "n2uq" as const, bits, regularizer: { kind, weight } };
        const parameters = n2uq.initialize!(w, quantization);
        const { y, saved } = n2uq.forward(w, parameters, quantization);
        const { dx, gradients } = n2uq.backward(fill([18, 3], 1), saved, parameters, quantization);
        const all = [y, dx, ...Object.values(gradients)];
        const what = `${kind}, weight ${weight}, ${bits} bits`;
        t.ok(nothing(all.flatMap((tensor) => middle(tensor))), `${what}: an empty channel`);
        t.ok(
          all.every((tensor) => [...tensor.dataSync()].every(Number.isFinite)),
          `${what}: finite`,
        );
        t.ok(!nothing([...y.dataSync()]), `${what}: the others`);
      }
    }
  }
  for (const method of ["lsq", "dorefa", "pact"] as const) {
    const quantization = { method, bits: 2 };
    const parameters = { step: tensor1d([0]) };
    const { y, saved } = weightOf(method).forward(fill([18, 3], 0), parameters, quantization);
    const { dx } = weightOf(method).backward(fill([18, 3], 1), saved, parameters, quantization);
    t.ok(nothing(middle(y, 1)), `${method}: an empty layer`);
    t.ok([...dx.dataSync()].every(Number.isFinite), `${method}: finite`);
  }
});

onEveryEngine("tensors grow by what is returned, and by nothing else", async (t) => {
  const [x, dy, w] = [tensor(normals(64, 1, 1, "x"), [4, 16]), fill([4, 16], 1), fill([4, 16], 0.3)];
  for (const method of methods) {
    for (const variant of ["paper", "released"] as const) {
      const quantization = { method, bits: 2, variant };
      grows(
        t,
        activationOf(method),
        filled(quantizers[method].activation.parameters(quantization)),
        x,
        dy,
        quantization,
      );
    }
    for (const kind of kinds) {
      for (const weight of [0, 0.5, 1]) {
        const quantization = { method, bits: 2, regularizer: { kind, weight } };
        grows(
          t,
          weightOf(method),
          filled(quantizers[method].weight.parameters(quantization, 16)),
          w,
          dy,
          quantization,
        );
      }
    }
  }
});

type AnyQuantizer = Quantizer["activation"] | Quantizer["weight"];

function grows(
  t: { same(found: unknown, wanted: unknown, what: string): unknown },
  quantizer: AnyQuantizer,
  parameters: Record<string, Tensor>,
  x: Tensor,
  dy: Tensor,
  quantization: Parameters<AnyQuantizer["forward"]>[2],
) {
  const before = memory().numTensors;
  const { y, saved } = quantizer.forward(x, parameters, quantization);
  const afterForward = memory().numTensors - before;
  const { dx, gradients } = quantizer.backward(dy, saved, parameters, quantization);
  const afterBackward = memory().numTensors - before;
  const initial = quantizer.initialize?.(x, quantization) ?? {};
  const afterInitialize = memory().numTensors - before;
  const [forward, backward] = [1 + saved.length, 1 + Object.keys(gradients).length];
  dispose([y, ...saved, dx, ...Object.values(gradients), ...Object.values(initial)]);
  t.same(
    [afterForward, afterBackward, afterInitialize, memory().numTensors - before],
    [forward, forward + backward, forward + backward + Object.keys(initial).length, 0],
    JSON.stringify(quantization),
  );
}

/** [fan, channels] with channels of different size and mean. */
const fan = 40;
const weights = normals(fan * 3, 0.3, 5, "w").map((v, i) => v * (1 + (i % 3)) + 0.1 * (i % 3));
const upstream = normals(fan * 3, 1, 5, "dq");

function offsetAndScale(kind: RegularizerKind, bits: number, channel: number): [number, number] {
  const own = weights.filter((_, i) => i % 3 === channel);
  const mean = sumOf(own) / fan;
  if (kind === "none") return [0, 1];
  if (kind !== "weight-norm") return [0, ((steps(bits) / 2 ** (bits - 1)) * sumOf(own.map(Math.abs))) / fan];
  return [mean, Math.sqrt(sumOf(Array.from(own, (v) => (v - mean) ** 2)) / fan)];
}

onEveryEngine("the four regularizers and their weight do what the method's page says", async (t) => {
  const [w, dq] = [tensor(weights, [fan, 3]), tensor(upstream, [fan, 3])];
  for (const kind of kinds) {
    for (const weight of [0, 0.5, 1, 2]) {
      for (const bits of [1, 2, 4]) {
        const quantization = { method: "n2uq" as const, bits, regularizer: { kind, weight } };
        const parameters = n2uq.initialize!(w, quantization);
        const { y, saved } = n2uq.forward(w, parameters, quantization);
        const { dx, gradients } = n2uq.backward(dq, saved, parameters, quantization);
        const what = `${kind}, weight ${weight}, ${bits} bits`;
        const channels = [0, 1, 2].map((channel) => offsetAndScale(kind, bits, channel));
        const each = (of: (w: number, dq: number, mu: number, scale: number) => number) =>
          Array.from(weights, (v, i) => {
            const [mu, scale] = channels[i % 3]!;
            return of(v, upstream[i]!, weight * mu, scale ** weight);
          });
        const quantized = each((v, _, mu, scale) => scale * uniform((v - mu) / scale, bits));
        agrees(t, y, quantized, EXACT, `${what}: Q`);
        const learned = kind === "learnable-scale";
        const wanted = each((v, g, _, scale) => (learned ? (Math.abs(v) <= scale ? g : 0) : g / scale));
        agrees(t, dx, wanted, EXACT, `${what}: dW`);
        if (learned) {
          const slopes = channels.map(([, scale], channel) => slopeOfScale(scale, weight, bits, channel));
          agrees(t, gradients.weight_scale!, slopes, EXACT, `${what}: dσ`);
        }
      }
    }
  }
});

/** Σ dQ·dQ/dσ by differences in float64, with the rounding's error held fixed: what a straight-through estimate means. */
function slopeOfScale(sigma: number, weight: number, bits: number, channel: number): number {
  const at = (value: number, moved: number) => {
    const [scale, fixed] = [moved ** weight, value / sigma ** weight];
    return scale * (uniform(fixed, bits) - clip(fixed, -1, 1) + clip(value / scale, -1, 1));
  };
  const h = 1e-6 * sigma;
  const slopes = Array.from(
    weights,
    (v, i) => upstream[i]! * ((at(v, sigma + h) - at(v, sigma - h)) / (2 * h)),
  );
  return sumOf(slopes.filter((_, i) => i % 3 === channel));
}

onEveryEngine("counts and sums, with tfjs's kernels for them and without", async (t, engine) => {
  const [edges, shape] = [
    [-1, -0.5, -0.5, 0, 2],
    [3, 5, 7, 2],
  ];
  const values = normals(210, 1, 3, "v").map((v, i) => (i % 10 === 0 ? edges[(i / 10) % 5]! : v));
  const counts = Array.from(values, (v) => edges.filter((edge) => v > edge).length);
  const sums = Array.from({ length: 6 }, (_, bin) => sumOf(values.filter((_, i) => counts[i] === bin)));
  const check = (what: string) => {
    const found = countBelow(tensor1d(edges), tensor(values, shape));
    t.same([found.dtype, found.shape], ["int32", shape], `${what}: shape`);
    t.same([...found.dataSync()], counts, `${what}: a value on an edge is not above it`);
    agrees(t, sumByBin(found, tensor(values, shape), 6), sums, EXACT, `${what}: sums by bin`);
    agrees(t, sumAll(tensor(values, shape)), [sumOf(values)], EXACT, `${what}: sum`);
  };
  check("with");
  const kernels = (["SearchSorted", "DenseBincount"] as const).map((name) => getKernel(name, engine)!);
  const before = overrides();
  for (const { kernelName } of kernels) unregisterKernel(kernelName, engine);
  setOverrides(engine, { ...before, primitives: primitivesOf(engine) });
  try {
    // wasm itself has no sum by segment: only its counting is tried there.
    if (engine === "cpu") check("without");
    else t.same([...countBelow(tensor1d(edges), tensor(values, shape)).dataSync()], counts, "without");
  } finally {
    for (const kernel of kernels) registerKernel(kernel);
    setOverrides(engine, before);
  }
});

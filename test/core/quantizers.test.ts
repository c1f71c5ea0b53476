import type { Tensor } from "@tensorflow/tfjs-core";
import { fill, memory, ones, reshape, tensor, tensor1d, tidy, transpose } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import type { QuantizationMethod, RegularizerKind } from "../../src/core/parameters.js";
import { activationParameters, steps, weightParameters } from "../../src/core/parameters.js";
import { activationQuantizers, weightQuantizers } from "../../src/core/quantizers.js";
import { convFilterGradient, convForward, convInputGradient } from "../../src/ops/convKernels.js";
import { flatten } from "../../src/ops/weights.js";
import { normals } from "../../src/random.js";
import { runtimeShape, toPyTorch, toRuntime } from "../../src/weights/layout.js";
import { agrees, golden, onEveryEngine } from "../helpers/golden.js";

type Numbers = number[];
const EXACT = 1e-5;

interface ThresholdCase {
  bits: number;
  variant: string;
  shape: Numbers;
  x: Numbers;
  dy: Numbers;
  y: Numbers;
  start: Numbers;
  a: Numbers;
  scale1: Numbers;
  scale2: Numbers;
  grad: Record<string, Numbers>;
}
interface WeightCase {
  bits: number;
  groups: number;
  stride: number;
  padding: number;
  shape: Numbers;
  weight: Numbers;
  quantized: Numbers;
  x_shape: Numbers;
  x: Numbers;
  dy: Numbers;
  y: Numbers;
  y_shape: Numbers;
  grad: Record<string, Numbers>;
}
interface PactCase {
  bits: number;
  clip: number;
  alpha: number;
  shape: Numbers;
  x: Numbers;
  dy: Numbers;
  y: Numbers;
  grad: Record<string, Numbers>;
}
interface BaselineCase {
  kind: string;
  bits: number;
  shape: Numbers;
  w: Numbers;
  x: Numbers;
  v: Numbers;
  step_init: Numbers;
  dy: Numbers;
  y: Numbers;
  grad: Record<string, Numbers>;
}
const released = golden<{
  learnable_threshold: ThresholdCase[];
  entropy_preserving_weight: WeightCase[];
  pact_activation_reference_code: PactCase[];
}>("quantizers");
const baseline =
  golden<Record<"dorefa" | "pact" | "lsq", (BaselineCase & PactCase)[]>>("baseline_quantizers");

onEveryEngine("learnable thresholds as PyTorch computes them", async (t) => {
  for (const c of released.learnable_threshold) {
    const { bits } = c;
    const x = tensor(c.x, c.shape);
    const parameters = Object.fromEntries(
      (["start", "a", "scale1", "scale2"] as const).map((name) => [name, tensor1d(c[name])]),
    );
    const q = activationQuantizers.n2uq;
    const { y, saved } = q.forward(x, parameters, { method: "n2uq", bits });
    const { dx, gradients } = q.backward(tensor(c.dy, c.shape), saved, parameters, { method: "n2uq", bits });
    agrees(t, y, c.y, EXACT, `${bits} bits, ${c.variant}: y`);
    agrees(t, dx, c.grad.x!, EXACT, `${bits} bits, ${c.variant}: dx`);
    for (const name of Object.keys(parameters))
      agrees(t, gradients[name]!, c.grad[name]!, EXACT, `${bits} bits, ${c.variant}: d ${name}`);
  }
});

onEveryEngine("entropy-preserving weights through a convolution", async (t) => {
  for (const c of released.entropy_preserving_weight) {
    const depthwise = c.groups > 1;
    const layout = depthwise ? "depthwise" : "conv";
    const attrs = {
      inChannels: c.x_shape[1]!,
      outChannels: c.shape[0]!,
      kernel: c.shape[2]!,
      stride: c.stride,
      padding: c.padding,
      depthwise,
    };
    const w = tensor(toRuntime(Float32Array.from(c.weight), c.shape, layout), runtimeShape(c.shape, layout));
    const nhwc = (values: Numbers, shape: Numbers) => transpose(tensor(values, shape), [0, 2, 3, 1]);
    const nchw = (value: Tensor) => transpose(value, [0, 3, 1, 2]);
    const oihw = (value: Tensor) => toPyTorch(value.dataSync() as Float32Array, c.shape, layout);
    const [q, quantization] = [weightQuantizers.n2uq, { method: "n2uq" as const, bits: c.bits }];
    const { y: flat, saved } = q.forward(flatten(w), {}, quantization);
    const quantized = reshape(flat, w.shape);
    const [x, dy] = [nhwc(c.x, c.x_shape), nhwc(c.dy, c.y_shape)];
    const dq = convFilterGradient(x, dy, attrs, w.shape);
    const { dx: dw } = q.backward(flatten(dq), saved, {}, quantization);
    const what = `${c.bits} bits, ${layout} ${c.shape.join("×")}`;
    agrees(t, oihw(quantized), c.quantized, EXACT, `${what}: quantized`);
    agrees(t, nchw(convForward(x, quantized, attrs)), c.y, EXACT, `${what}: y`);
    agrees(t, oihw(dw), c.grad.weight!, EXACT, `${what}: dw`);
    agrees(t, nchw(convInputGradient(dy, quantized, attrs, x.shape)), c.grad.x!, EXACT, `${what}: dx`);
  }
});

onEveryEngine("PACT, both variants", async (t) => {
  const cases = [
    ...released.pact_activation_reference_code.map((c) => ({
      ...c,
      variant: "released" as const,
      name: "clip",
      alpha: c.clip,
    })),
    ...baseline.pact.map((c) => ({ ...c, variant: "paper" as const, name: "alpha" })),
  ];
  for (const c of cases) {
    const quantization = { method: "pact" as const, bits: c.bits, variant: c.variant };
    const parameters = { clip_val: tensor1d([c.alpha]) };
    const { y, saved } = activationQuantizers.pact.forward(tensor(c.x, c.shape), parameters, quantization);
    const { dx, gradients } = activationQuantizers.pact.backward(
      tensor(c.dy, c.shape),
      saved,
      parameters,
      quantization,
    );
    agrees(t, y, c.y, EXACT, `${c.variant} ${c.bits} bits: y`);
    agrees(t, dx, c.grad.x!, EXACT, `${c.variant} ${c.bits} bits: dx`);
    agrees(t, gradients.clip_val!, c.grad[c.name]!, EXACT, `${c.variant} ${c.bits} bits: dα`);
  }
});

onEveryEngine("DoReFa and LSQ, weights and activations", async (t) => {
  for (const c of baseline.dorefa) {
    const isWeight = c.kind === "weight";
    const method = "dorefa" as const;
    const quantizer = isWeight ? weightQuantizers[method] : activationQuantizers[method];
    const values = tensor(c.w ?? c.x, c.shape);
    const { y, saved } = quantizer.forward(values, {}, { method, bits: c.bits });
    const { dx } = quantizer.backward(tensor(c.dy, c.shape), saved, {}, { method, bits: c.bits });
    agrees(t, y, c.y, EXACT, `dorefa ${c.kind} ${c.bits} bits: y`);
    agrees(t, dx, (c.grad.w ?? c.grad.x)!, EXACT, `dorefa ${c.kind} ${c.bits} bits: gradient`);
  }
  for (const c of baseline.lsq) {
    const method = "lsq" as const;
    const quantizer = c.kind === "weight" ? weightQuantizers[method] : activationQuantizers[method];
    const v = tensor(c.v, c.shape);
    const step = quantizer.initialize!(v, { method, bits: c.bits }).step!;
    agrees(t, step, c.step_init, EXACT, `lsq ${c.kind} ${c.bits} bits: first step size`);
    const { y, saved } = quantizer.forward(v, { step }, { method, bits: c.bits });
    const { dx, gradients } = quantizer.backward(
      tensor(c.dy, c.shape),
      saved,
      { step },
      { method, bits: c.bits },
    );
    agrees(t, y, c.y, EXACT, `lsq ${c.kind} ${c.bits} bits: y`);
    agrees(t, dx, c.grad.v!, EXACT, `lsq ${c.kind} ${c.bits} bits: gradient`);
    agrees(t, gradients.step!, c.grad.step!, EXACT, `lsq ${c.kind} ${c.bits} bits: d step`);
  }
});

/** Straight from the equations of docs/method.md, in float64, one value at a time. */
function thresholdsByHand(x: Float32Array, dy: Float32Array, p: Record<string, Float32Array>, bits: number) {
  const [N, start, beta1, beta2] = [steps(bits), p.start![0]!, p.scale1![0]!, p.scale2![0]!];
  const delta = 2 / N;
  const lengths = Array.from(p.a!, (a) => (a > 1e-3 ? a : 1e-3));
  const lower = lengths.map((_, i) => start + lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
  const [y, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
  const gradient = { start: 0, a: new Float64Array(N), scale1: 0, scale2: 0 };
  x.forEach((value, i) => {
    const scaled = beta1 * value;
    const count = lower.filter((b, k) => scaled > b + lengths[k]! / 2).length;
    y[i] = beta2 * delta * count;
    gradient.scale2 += dy[i]! * delta * count;
    const k = lower.findIndex((b, at) => scaled > b && scaled <= b + lengths[at]!);
    if (k < 0) return;
    const g = (dy[i]! * beta2 * delta) / lengths[k]!;
    dx[i] = g * beta1;
    gradient.scale1 += g * value;
    gradient.start -= g;
    for (let j = 0; j < k; j++) gradient.a[j]! -= p.a![j]! > 1e-3 ? g : 0;
    gradient.a[k]! -= p.a![k]! > 1e-3 ? (g * (scaled - lower[k]!)) / lengths[k]! : 0;
  });
  return { y, dx, gradient };
}

onEveryEngine("learnable thresholds of any bits agree with the equations in float64", async (t) => {
  for (const bits of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const N = steps(bits);
    const shape = [4, 12, 12, 16];
    const size = 4 * 12 * 12 * 16;
    const x = normals(size, 1.5, bits, "x");
    const dy = normals(size, 1, bits, "dy");
    const values = {
      start: Float32Array.of(-0.4),
      a: normals(N, 0.3 / N, bits, "a").map((v) => v + 2 / N),
      scale1: Float32Array.of(0.8),
      scale2: Float32Array.of(1.3),
    };
    const parameters = Object.fromEntries(Object.entries(values).map(([name, v]) => [name, tensor1d(v)]));
    const quantization = { method: "n2uq" as const, bits };
    const { y, saved } = activationQuantizers.n2uq.forward(tensor(x, shape), parameters, quantization);
    const { dx, gradients } = activationQuantizers.n2uq.backward(
      tensor(dy, shape),
      saved,
      parameters,
      quantization,
    );
    const wanted = thresholdsByHand(x, dy, values, bits);
    // A value within rounding of a threshold may fall on its other side: all but one in a thousand must agree.
    const off = (found: ArrayLike<number>, by: ArrayLike<number>) =>
      Array.from(by).filter((v, i) => Math.abs(v - found[i]!) > 1e-4 * (1 + Math.abs(v))).length;
    t.ok(off(y.dataSync(), wanted.y) <= 2, `${bits} bits: y`);
    t.ok(off(dx.dataSync(), wanted.dx) <= 2, `${bits} bits: dx`);
    for (const name of ["start", "scale1", "scale2"] as const) {
      agrees(t, gradients[name]!, [wanted.gradient[name]], 2e-3, `${bits} bits: d ${name}`);
    }
    agrees(t, gradients.a!, wanted.gradient.a, 2e-3, `${bits} bits: da`);
  }
});

const methods: QuantizationMethod[] = ["n2uq", "lsq", "pact", "dorefa"];
const kinds: RegularizerKind[] = ["entropy", "weight-norm", "learnable-scale", "none"];

onEveryEngine(
  "any method, bits and input: finite, few levels, zero channels stay zero, nothing leaks",
  async (t) => {
    const before = memory().numTensors;
    const arbitrary = fc.record({
      method: fc.constantFrom(...methods),
      kind: fc.constantFrom(...kinds),
      bits: fc.integer({ min: 1, max: 8 }),
      seed: fc.integer({ min: 0, max: 1000 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ method, kind, bits, seed }) => {
        tidy(() => {
          const weight = { method, bits, ...(method === "n2uq" ? { regularizer: { kind, weight: 1 } } : {}) };
          const values = normals(18 * 3, 0.2, seed, "w").map((v, i) => (i % 3 === 1 ? 0 : v));
          const w = tensor(values, [18, 3]);
          const fresh = Object.fromEntries(
            weightParameters(weight, 3).map(({ name, shape, initialValue }) => [
              name,
              fill([...shape], initialValue),
            ]),
          );
          const parameters = { ...fresh, ...weightQuantizers[method].initialize?.(w, weight) };
          const { y, saved } = weightQuantizers[method].forward(w, parameters, weight);
          const { dx, gradients } = weightQuantizers[method].backward(
            ones([18, 3]),
            saved,
            parameters,
            weight,
          );
          const all = [y, dx, ...Object.values(gradients)].flatMap((tensor) => [...tensor.dataSync()]);
          if (!all.every(Number.isFinite)) throw new Error(`not finite: ${method} ${kind} ${bits}`);
          for (const channel of [0, 2]) {
            const levels = new Set(
              [...y.dataSync()].filter((_, i) => i % 3 === channel).map((v) => v.toFixed(6)),
            );
            if (levels.size > 2 ** bits) throw new Error(`${levels.size} weight levels of ${bits} bits`);
          }
          const zeros = [...y.dataSync()].filter((_, i) => i % 3 === 1);
          if (
            (kind === "entropy" || method === "lsq") &&
            method !== "dorefa" &&
            method !== "pact" &&
            zeros.some((v) => method !== "lsq" && v !== 0)
          ) {
            throw new Error("a channel of zeros moved");
          }
          const activation = { method, bits };
          const defaults = Object.fromEntries(
            activationParameters(activation).map(({ name, shape, initialValue }) => [
              name,
              fill([...shape], initialValue),
            ]),
          );
          const x = tensor(normals(64, 1, seed, "x").sort(), [4, 16]);
          const own = { ...defaults, ...activationQuantizers[method].initialize?.(x, activation) };
          const out = activationQuantizers[method].forward(x, own, activation);
          const levels = [...out.y.dataSync()];
          if (new Set(levels.map((v) => v.toFixed(5))).size > 2 ** bits)
            throw new Error("too many activation levels");
          if (levels.some((v, i) => i > 0 && v < levels[i - 1]! - 1e-6)) throw new Error("not monotonic");
        });
      }),
      { numRuns: 60, seed: 7 },
    );
    t.equal(memory().numTensors, before);
  },
);

onEveryEngine("the four regularizers do what the method's page says", async (t) => {
  const w = tensor([0.5, -0.2, 0.1, -0.4, 0.3, 0.9], [6, 1]);
  const quantized = (kind: RegularizerKind, weight: number) => {
    const quantization = { method: "n2uq" as const, bits: 2, regularizer: { kind, weight } };
    const parameters = weightQuantizers.n2uq.initialize?.(w, quantization) ?? {};
    return [...weightQuantizers.n2uq.forward(w, parameters, quantization).y.dataSync()];
  };
  const nearest = (v: number, sigma: number) =>
    sigma * (Math.round(((Math.min(1, Math.max(-1, v / sigma)) + 1) * 3) / 2) * (2 / 3) - 1);
  const values = [...w.dataSync()];
  const entropy = (1.5 * values.reduce((sum, v) => sum + Math.abs(v), 0)) / 6;
  agrees(
    t,
    quantized("entropy", 1),
    values.map((v) => nearest(v, entropy)),
    EXACT,
    "entropy: σ = 3/2·mean|W|",
  );
  agrees(
    t,
    quantized("learnable-scale", 1),
    values.map((v) => nearest(v, entropy)),
    EXACT,
    "learnable scale starts there",
  );
  agrees(
    t,
    quantized("none", 1),
    values.map((v) => nearest(v, 1)),
    EXACT,
    "none: σ = 1",
  );
  for (const kind of ["entropy", "weight-norm", "learnable-scale"] as const) {
    agrees(t, quantized(kind, 0), quantized("none", 1), EXACT, `${kind} of weight 0 is none`);
  }
  const mean = values.reduce((sum, v) => sum + v, 0) / 6;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 6);
  agrees(
    t,
    quantized("weight-norm", 1),
    values.map((v) => nearest(v - mean, deviation)),
    EXACT,
    "weight norm: (W - μ)/σ",
  );
});

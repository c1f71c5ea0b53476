import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  add,
  dispose,
  memory,
  mul,
  prelu,
  reshape,
  step,
  sub,
  type Tensor,
  tensor,
} from "@tensorflow/tfjs-core";
import t, { type Test } from "tap";
import { faultsOf } from "../../scripts/wasm/module.js";
import { n2uq } from "../../src/core/n2uq.js";
import { quantizers } from "../../src/core/quantizers.js";
import { engines } from "../../src/engines/engines.js";
import { entropyWeight } from "../../src/engines/overrides/entropyWeight.js";
import { one, several } from "../../src/engines/overrides/kernel.js";
import { n2uqActivation } from "../../src/engines/overrides/n2uqActivation.js";
import { uniformOverrides } from "../../src/engines/overrides/uniformQuantizers.js";
import { DONE, NO_PIECE, PIECE_BITS, sharedBy, TICKET, takePieces } from "../../src/engines/wasm/pieces.js";
import { Team } from "../../src/engines/wasm/team.js";
import type { ActivationQuantization, WeightQuantization } from "../../src/graph/quantizer.js";
import { normals } from "../../src/random.js";
import { root } from "../helpers/root.js";

await engines.wasm.load();

t.test("the modules have no data and no stack, so they can use another module's memory", async (t) => {
  for (const name of ["kernels.wasm", "kernels-shared.wasm"]) {
    const module = readFileSync(join(root, "native", "wasm", name));
    t.same(faultsOf(module), [], name);
    const data = Buffer.concat([module, Buffer.of(11, 1, 0)]);
    t.same(faultsOf(data), ["it has a section 11"]);
  }
  // The linker writes the number of the global in one byte or in five.
  for (const instruction of [
    [0x23, 0],
    [0x23, 0x80, 0x80, 0x80, 0x80, 0],
  ]) {
    const stack = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 10, instruction.length, ...instruction]);
    t.same(faultsOf(stack), ["its code uses a stack"]);
  }
});

const SHAPES = [
  [2, 3, 5, 1],
  [1, 1, 1, 3],
  [7, 13],
  [3, 9, 9, 16],
  [1, 1, 1, 2500],
  [9, 70],
];

/** Values between -2 and 2, many of them on a threshold. */
function grid(shape: readonly number[], seed: number): Tensor {
  const values = normals(
    shape.reduce((product, n) => product * n, 1),
    1,
    seed,
    "grid",
  );
  return tensor(
    values.map((value) => Math.round(16 * value) / 16),
    [...shape],
  );
}

function curve(bits: number): Record<string, Tensor> {
  const N = 2 ** bits - 1;
  const a = Array.from({ length: N }, (_, i) => (i === 1 ? 1e-4 : 2 / N + 0.01 * (i % 3)));
  return { start: tensor([-0.25]), a: tensor(a), scale1: tensor([1.125]), scale2: tensor([0.9]) };
}

const quantizationOf = (bits: number) => ({ method: "n2uq", bits }) as ActivationQuantization;
const listed = (values: Tensor) => Array.from(values.dataSync());

/** The sums of `[…, channels]` per channel, in float64. */
function perChannel(values: readonly number[], channels: number): number[] {
  const sums = new Array<number>(channels).fill(0);
  for (const [at, value] of values.entries()) sums[at % channels] = (sums[at % channels] ?? 0) + value;
  return sums;
}

function isClose(t: Test, found: readonly number[], wanted: readonly number[], what: string): void {
  const largest = Math.max(1, ...wanted.map(Math.abs));
  const error = Math.max(
    0,
    ...wanted.map((value, at) => Math.abs(value - (found[at] ?? Number.NaN)) / largest),
  );
  t.ok(found.length === wanted.length && error < 3e-5, `${what}: ${error}`);
}

for (const bits of [1, 2, 3, 4]) {
  t.test(`N2UQ's activations of ${bits} bits have the bits of the plain implementation`, async (t) => {
    for (const shape of SHAPES) {
      const before = memory().numTensors;
      const [x, dy, parameters] = [grid(shape, 1), grid(shape, 2), curve(bits)];
      const plain = n2uq.activation.forward(x, parameters, quantizationOf(bits));
      const y = one("ActivationChain", { x, ...parameters });
      t.same(listed(y), listed(plain.y), `y of ${shape}`);
      const wanted = n2uq.activation.backward(dy, plain.saved, parameters, quantizationOf(bits));
      const [dx, ...found] = several("ActivationChainGradient", { dy, x, ...parameters }) as [
        Tensor,
        ...Tensor[],
      ];
      t.same(listed(dx), listed(wanted.dx), `dx of ${shape}`);
      for (const [at, name] of ["start", "a", "scale1", "scale2"].entries())
        isClose(
          t,
          listed(found[at] as Tensor),
          listed(wanted.gradients[name] as Tensor),
          `${name} of ${shape}`,
        );
      dispose([x, dy, y, dx, ...found, plain.y, ...plain.saved, wanted.dx]);
      dispose([...Object.values(parameters), ...Object.values(wanted.gradients)]);
      t.equal(memory().numTensors, before, "no tensor is left");
    }
  });
}

for (const bits of [0, 2, 4]) {
  t.test(`RPReLU before ${bits} bits has the bits of the plain implementation`, async (t) => {
    for (const shape of SHAPES) {
      const channels = shape.at(-1) ?? 1;
      const [x, dy] = [grid(shape, 1), grid(shape, 2)];
      const [bias1, alpha, bias2] = [
        grid([channels], 3),
        tensor(normals(channels, 0.3, 4, "a")),
        grid([channels], 5),
      ];
      const parameters = { bias1, alpha, bias2 };
      const quantizes = bits === 0 ? {} : curve(bits);
      const u = add(x, bias1);
      const z = add(prelu(u, alpha), bias2);
      const plain = bits === 0 ? null : n2uq.activation.forward(z, quantizes, quantizationOf(bits));
      const y = one("ActivationChain", { x, ...parameters, ...quantizes });
      t.same(listed(y), listed(plain?.y ?? z), `y of ${shape}`);
      const before =
        plain === null ? null : n2uq.activation.backward(dy, plain.saved, quantizes, quantizationOf(bits));
      const dz = before?.dx ?? dy;
      const du = mul(dz, add(mul(step(u), sub(1, alpha)), alpha));
      const inputs = { dy, x, ...parameters, ...quantizes };
      const [dx, ...found] = several("ActivationChainGradient", inputs) as [Tensor, ...Tensor[]];
      t.same(listed(dx), listed(du), `dx of ${shape}`);
      const [us, dzs] = [listed(u), listed(dz)];
      const wanted = [listed(du), dzs.map((value, at) => value * Math.min(0, us[at] ?? 0)), dzs];
      for (const [at, values] of wanted.entries())
        isClose(t, listed(found[at] as Tensor), perChannel(values, channels), `sum ${at} of ${shape}`);
      for (const [at, gradient] of Object.values(before?.gradients ?? {}).entries())
        isClose(t, listed(found[3 + at] as Tensor), listed(gradient), `gradient ${at} of ${shape}`);
      t.equal(found.length, bits === 0 ? 3 : 7);
    }
  });
}

t.test("BatchNorm's statistics and gradients are those of float64", async (t) => {
  for (const shape of SHAPES.filter(([images = 1, ...rest]) => images * rest.length > 1 && images > 1)) {
    const channels = shape.at(-1) ?? 1;
    const [x, dy] = [add(grid(shape, 1), 3), grid(shape, 2)];
    const [gamma, beta] = [grid([channels], 3), grid([channels], 4)];
    const epsilon = 1e-5;
    const outputs = several("BatchNormTraining", { x, gamma, beta }, { epsilon }) as Tensor[];
    const [y, mean, variance, ...saved] = outputs.map(listed) as number[][] & { length: 6 };
    const [values, gradients] = [listed(x), listed(dy)];
    const rows = values.length / channels;
    const means = perChannel(values, channels).map((sum) => sum / rows);
    const centered = values.map((value, at) => value - (means[at % channels] ?? 0));
    const squares = perChannel(
      centered.map((value) => value * value),
      channels,
    );
    const inverse = squares.map((sum) => 1 / Math.sqrt(sum / rows + epsilon));
    const [gammas, betas] = [listed(gamma), listed(beta)];
    const of = (list: readonly number[], at: number) => list[at % channels] ?? Number.NaN;
    const normal = centered.map((value, at) => value * of(inverse, at));
    isClose(t, mean ?? [], means, `mean of ${shape}`);
    isClose(
      t,
      variance ?? [],
      squares.map((sum) => sum / (rows - 1)),
      `variance of ${shape}`,
    );
    t.same([saved[0], saved[2]], [mean, mean]);
    isClose(t, saved[1] ?? [], inverse, `1/std of ${shape}`);
    isClose(
      t,
      y ?? [],
      normal.map((value, at) => value * of(gammas, at) + of(betas, at)),
      `y of ${shape}`,
    );
    const [, , , saved1, saved2, saved3] = outputs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
    const inputs = { dy, x, gamma, saved1, saved2, saved3 };
    const [dx, dGamma, dBeta] = several("BatchNormGradient", inputs, { epsilon }).map(listed);
    const sumDy = perChannel(gradients, channels);
    const sumDyX = perChannel(
      gradients.map((value, at) => value * (normal[at] ?? 0)),
      channels,
    );
    isClose(t, dBeta ?? [], sumDy, `dβ of ${shape}`);
    isClose(t, dGamma ?? [], sumDyX, `dγ of ${shape}`);
    const wanted = gradients.map(
      (value, at) =>
        of(gammas, at) *
        of(inverse, at) *
        (value - (of(sumDy, at) + (normal[at] ?? 0) * of(sumDyX, at)) / rows),
    );
    isClose(t, dx ?? [], wanted, `dx of ${shape}`);
  }
});

t.test("Adam computes in float64 and rounds once", async (t) => {
  for (const length of [1, 7, 1000]) {
    const [p, g, m] = [1, 2, 3].map((seed) => normals(length, 1, seed, "adam")) as Float32Array[];
    const v = normals(length, 1, 4, "adam").map((value) => value * value);
    const settings = { lr: 4e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-2, step: 3 };
    const inputs = { parameter: p, gradient: g, exp_avg: m, exp_avg_sq: v };
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => [name, tensor(values as Float32Array)]),
    );
    const found = several("AdamStep", tensors, settings).map(listed);
    const { lr, beta1, beta2, epsilon, weightDecay, step } = settings;
    const rate = lr / (1 - beta1 ** step);
    const correction = 1 / Math.sqrt(1 - beta2 ** step);
    const wanted: number[][] = [[], [], []];
    for (let i = 0; i < length; i++) {
      const [parameter = 0, mean = 0, square = 0] = [p?.[i], m?.[i], v[i]];
      const gradient = (g?.[i] ?? 0) + weightDecay * parameter;
      const newMean = beta1 * mean + (1 - beta1) * gradient;
      const newSquare = beta2 * square + (1 - beta2) * gradient * gradient;
      const stepped = parameter - (rate * newMean) / (Math.sqrt(newSquare) * correction + epsilon);
      for (const [at, value] of [stepped, newMean, newSquare].entries()) wanted[at]?.push(Math.fround(value));
    }
    t.same(found, wanted, `${length} values, to the bit`);
  }
});

t.test("no value, and no number", async (t) => {
  const parameters = curve(2);
  for (const shape of [
    [4, 0],
    [0, 8],
  ]) {
    const empty = tensor([], shape);
    t.same(listed(one("ActivationChain", { x: empty, ...parameters })), []);
    const [dx, ...found] = several("ActivationChainGradient", { dy: empty, x: empty, ...parameters });
    t.same(dx?.shape, shape);
    t.same(
      found.map((gradient) => listed(gradient).every((value) => Math.abs(value) === 0)),
      [true, true, true, true],
    );
  }
  const x = tensor([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5, 1]);
  const plain = n2uq.activation.forward(x, parameters, quantizationOf(2));
  t.same(listed(one("ActivationChain", { x, ...parameters })).slice(1), listed(plain.y).slice(1));
});

type UniformMethod = "lsq" | "lsq-plus" | "pact" | "dorefa";
const learned: Readonly<Record<UniformMethod, Readonly<Record<string, number>>>> = {
  lsq: { step: 0.25 },
  "lsq-plus": { step: 0.25, offset: -0.125 },
  pact: { clip_val: 1.5 },
  dorefa: {},
};

for (const method of Object.keys(learned) as UniformMethod[]) {
  t.test(`${method}'s values have the bits of the plain implementation, sums are close`, async (t) => {
    for (const shape of [...SHAPES, [5000]])
      for (const bits of [1, 2, 8])
        for (const variant of ["paper", "released"] as const) {
          const quantization = { method, bits, variant } as ActivationQuantization;
          const parameters = Object.fromEntries(
            Object.entries(learned[method]).map(([name, value]) => [name, tensor([value])]),
          );
          const [x, dy] = [grid(shape, 1), grid(shape, 2)];
          const plain = quantizers[method].activation;
          const fused = uniformOverrides[method]?.activation as typeof plain;
          const [wanted, found] = [plain, fused].map((side) => {
            const { y, saved } = side.forward(x, parameters, quantization);
            const { dx, gradients } = side.backward(dy, saved, parameters, quantization, 2);
            return { y: listed(y).map((n) => n + 0), dx: listed(dx).map((n) => n + 0), gradients };
          }) as [Both, Both];
          const what = `${method} ${variant} ${bits} of ${shape}`;
          t.same([found.y, found.dx], [wanted.y, wanted.dx], what);
          t.same(Object.keys(found.gradients), Object.keys(wanted.gradients));
          for (const [name, gradient] of Object.entries(wanted.gradients))
            isClose(t, listed(found.gradients[name] as Tensor), listed(gradient), `${name} of ${what}`);
        }
  });
}

interface Both {
  readonly y: number[];
  readonly dx: number[];
  readonly gradients: Record<string, Tensor>;
}

t.test("weights per channel and per layer are those of the plain implementation", async (t) => {
  const n2uqWeight = entropyWeight(n2uq.weight);
  const sides = [
    ["n2uq", n2uq.weight, n2uqWeight],
    ["dorefa", quantizers.dorefa.weight, uniformOverrides.dorefa?.weight as typeof n2uq.weight],
    ["lsq", quantizers.lsq.weight, uniformOverrides.lsq?.weight as typeof n2uq.weight],
  ] as const;
  const w = (rows: number, channels: number) =>
    tensor(
      normals(rows * channels, 1, rows, "w").map((value, at) => (at % channels === 1 ? 0 : value)),
      [rows, channels],
    );
  for (const [method, plain, fused] of sides)
    for (const bits of [1, 2, 4, 8])
      for (const [rows, channels] of [
        [1, 1],
        [9, 16],
        [27, 6],
        [4096, 18],
      ] as const) {
        const quantization = { method, bits } as WeightQuantization;
        const [given, dq] = [w(rows, channels), w(rows, channels)];
        const parameters: Record<string, Tensor> = method === "lsq" ? { step: tensor([0.3]) } : {};
        const [wanted, found] = [plain, fused].map((side) => {
          const { y, saved } = side.forward(given, parameters, quantization);
          const { dx } = side.backward(dq, saved, parameters, quantization);
          return { y: listed(y), dx: listed(dx) };
        }) as [Omit<Both, "gradients">, Omit<Both, "gradients">];
        const what = `${method} ${bits} of ${rows}, ${channels}`;
        isClose(t, found.dx, wanted.dx, `dx of ${what}`);
        // A value next to the middle of two levels may be rounded to the other one.
        const far = wanted.y.filter((value, at) => Math.abs(value - (found.y[at] ?? Number.NaN)) > 1e-5);
        t.ok(far.length <= wanted.y.length / 10_000, `${far.length} levels of ${what}`);
      }
  const zeros = tensor(new Float32Array(32), [8, 4]);
  for (const [method, , fused] of sides.slice(0, 2)) {
    const quantization = { method, bits: 2 } as WeightQuantization;
    const { y } = fused.forward(zeros, {}, quantization);
    t.ok(
      listed(y).every((value) => value === 0),
      method,
    );
  }
  const broken = tensor([Number.NaN, 1, 2, 3, 4, 5, 6, 7], [8, 1]);
  for (const [method, , fused] of sides) {
    const { y } = fused.forward(broken, { step: tensor([1]) }, { method, bits: 2 } as WeightQuantization);
    t.ok(Number.isNaN(listed(y)[0]), `NaN of ${method}`);
  }
});

for (const bits of [1, 2, 4, 8]) {
  t.test(`convolutions of ${bits} bits are exact sums of codes, times the unit`, async (t) => {
    const n = quantizationOf(bits);
    const N = 2 ** bits - 1;
    for (const [batch, side, channels, outChannels, kernel, stride, pad] of [
      [2, 5, 16, 8, 3, 1, 1],
      [3, 7, 6, 19, 3, 2, 1],
      [1, 4, 2, 1, 1, 2, 0],
      [2, 6, 10, 5, 5, 2, 2],
      [2, 9, 64, 16, 3, 1, 0],
    ] as const) {
      const [x, w] = [
        grid([batch, side, side, channels], 1),
        grid([kernel * kernel * channels, outChannels], 2),
      ];
      const activations =
        bits === 8
          ? uniformOverrides.lsq?.activation?.forward(x, { step: tensor([0.01]) }, n)
          : n2uqActivation.forward(x, curve(bits), n);
      const unit = bits === 8 ? Math.fround(0.01) : Math.fround(Math.fround(2 / N) * Math.fround(0.9));
      const weights = entropyWeight(n2uq.weight).forward(w, {}, n as unknown as WeightQuantization);
      const [inputs, values, inverse] = [activations?.y as Tensor, weights.y, weights.saved[1] as Tensor].map(
        listed,
      );
      const units = Array.from({ length: outChannels }, (_, c) =>
        Math.fround(Math.abs(1 / (inverse?.[c] ?? 0)) / N),
      );
      const filter = reshape(weights.y, [kernel, kernel, channels, outChannels]);
      const attrs = { strides: [stride, stride], pad, dataFormat: "NHWC", dimRoundingMode: "floor" };
      const found = one("Conv2D", { x: activations?.y as Tensor, filter }, attrs);
      const out = found.shape[1] ?? 0;
      const wanted: number[] = [];
      for (let image = 0; image < batch; image++)
        for (let oy = 0; oy < out; oy++)
          for (let ox = 0; ox < out; ox++)
            for (let o = 0; o < outChannels; o++) {
              let sum = 0;
              for (let ky = 0; ky < kernel; ky++)
                for (let kx = 0; kx < kernel; kx++) {
                  const [row, column] = [oy * stride + ky - pad, ox * stride + kx - pad];
                  if (Math.min(row, column) < 0 || Math.max(row, column) >= side) continue;
                  for (let c = 0; c < channels; c++) {
                    const at = ((image * side + row) * side + column) * channels + c;
                    const own = ((ky * kernel + kx) * channels + c) * outChannels + o;
                    sum +=
                      Math.round((inputs?.[at] ?? 0) / unit) *
                      Math.round((values?.[own] ?? 0) / (units[o] ?? 1));
                  }
                }
              wanted.push(sum * unit * (units[o] ?? 0));
            }
      const ulp = listed(found).map(
        (value, at) => Math.abs(value - (wanted[at] ?? 0)) / Math.abs(wanted[at] || 1),
      );
      t.equal(found.shape.at(-1), outChannels);
      t.ok(Math.max(...ulp) < 2.5 * 2 ** -23, `${Math.max(...ulp)}`);
    }
  });
}

t.test("a quantized value that is no code is computed as float32", async (t) => {
  const values = Array.from({ length: 32 }, (_, at) => (at === 5 ? Number.NaN : at / 16));
  const x = tensor(values, [1, 4, 4, 2]);
  const quantized = uniformOverrides.lsq?.activation?.forward(x, { step: tensor([0.5]) }, quantizationOf(2));
  const { y: w } = entropyWeight(n2uq.weight).forward(grid([2, 3], 1), {}, {
    method: "n2uq",
    bits: 2,
  } as WeightQuantization);
  const filter = reshape(w, [1, 1, 2, 3]);
  const attrs = { strides: [1, 1], pad: 0, dataFormat: "NHWC" };
  const found = listed(one("Conv2D", { x: quantized?.y as Tensor, filter }, attrs));
  t.same(
    found.map((value) => Number.isNaN(value)),
    found.map((_, at) => Math.floor(at / 3) === 2),
  );
});

/** A worker's part of a job is visible in memory; this thread's function only waits. */
t.test("a worker takes pieces of a job, and computes them in the shared memory", async (t) => {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: Modules };
  const code = new WebAssembly.Module(readFileSync(join(root, "native", "wasm", "kernels-shared.wasm")));
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65_536, shared: true });
  const names = Object.keys(new WebAssembly.Instance(code, { env: { memory } }).exports);
  const taken: number[][] = [];
  const wait = (...values: readonly number[]) => {
    taken.push(values.slice(-2));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  };
  const team = new Team(Object.fromEntries(names.map((name) => [name, wait])), 2, { code, memory });
  const values = new Float32Array(memory.buffer);
  const [k, offset, x, y] = [0, 1, 16, 2000];
  values[k] = 2;
  values[offset] = 1;
  values.fill(3, x, x + 1000);
  const run = () =>
    team.run("channelAffine", [...[x, k, offset, y].map((at) => 4 * at), 1], 1000, 10_000_000);
  const results = () => values.subarray(y, y + 1000);
  for (const end = Date.now() + 60_000; !results().includes(7) && Date.now() < end; ) {
    run();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  taken.length = 0;
  results().fill(0);
  run();
  const own = (at: number) => taken.some(([first = 0, end = 0]) => at >= first && at < end);
  t.ok(results().includes(7));
  t.ok(
    results().every((value, at) => value === (own(at) ? 0 : 7)),
    "each value was computed once",
  );
});

interface Modules {
  readonly Module: new (code: Buffer) => object;
  readonly Memory: new (pages: object) => { readonly buffer: SharedArrayBuffer };
  readonly Instance: new (code: object, imports: object) => { readonly exports: object };
}

t.test("each piece is taken once, and none of a job that has changed", async (t) => {
  const shared = sharedBy();
  const found: number[][] = [];
  const late = () => takePieces(shared, [note]);
  const note = (...values: readonly number[]) => {
    found.push([...values]);
    late();
  };
  const publish = (job: number, ...numbers: readonly number[]) => {
    shared.job.set(numbers);
    Atomics.store(shared.words, DONE, 0);
    Atomics.store(shared.words, TICKET, job << PIECE_BITS);
  };
  publish(1, 0, 10, 3, 2, 70, 80);
  late();
  t.same(found, [
    [70, 80, 0, 3],
    [70, 80, 3, 6],
    [70, 80, 6, 10],
  ]);
  t.equal(Atomics.load(shared.words, DONE), 3);
  found.length = 0;
  shared.job.set([0, 10, 9, 2]);
  Atomics.store(shared.words, TICKET, (2 << PIECE_BITS) | NO_PIECE);
  late();
  t.same(found, [], "a job that is being written");
});

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Tensor } from "@tensorflow/tfjs-core";
import { dispose, tensor, tensor1d } from "@tensorflow/tfjs-core";
import t from "tap";
import { steps } from "../../src/core/quantizer.js";
import { quantizers } from "../../src/core/quantizers.js";
import { engines } from "../../src/engines/engines.js";
import type { QuantizerOptions, QuantizerParameter } from "../../src/graph/quantizer.js";
import { normals } from "../../src/random.js";
import { agrees, onEveryEngine } from "../helpers/golden.js";
import { python, withoutPytorch } from "../helpers/pytorch.js";
import { activationOf, weightOf } from "../helpers/quantizers.js";

/*
 * Quantizers without published golden data, against a second implementation: test/processes/peers.py writes them from the papers
 * in PyTorch's float64 and takes the gradients by autograd.
 */
const EXACT = 1e-5;
const SCRIPT = join(import.meta.dirname, "peers.py");
const SHAPE = [40, 30];
const COUNT = 1200;

interface Case {
  readonly method: "lsq-plus" | "apot" | "lcq";
  readonly side: "activation" | "weight";
  readonly bits: number;
  readonly options: QuantizerOptions & { readonly world?: number };
  readonly shape: readonly number[];
  readonly x: readonly number[];
  readonly dy: readonly number[];
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly what: string;
}

interface Answer {
  readonly y: number[];
  readonly dx: number[];
  readonly gradients: Readonly<Record<string, number[]>>;
}

function ask<Reply>(cases: readonly object[]): Reply[] {
  const options = { input: JSON.stringify(cases), encoding: "utf8", maxBuffer: 1 << 30 } as const;
  return JSON.parse(execFileSync(python, [SCRIPT], options)) as Reply[];
}

/** Random parameters near those that training starts from; a clipping value within reach. */
function drawn(parameters: readonly QuantizerParameter[], seed: number): Record<string, number[]> {
  return Object.fromEntries(
    parameters.map(({ name, shape, initialValue }) => {
      const noise = normals(shape[0] ?? 1, 1, seed, name);
      const values = /alpha/.test(name)
        ? noise.map((v) => 1.4 + 0.2 * v)
        : noise.map((v) => (initialValue === 0 ? v : initialValue * (0.4 + 0.05 * v)));
      return [name, [...values]];
    }),
  );
}

/** Values with extremes among them; none so near to a threshold that float32 and float64 may disagree on its side. */
function valuesFor(seed: number, thresholds: readonly number[]): number[] {
  const extremes = [0, 0, 1e3, -1e3, 40, -40, 1e-6, -1e-6];
  const values = [...extremes, ...normals(COUNT - extremes.length, 1.2, seed, "x")];
  return values.map((v) => Math.fround(thresholds.some((edge) => Math.abs(v - edge) < 1e-4) ? v + 3e-4 : v));
}

/** Parameters that binary fractions hold, so that values lie exactly on the clip. */
const ROUND: Readonly<Record<string, number>> = { step: 0.5, offset: -0.25, act_alpha: 1.5, alpha: 1.5 };

function activationCases(method: Case["method"], bits: number): Case[] {
  const { activation } = quantizers[method];
  const parametersOf = (options: QuantizerOptions, seed: number) =>
    drawn(activation.parameters({ method, bits, ...options }), seed);
  const caseOf = (
    what: string,
    parameters: Record<string, number[]>,
    options: Case["options"],
    special: number[],
  ): Case => {
    const { thresholds } = activation.curve({ method, bits, ...options }, parameters);
    return {
      ...{ method, side: "activation", bits, options, shape: SHAPE, parameters },
      x: valuesFor(bits, thresholds)
        .with(-1, special[0] ?? 0)
        .with(-2, special[1] ?? 0),
      dy: [...normals(COUNT, 1, bits, "dy")],
      what: `${method}, activations, ${bits} bits, ${what}`,
    };
  };
  const exact = Object.entries(parametersOf({}, bits)).map(
    ([name, values]) => [name, name in ROUND ? [ROUND[name] ?? 0] : values] as const,
  );
  const clips = method === "lsq-plus" ? [-0.25, -0.25 + 0.5 * steps(bits)] : [0, 1.5];
  return [
    caseOf("random", parametersOf({}, bits), {}, []),
    caseOf("3 ranks", parametersOf({}, bits + 1), { world: 3 }, []),
    ...(method === "lcq"
      ? [caseOf("5 intervals", parametersOf({ intervals: 5 }, bits), { intervals: 5 }, [])]
      : []),
    caseOf("on the clip", Object.fromEntries(exact), {}, clips),
  ];
}

function weightCases(method: Case["method"], bits: number): Case[] {
  const { weight } = quantizers[method];
  const common = { method, side: "weight" as const, bits, options: {}, shape: SHAPE };
  const dy = [...normals(COUNT, 1, bits, "dq")];
  const parameters = drawn(weight.parameters({ method, bits }, 30), bits);
  const all = [...normals(COUNT - 4, 1.2, bits, "w"), 9, -8, 0, 0];
  const onClip: Record<string, number> = { step: 2 ** (1 - bits), weight_alpha: 1, alpha: 1 };
  const special = Object.entries(parameters).map(
    ([name, values]) => [name, name in onClip ? [onClip[name] ?? 0] : values] as const,
  );
  // Of mean 0 and std 1, so that normalizing changes nothing; or the first and last of LSQ's levels, and others.
  const ends = method === "lsq-plus" ? [-1, 1 - 2 ** (1 - bits), 0.3] : [-1, 1];
  const clipped = Array.from({ length: COUNT }, (_, i) => ends[i % ends.length] ?? 0);
  return [
    { ...common, dy, parameters, x: all, what: `${method}, weights, ${bits} bits, random` },
    {
      ...common,
      ...{ dy, parameters: Object.fromEntries(special), x: clipped },
      what: `${method}, weights, ${bits} bits, on the clip`,
    },
  ];
}

const METHODS = ["lsq-plus", "apot", "lcq"] as const;
const CASES = METHODS.flatMap((method) =>
  [2, 3, 4].flatMap((bits) => [...activationCases(method, bits), ...weightCases(method, bits)]),
);

/** What our quantizer gives. */
function ours({ method, side, bits, options, shape, x, dy, parameters }: Case) {
  const { world, ...own } = options;
  const held = Object.fromEntries(Object.entries(parameters).map(([name, v]) => [name, tensor1d([...v])]));
  const [values, upstream] = [tensor([...x], [...shape]), tensor([...dy], [...shape])];
  const quantization = { method, bits, ...own };
  const part = side === "weight" ? weightOf(method) : activationOf(method);
  const { y, saved } = part.forward(values, held, quantization);
  const { dx, gradients } = part.backward(upstream, saved, held, quantization, world);
  const read = (one: Tensor) => [...one.dataSync()];
  const found = {
    y: read(y),
    dx: read(dx),
    gradients: Object.fromEntries(Object.entries(gradients).map(([name, one]) => [name, read(one)])),
  };
  dispose([values, upstream, y, dx, ...saved, ...Object.values(gradients), ...Object.values(held)]);
  return found;
}

function onEveryEngineWithPytorch(name: string, test: Parameters<typeof onEveryEngine>[1]): void {
  if (withoutPytorch === false) onEveryEngine(name, test);
  else t.test(name, { skip: withoutPytorch }, async () => {});
}

let answers: Answer[] | undefined;
onEveryEngineWithPytorch("outputs and gradients are those of PyTorch", async (t) => {
  answers ??= ask<Answer>(CASES);
  for (const [i, { y, dx, gradients }] of answers.entries()) {
    const one = CASES[i]!;
    const found = ours(one);
    agrees(t, found.y, y, EXACT, `${one.what}: output`);
    agrees(t, found.dx, dx, EXACT, `${one.what}: dx`);
    t.same(Object.keys(found.gradients).sort(), Object.keys(gradients).sort(), `${one.what}: gradients`);
    for (const [name, wanted] of Object.entries(gradients))
      agrees(t, found.gradients[name]!, wanted, EXACT, `${one.what}: d ${name}`);
  }
});

/** Activations as networks have them: normal, rectified with many zeros, and with a heavy tail. */
const BATCHES = {
  normal: [...normals(4000, 1, 1, "batch")],
  rectified: [...normals(4000, 1, 2, "batch")].map((v) => Math.max(0, v)),
  heavy: [...normals(4000, 1, 3, "batch")].map((v) => v * v * v),
};

t.test("LSQ+ starts with the least squared error that PyTorch finds", { skip: withoutPytorch }, async (t) => {
  await engines.cpu.load();
  const found = Object.entries(BATCHES).flatMap(([name, x]) =>
    [2, 3, 4].map((bits) => {
      const batch = tensor(x, [40, 100]);
      const first = quantizers["lsq-plus"].activation.initialize!(batch, { method: "lsq-plus", bits });
      const [step, offset] = [first.step!.dataSync()[0]!, first.offset!.dataSync()[0]!];
      dispose([batch, ...Object.values(first)]);
      return { side: "activation", bits, x, found: { step, offset }, what: `${name}, ${bits} bits` };
    }),
  );
  for (const [i, { best, found: own }] of ask<{ best: number; found: number }>(found).entries())
    t.ok(own <= 1.02 * best, `${found[i]!.what}: ${own} against ${best}`);
});

t.test("LSQ+ starts with the weights' step of the paper", { skip: withoutPytorch }, async (t) => {
  await engines.cpu.load();
  const x = [...normals(COUNT, 0.1, 4, "w")].map((v) => v + 0.02);
  const cases = [1, 2, 3, 4].map((bits) => ({ side: "weight", bits, x, found: {} }));
  for (const [i, { step }] of ask<{ step: number }>(cases).entries()) {
    const w = tensor(x, SHAPE);
    const first = quantizers["lsq-plus"].weight.initialize!(w, { method: "lsq-plus", bits: i + 1 });
    agrees(t, first.step!, [step], EXACT, `${i + 1} bits`);
    dispose([w, ...Object.values(first)]);
  }
});

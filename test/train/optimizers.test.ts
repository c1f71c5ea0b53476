import { dispose, memory, tensor1d } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { groupParameters } from "../../src/graph/groups.js";
import { buildGraph } from "../../src/models/models.js";
import { stream } from "../../src/random.js";
import type { ResolvedOptimizer, ResolvedSchedule } from "../../src/resolve/types.js";
import { createOptimizer } from "../../src/train/optimizers/optimizers.js";
import type { OptimizerState } from "../../src/train/optimizers/types.js";
import { learningRateFactor } from "../../src/train/schedules/schedules.js";
import type { SchedulePoint } from "../../src/train/schedules/types.js";
import { architecture, bits, quantization } from "../helpers/experiments.js";
import { agrees, golden, onEveryEngine } from "../helpers/golden.js";

const base = { lr: 0.01, weightDecay: 0, groups: [] };
const adam = { kind: "adam", ...base, betas: [0.9, 0.999], epsilon: 1e-8 } as const;
const adamw = { ...adam, kind: "adamw" } as const;
const sgd = { kind: "sgd", ...base, momentum: 0.9, nesterov: false } as const;

type Step = (parameter: number, gradient: number, number: number) => number;

/** PyTorch's algorithm for one number in float64; the closure keeps its moments. */
function reference(optimizer: ResolvedOptimizer, lr: number, weightDecay: number): Step {
  if (optimizer.kind !== "sgd") {
    const { epsilon, betas } = optimizer;
    const isDecoupled = optimizer.kind === "adamw";
    let [m, v] = [0, 0];
    return (start, gradient, n) => {
      const parameter = isDecoupled ? start - lr * weightDecay * start : start;
      const g = isDecoupled ? gradient : gradient + weightDecay * start;
      m = betas[0] * m + (1 - betas[0]) * g;
      v = betas[1] * v + (1 - betas[1]) * g * g;
      const [unbiasedM, unbiasedV] = [m / (1 - betas[0] ** n), v / (1 - betas[1] ** n)];
      return parameter - (lr * unbiasedM) / (Math.sqrt(unbiasedV) + epsilon);
    };
  }
  const { momentum, nesterov } = optimizer;
  let buffer: number | null = null;
  return (parameter, gradient) => {
    const g = gradient + weightDecay * parameter;
    buffer = buffer === null ? g : momentum * buffer + g;
    return parameter - lr * (nesterov ? g + momentum * buffer : buffer);
  };
}

const cases: [string, ResolvedOptimizer, number][] = [
  ["Adam", adam, 0],
  ["Adam with weight decay", adam, 0.1],
  ["Adam with other betas and a large epsilon", { ...adam, betas: [0.5, 0.9], epsilon: 0.1 }, 0.01],
  ["Adam without memory", { ...adam, betas: [0, 0] }, 0],
  ["AdamW", adamw, 0.1],
  ["AdamW without weight decay", adamw, 0],
  ["SGD without momentum", { ...sgd, momentum: 0 }, 0],
  ["SGD", sgd, 0],
  ["SGD with weight decay", sgd, 0.1],
  ["SGD by Nesterov with weight decay", { ...sgd, nesterov: true }, 0.1],
];

onEveryEngine("every optimizer walks as PyTorch's formulas in float64", async (t) => {
  const count = 33;
  for (const [name, optimizer, weightDecay] of cases) {
    const next = stream(5, name);
    const numbers = (scale: number) =>
      Array.from({ length: count }, () => Math.fround(scale * (2 * next() - 1)));
    let wanted = numbers(2);
    const walks = wanted
      .map(() => optimizer.lr)
      .map((lr) => [reference(optimizer, lr, weightDecay), lr] as const);
    const before = memory().numTensors;
    let parameter = tensor1d(wanted) as ReturnType<typeof tensor1d>;
    let state: OptimizerState = {};
    const start = [...wanted];
    for (let n = 1; n <= 20; n++) {
      // Numbers of very different size, zero among them, as gradients of a network are.
      const gradients = numbers(1).map((g, i) => (i === 0 ? 0 : Math.fround(g * 10 ** -(i % 4))));
      wanted = wanted.map((value, i) => walks[i]![0](value, gradients[i]!, n));
      const gradient = tensor1d(gradients);
      const settings = { lr: optimizer.lr, weightDecay, step: n };
      const held = memory().numTensors;
      const after = createOptimizer(optimizer).update([{ parameter, gradient, state }], settings)[0]!;
      const moments = Object.values(after.state);
      t.equal(
        memory().numTensors - held,
        1 + moments.length,
        `${name}: step ${n} leaves only what it returns`,
      );
      t.ok(!parameter.isDisposed && !gradient.isDisposed, `${name}: what came in stays the caller's`);
      dispose([parameter, gradient, ...Object.values(state)]);
      [parameter, state] = [after.parameter as typeof parameter, after.state];
    }
    const moved = (values: ArrayLike<number>) => Array.from(values, (value, i) => value - start[i]!);
    agrees(t, moved(parameter.dataSync()), moved(wanted), 1e-5, `${name}: the way`);
    dispose([parameter, ...Object.values(state)]);
    t.equal(memory().numTensors, before, `${name}: nothing leaks`);
  }
});

onEveryEngine("several parameters at once step as each alone", async (t) => {
  for (const optimizer of [adam, adamw, sgd].map(createOptimizer)) {
    const numbers = (length: number, seed: number) =>
      tensor1d(Array.from({ length }, (_, i) => Math.sin(i * seed)));
    const settings = { lr: 0.1, weightDecay: 0.01, step: 1 };
    let given = [3, 40_000, 1].map((length, at) => ({
      parameter: numbers(length, at + 1),
      gradient: numbers(length, at + 4),
      state: {} as OptimizerState,
    }));
    for (const step of [1, 2]) {
      const together = optimizer.update(given, { ...settings, step });
      const alone = given.flatMap((one) => optimizer.update([one], { ...settings, step }));
      const bits = (updated: typeof together) =>
        updated.map(({ parameter, state }) =>
          [parameter, ...Object.values(state)].map((each) => {
            const { buffer, byteOffset, byteLength } = each.dataSync();
            return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
          }),
        );
      t.equal(together.length, 3);
      t.same(bits(together), bits(alone), `step ${step}`);
      given = given.map((one, at) => ({ ...one, ...together[at]! }) as typeof one);
    }
    t.same(optimizer.update([], settings), []);
  }
});

onEveryEngine("the learning rate may change from step to step", async (t) => {
  for (const optimizer of [adam, adamw, sgd]) {
    const at = createOptimizer(optimizer);
    let [parameter, state]: [ReturnType<typeof tensor1d>, OptimizerState] = [tensor1d([1]), {}];
    let wanted = 1;
    const walks: Step[] = [];
    for (let n = 1; n <= 6; n++) {
      // The moments don't depend on the rate: each reference has seen the same gradients and moves from the same place.
      const lr = n === 3 ? 0 : 0.1 / n;
      walks.push(reference(optimizer, lr, 0));
      const replay = reference(optimizer, lr, 0);
      let reached = wanted;
      for (let k = 1; k <= n; k++) reached = replay(wanted, Math.sin(k), k);
      const gradient = tensor1d([Math.sin(n)]);
      const after = at.update([{ parameter, gradient, state }], { lr, weightDecay: 0, step: n })[0]!;
      [parameter, state, wanted] = [after.parameter as typeof parameter, after.state, reached];
      agrees(t, parameter, [wanted], 1e-6, `${optimizer.kind} step ${n}`);
    }
  }
});

const point = (epoch: number, within: number, rest: Partial<SchedulePoint> = {}): SchedulePoint => {
  const [epochs, stepsPerEpoch] = [rest.epochs ?? 8, rest.stepsPerEpoch ?? 10];
  return {
    epoch,
    epochs,
    stepsPerEpoch,
    step: epoch * stepsPerEpoch + within,
    totalSteps: epochs * stepsPerEpoch,
  };
};
const closed: [string, ResolvedSchedule, (at: SchedulePoint) => number][] = [
  ["constant", { kind: "constant", warmupEpochs: 0 }, () => 1],
  [
    "linear per epoch, as released",
    { kind: "linear", per: "epoch", warmupEpochs: 0 },
    (at) => 1 - (at.epoch + 1) / at.epochs,
  ],
  ["linear per step", { kind: "linear", per: "step", warmupEpochs: 0 }, (at) => 1 - at.step / at.totalSteps],
  [
    "cosine per epoch",
    { kind: "cosine", per: "epoch", warmupEpochs: 0 },
    (at) => Math.cos((Math.PI * at.epoch) / (2 * at.epochs)) ** 2,
  ],
  [
    "cosine per step",
    { kind: "cosine", per: "step", warmupEpochs: 0 },
    (at) => Math.cos((Math.PI * at.step) / (2 * at.totalSteps)) ** 2,
  ],
  [
    "step",
    { kind: "step", milestones: [2, 5], gamma: 0.1, warmupEpochs: 0 },
    (at) => (at.epoch < 2 ? 1 : at.epoch < 5 ? 0.1 : 0.01),
  ],
];

t.test("schedules are their closed forms, and a warm-up multiplies them by a ramp", async (t) => {
  const points = Array.from({ length: 80 }, (_, step) => point(Math.floor(step / 10), step % 10));
  for (const [name, schedule, formula] of closed) {
    const found = points.map((at) => learningRateFactor(schedule, at));
    const wanted = points.map(formula);
    const close = (a: number[], b: number[]) => a.every((value, i) => Math.abs(value - b[i]!) < 1e-12);
    t.ok(close(found, wanted), name);
    const warm = points.map((at) => learningRateFactor({ ...schedule, warmupEpochs: 1.5 }, at));
    const ramped = wanted.map((value, step) => value * Math.min(1, (step + 1) / 15));
    t.ok(close(warm, ramped), `${name} after a warm-up of one and a half epochs`);
  }
});

t.test("every schedule stays within 0 and 1 and never rises once warm", async (t) => {
  const sizes = fc.record({
    epochs: fc.integer({ min: 1, max: 40 }),
    stepsPerEpoch: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(
      sizes,
      fc.nat(3),
      fc.constantFrom(...closed),
      ({ epochs, stepsPerEpoch }, warmup, [name, schedule]) => {
        const steps = Array.from({ length: epochs * stepsPerEpoch }, (_, step) => {
          const at = point(Math.floor(step / stepsPerEpoch), step % stepsPerEpoch, { epochs, stepsPerEpoch });
          return learningRateFactor({ ...schedule, warmupEpochs: warmup }, at);
        });
        const warm = steps.slice(warmup * stepsPerEpoch);
        t.ok(
          steps.every((factor) => factor >= 0 && factor <= 1),
          `${name}: within bounds`,
        );
        t.ok(
          warm.every((factor, i) => i === 0 || factor <= warm[i - 1]! + 1e-12),
          `${name}: never rises`,
        );
      },
    ),
    { numRuns: 200 },
  );
});

/** The globs of experiments/bases/imagenet-n2uq.yaml. */
const globs = ["*.quan1.a", "*.quan2.a", "*scale*", "*start*"];
const resnet18 = (n: number, downsample: boolean) =>
  buildGraph(architecture("resnet", { depth: 18 }), quantization({ bits: bits(n), downsample }), quantizers);
const namesOf = (graph: ReturnType<typeof buildGraph>) =>
  graph.nodes.flatMap(({ params }) => params.map(({ name }) => name));

t.test("a ResNet-18's parameters fall into the released code's groups", async (t) => {
  type Groups = Record<"alpha" | "weight" | "other", string[]>;
  for (const { tag, param_groups } of golden<{ tag: string; param_groups: Groups }[]>("trajectory")) {
    const graph = resnet18(Number(/(\d)bit/.exec(tag)?.[1]), tag.endsWith("quantized"));
    const known = new Set(namesOf(graph));
    // The released lists also name constants (`two`, `eps`, `clip_val`) that no gradient ever moves.
    const ours = (names: string[]) => names.filter((name) => known.has(name)).sort();
    const wanted = [ours(param_groups.alpha), ours([...param_groups.weight, ...param_groups.other])];
    const settings = { ...adam, lr: 0.00125, groups: [{ match: globs, lrScale: 0.1 }] };
    const groups = groupParameters(graph, settings);
    t.same(
      groups.map(({ tensors }) => [...tensors].sort()),
      wanted,
      tag,
    );
    t.equal(
      wanted[0]!.length + wanted[1]!.length,
      known.size,
      `${tag}: the released lists have every parameter`,
    );
    t.ok(wanted[0]!.length >= 64, `${tag}: ${wanted[0]!.length} quantizer parameters learn slowly`);
    agrees(
      t,
      groups.map(({ lr }) => lr),
      [0.000125, 0.00125],
      1e-12,
      `${tag}: learning rates`,
    );
  }
});

t.test("every parameter is in exactly one group: the first that matches it", async (t) => {
  const graph = resnet18(2, true);
  const names = namesOf(graph);
  const matchers = {
    "**": /^/,
    "*.weight": /\.weight$/,
    "layer1.*": /^layer1\./,
    "*scale*": /scale/,
    "fc.bias": /^fc\.bias$/,
  };
  const glob = fc.constantFrom(...(Object.keys(matchers) as (keyof typeof matchers)[]));
  const group = fc.record({
    match: fc.array(glob, { minLength: 1, maxLength: 2 }),
    lrScale: fc.constantFrom(0, 0.1, 2),
    weightDecay: fc.option(fc.constantFrom(0, 0.5), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(group, { maxLength: 4 }), (declared) => {
      const settings = {
        ...adam,
        lr: 2,
        weightDecay: 0.25,
        groups: declared.map(({ weightDecay, ...rest }) => ({
          ...rest,
          ...(weightDecay !== undefined && { weightDecay }),
        })),
      };
      const groups = groupParameters(graph, settings);
      t.same(groups.flatMap(({ tensors }) => tensors).sort(), [...names].sort(), "each once");
      t.notOk(
        groups.some(({ tensors }) => tensors.length === 0),
        "no empty group",
      );
      const wanted = names.map((name) => {
        const first = declared.find(({ match }) => match.some((one) => matchers[one].test(name)));
        return [name, 2 * (first?.lrScale ?? 1), first?.weightDecay ?? 0.25];
      });
      const found = groups.flatMap(({ lr, weightDecay, tensors }) =>
        tensors.map((name) => [name, lr, weightDecay]),
      );
      t.same(new Map(found.map((one) => [one[0], one])), new Map(wanted.map((one) => [one[0], one])));
    }),
    { numRuns: 60 },
  );
});

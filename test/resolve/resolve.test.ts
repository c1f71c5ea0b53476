import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { knownModels } from "../../src/models/network.js";
import { effectiveOptions } from "../../src/resolve/quantizerOptions.js";
import { type ResolveContext, resolveExperiment } from "../../src/resolve/resolve.js";
import type { WholeExperiment } from "../../src/schema/defaults.js";

const models = knownModels(quantizers);
const stages = [
  { block: "basic", channels: 4, blocks: 1 },
  { block: "basic", channels: 8, blocks: 1, stride: 2 },
];
const written = {
  name: "x",
  architecture: { family: "stages", inputSize: 8, stages },
  data: { dataset: "synthetic", synthetic: { trainSize: 64, testSize: 16 } },
  quantization: { method: "lsq", bits: 2 },
} as WholeExperiment;
const facts = { classes: 10, imageSize: [8, 8], channels: 3 } as const;
const resolve = (rest: object = {}, more: object = {}, context: Partial<ResolveContext> = {}) =>
  resolveExperiment({ ...written, ...rest } as WholeExperiment, {
    ...{ facts: { ...facts, ...more }, engine: "wasm", models, content: {} },
    ...context,
  });

t.test("a teacher and initial weights are resolved, or null", async (t) => {
  const { architecture } = written;
  const taught = resolve({
    teacher: { weights: "x", architecture: { ...architecture, width: 2 } },
  }).resolved;
  t.match(taught.teacher, {
    weights: "x",
    architecture: { family: "stages", classes: 10, layout: "torchvision" },
  });
  t.equal(taught.training.loss.kind, "distillation");
  t.same(resolve({ init: { weights: "y", strict: true } }).resolved.init, { weights: "y", strict: true });
  t.same([resolve().resolved.teacher, resolve().resolved.init], [null, null]);
});

t.test("the network needs an output for each class; more are a warning", async (t) => {
  const of = (classes: number) => () =>
    resolve({ architecture: { ...(written.architecture as object), classes } });
  const path = ["architecture", "classes"];
  t.same(resolve().warnings, []);
  t.same(of(10)().warnings, []);
  t.same(of(11)().warnings, [{ path, text: "the network has 11 outputs for the 10 classes of synthetic" }]);
  t.throws(of(9), { code: "N2UQ_RESOLVE_CLASSES", details: { classes: 9, found: 10, path } });
  t.throws(() => resolve({}, { classes: 1 }), {
    code: "N2UQ_DATA_ONE_CLASS",
    details: { found: 1, path: ["data"] },
  });
  t.doesNotThrow(() => resolve({}, { classes: 2 }));
});

t.test("gray images fit any network, others only one with as many channels", async (t) => {
  const of = (inputChannels: number, channels: number) => () =>
    resolve({ architecture: { ...(written.architecture as object), inputChannels } }, { channels });
  t.doesNotThrow(of(3, 3));
  t.doesNotThrow(of(3, 1));
  t.throws(of(1, 3), {
    code: "N2UQ_DATA_CHANNELS",
    details: { channels: 3, wanted: 1, path: ["architecture", "inputChannels"] },
  });
});

t.test(
  "only settings of the quantization that change a layer stay, with a reason for the others",
  async (t) => {
    const of = (quantization: object) => {
      const { resolved, idle } = resolve({ quantization: { method: "lsq", bits: 2, ...quantization } });
      const { method: _, ...rest } = resolved.quantization;
      return [
        rest,
        idle.filter(({ path }) => path[0] === "quantization").map(({ path }) => path.slice(1).join(".")),
      ];
    };
    const usual = { bits: { weights: 2, activations: 2 }, downsample: true, keep: null, layers: [] };
    t.strictSame(of({}), [usual, []]);
    t.strictSame(of({ bits: { weights: 3 } })[0], { ...usual, bits: { weights: 3, activations: 2 } });
    t.strictSame(of({ keep: ["conv1", "fc"] }), [usual, []], "the usual list");
    t.strictSame(of({ keep: ["conv1"] })[0], { ...usual, keep: ["conv1"] });
    t.strictSame(of({ keep: ["conv1", "conv*", "fc"] }), [usual, ["keep.0"]]);
    const rule = { match: "layer1.*", bits: { weights: 4, activations: 4 } };
    t.strictSame(of({ layers: [rule] }), [{ ...usual, layers: [rule] }, []]);
    const overruled = { match: "layer1.0.conv1", bits: 8 };
    t.strictSame(of({ layers: [overruled, rule] }), [
      { ...usual, layers: [{ ...rule, place: 1 }] },
      ["layers.0.match"],
    ]);
    const half = [
      { match: "layer1.*", bits: 8 },
      { match: "layer1.*", bits: { weights: 4 } },
    ];
    t.strictSame(of({ layers: half }), [
      {
        ...usual,
        layers: [
          { match: "layer1.*", bits: { activations: 8 } },
          { match: "layer1.*", bits: { weights: 4 } },
        ],
      },
      ["layers.0.bits.weights"],
    ]);
    t.strictSame(of({ layers: [{ ...rule, method: "lsq", keep: false }] }), [
      { ...usual, layers: [{ ...rule, method: "lsq", keep: false }] },
      [],
    ]);
    const everywhere = { match: "layer*", bits: { weights: 3, activations: 3 } };
    t.strictSame(of({ layers: [everywhere] }), [{ downsample: true, keep: null, layers: [everywhere] }, []]);
    t.strictSame(of({ layers: [{ match: "layer*", bits: { weights: 3 } }] })[0], {
      ...{ bits: { activations: 2 }, downsample: true, keep: null },
      layers: [{ match: "layer*", bits: { weights: 3 } }],
    });
    t.strictSame(of({ method: "none", layers: [rule] }), [{ keep: null, layers: [] }, ["layers.0.bits"]]);
    const own = { ...rule, method: "pact" };
    t.strictSame(of({ method: "none", layers: [own] })[0], { downsample: true, keep: null, layers: [own] });
  },
);

t.test("options are kept if another value would change a layer", async (t) => {
  const options = { regularizer: { kind: "entropy", weight: 1 }, intervals: 16 } as never;
  t.strictSame(
    effectiveOptions(options, () => false),
    {},
  );
  t.strictSame(
    effectiveOptions(options, () => true),
    options,
  );
  const weight = (others: { regularizer?: { weight?: number } }) =>
    others.regularizer !== undefined && others.regularizer.weight !== 1;
  t.strictSame(effectiveOptions(options, weight as never), { regularizer: { kind: "entropy", weight: 1 } });
  const kind = (others: { regularizer?: { kind?: string } }) => others.regularizer?.kind === "weight-norm";
  t.strictSame(effectiveOptions(options, kind as never), { regularizer: { kind: "entropy" } });
  const intervals: unknown[] = [];
  effectiveOptions({ intervals: 16 } as never, (others) => {
    intervals.push((others as { intervals?: number }).intervals);
    return false;
  });
  t.notOk(intervals.includes(16));
  t.ok(intervals.length >= 2, "the ends of its range are tried");
});

import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { buildGraph } from "../../src/models/models.js";
import { describeMatch, isComplete, matchTensors } from "../../src/train/match.js";
import { architecture, quantization } from "../helpers/experiments.js";
import { line } from "../helpers/lineLoop.js";

const held = (shapes: Record<string, readonly number[]>) =>
  new Map(Object.entries(shapes).map(([name, shape]) => [name, { shape }]));
const own = { "fc.weight": [7, 2], "fc.bias": [7] };

t.test("tensors match by name and shape", async (t) => {
  const whole = matchTensors(line, held(own), "all");
  t.same(
    whole.pairs.map(({ from, isBuffer }) => [from, isBuffer]),
    [
      ["fc.weight", false],
      ["fc.bias", false],
    ],
  );
  t.ok(isComplete(whole));
  t.equal(describeMatch(whole), "2 tensors matched");

  const odd = matchTensors(line, held({ "fc.weight": [2, 7], "fc.bia": [7], other: [3] }), "all");
  t.same(odd.otherShape, ["fc.weight [2, 7] instead of [7, 2]"]);
  t.same(odd.missing, ["fc.bias"]);
  t.same(odd.leftOver, ["fc.bia", "other"]);
  t.equal(
    describeMatch(odd),
    [
      "0 tensors matched",
      "1 are missing: fc.bias (close to fc.bias in the file: fc.bia)",
      "1 are of another shape: fc.weight [2, 7] instead of [7, 2]",
      "2 are unused: fc.bia, other",
    ].join("; "),
  );
  for (const one of [{ "fc.weight": [7, 2] }, { ...own, "fc.bias": [8] }, { ...own, more: [2] }]) {
    t.notOk(isComplete(matchTensors(line, held(one), "all")));
  }
});

t.test(
  "counters and constants of the released code are ignored, tensors of their names are not",
  async (t) => {
    const ignored = { "bn.num_batches_tracked": [], "a.clip_val": [1], "a.zero": [1, 1], "a.eps": [] };
    t.ok(isComplete(matchTensors(line, held({ ...own, ...ignored }), "all")));
    const kept = { "a.clip_val": [2], "a.step": [1] };
    t.same(matchTensors(line, held({ ...own, ...kept }), "all").leftOver, ["a.clip_val", "a.step"]);
  },
);

t.test("a long list is cut, with a sign of it", async (t) => {
  const names = Array.from({ length: 6 }, (_, i) => [`n${i}`, [1]] as const);
  const text = describeMatch(matchTensors(line, held({ ...own, ...Object.fromEntries(names) }), "all"));
  t.equal(text, "2 tensors matched; 6 are unused: n0, n1, n2, n3, …");
  const four = Object.fromEntries(names.slice(0, 4));
  t.match(describeMatch(matchTensors(line, held({ ...own, ...four }), "all")), /n2, n3$/);
});

const shape = { inputSize: [8, 8] as const, classes: 3, stem: { kernel: 3, stride: 2, channels: 2 } };
const stages = [{ block: "basic" as const, channels: 2, blocks: 1, stride: 1 }];
const network = (method: "n2uq" | "lsq" | "none") =>
  buildGraph(architecture("stages", { ...shape, stages } as never), quantization({ method }), quantizers);

t.test("initial weights lack what only a quantized network has", async (t) => {
  const full = network("none");
  const shapes = new Map(
    full.nodes.flatMap(({ params, buffers }) =>
      [...params, ...buffers].map((spec) => [spec.name, spec] as const),
    ),
  );
  for (const method of ["n2uq", "lsq"] as const) {
    const quantized = network(method);
    const start = matchTensors(quantized, shapes, "full-precision");
    t.same([start.missing, start.otherShape], [[], []], `${method}: all that a network has`);
    t.ok(start.pairs.length > 5);
    t.ok(matchTensors(quantized, shapes, "all").missing.length > 0, "which is not all of it");
  }
  const [first] = [...shapes.keys()];
  shapes.delete(first!);
  t.same(matchTensors(network("lsq"), shapes, "full-precision").missing, [first]);
});

t.test("names are suggested if they are close, and among the first five thousand", async (t) => {
  const missing = { "fc.weight": [7, 2] };
  const suggested = (names: readonly string[]) =>
    describeMatch(
      matchTensors(line, held({ ...missing, ...Object.fromEntries(names.map((one) => [one, [1]])) }), "all"),
    );
  t.match(suggested(["fc.bib"]), "close to fc.bias in the file: fc.bib");
  // Half of the longer name may differ.
  t.match(suggested(["fc.bxyz"]), "fc.bxyz)");
  t.match(suggested(["fc.bwxyz"]), "(close");
  t.notMatch(suggested(["fc.wxyz"]), "close");
  t.match(suggested(["fc.bias.abcdef"]), "close", "twice as long");
  t.notMatch(suggested(["fc.bias.abcdefg"]), "close");
  t.match(suggested(["fc.bia", "fc.bi", "fc.b", "fc.bas"]), /file: (fc\.\w+, ){2}fc\.\w+\)/, "three");
  const far = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);
  t.match(suggested([...far(4999), "fc.bia"]), "fc.bia)");
  t.notMatch(suggested([...far(5000), "fc.bia"]), "close");
});

t.test("a tensor may have its full-precision name, and its own takes precedence", async (t) => {
  const node = (fullPrecisionName: string) => ({
    ...line,
    nodes: line.nodes.map((one) =>
      one.kind === "linear"
        ? { ...one, params: one.params.map((spec) => ({ ...spec, fullPrecisionName })) }
        : one,
    ),
  });
  const graph = node("old");
  const from = (shapes: Record<string, readonly number[]>) =>
    matchTensors(graph, held(shapes), "full-precision").pairs.map((pair) => pair.from);
  t.same(from({ old: [7, 2] }), ["old"]);
  t.same(from({ old: [7, 2], "fc.weight": [7, 2] }), ["fc.weight"]);
  t.same(from({ old: [7, 2], "fc.weight": [2, 7] }), ["old"], "if its shape is the right one");
  const both = matchTensors(graph, held({ "fc.weight": [7, 2], "fc.bias": [7], old: [9] }), "all");
  t.same(both.leftOver, ["old"], "the name that was not taken is left");
  const wrong = matchTensors(graph, held({ old: [9] }), "all");
  t.same(
    [wrong.leftOver, wrong.otherShape.length, wrong.missing],
    [[], 2, []],
    "it is reported as a shape only",
  );
});

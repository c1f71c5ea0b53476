import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import {
  checkGlobs,
  describeDecisions,
  type QuantizableLayer,
  QuantizationPolicy,
} from "../../src/graph/quantization.js";
import type { ResolvedQuantization } from "../../src/resolve/types.js";
import { bits, quantization } from "../helpers/experiments.js";
import { faultOf } from "../helpers/failure.js";

const layer = (id: string, role: QuantizableLayer["role"] = "body"): QuantizableLayer => ({
  ...{ id, names: [id, `${id}.weight`], role },
});
const network = [
  layer("stem", "stem"),
  layer("a.conv1"),
  layer("a.down", "downsample"),
  layer("b.conv1"),
  layer("fc", "classifier"),
];
const settings = (rest: object = {}) =>
  quantization({ method: "lsq", ...rest } as Partial<ResolvedQuantization>);
/** Each layer's origin and bits: `from w/a`, or `from` in full precision. */
const decided = (rest: object = {}, layers = network) => {
  const policy = new QuantizationPolicy(settings(rest), quantizers);
  return layers.map((one) => {
    const { from, weight, activation } = policy.decide(one);
    return weight === undefined ? from : `${from} ${weight.method} ${weight.bits}/${activation!.bits}`;
  });
};
const checked = (rest: object) => {
  const policy = new QuantizationPolicy(settings(rest), quantizers);
  for (const one of network) policy.decide(one);
  return faultOf(() => policy.check());
};

const usual = "quantization lsq 2/2";

t.test("the first and the last layer are kept unless `keep` says otherwise", async (t) => {
  t.same(decided(), ["keep (default)", usual, usual, usual, "keep (default)"]);
  t.same(decided({ keep: [] }), [usual, usual, usual, usual, usual]);
  t.same(decided({ keep: ["stem", "b.*"] }), ["keep[0]", usual, usual, "keep[1]", usual]);
  t.same(decided({ keep: ["*.weight", "stem*"] })[0], "keep[1]", "the last that matches is named");
  t.same(decided({ downsample: false }), [
    "keep (default)",
    usual,
    "downsample: false",
    usual,
    "keep (default)",
  ]);
  t.same(decided({ downsample: undefined })[2], usual);
  t.same(decided({ downsample: false, keep: ["a.*"] })[2], "keep[0]");
});

t.test("later rules win, and each changes only what it sets", async (t) => {
  const layers = [
    { match: "a.*", bits: { weights: 3 } },
    { match: "*.conv1", bits: { activations: 5 } },
    { match: "b.conv1.weight", method: "pact", bits: bits(8) },
  ];
  const wanted = ["keep (default)", "layers[1] lsq 3/5", "layers[0] lsq 3/2", "layers[2] pact 8/8"];
  t.same(decided({ layers }), [...wanted, "keep (default)"]);
  t.same(
    decided({
      layers: [
        { match: "a.*", keep: true },
        { match: "a.conv1", bits: bits(4) },
      ],
    })[1],
    "layers[0]",
  );
  const back = [
    { match: "a.*", keep: true },
    { match: "a.conv1", keep: false },
  ];
  t.same(decided({ layers: back }).slice(1, 3), ["layers[1] lsq 2/2", "layers[0]"]);
  t.same(decided({ layers: [{ match: "fc", keep: false }] })[4], "layers[0] lsq 2/2");
  t.same(decided({ layers: [{ match: "fc", keep: false, place: 7 }] })[4], "layers[7] lsq 2/2", "as written");
  t.same(decided({ method: "none" })[1], "quantization");
  t.same(decided({ layers: [{ match: "a.conv1", method: "none" }] })[1], "layers[0]");
  const own = {
    method: "none",
    bits: null,
    layers: [{ match: "a.conv1", method: "lsq", bits: { weights: 4 } }],
  };
  t.same(decided(own)[1], "layers[0] lsq 4/2", "bits that nothing sets");
});

t.test("a rule that matches nothing is an error with its place and close names", async (t) => {
  const code = "N2UQ_RULE_MATCHES_NOTHING";
  const path = (index: number) => ["quantization", "layers", index, "match"];
  const good = { match: "a.*", bits: bits(4) };
  t.equal(checked({ layers: [good] }), null);
  t.match(checked({ layers: [good, { match: "c.conv1", bits: bits(4) }] }), {
    ...{ code, match: "c.conv1", path: path(1), close: /^a\.conv1, / },
  });
  t.match(
    checked({ layers: [{ match: "c.conv1", bits: bits(4) }] }),
    { close: /^[^ ]+(, [^ ]+){3}$/ },
    "four",
  );
  t.match(checked({ layers: [{ match: "c", bits: bits(4), place: 5 }] }), { code, path: path(5) });
  t.match(checked({ keep: ["stem", "x"] }), { code, match: "x", path: ["quantization", "keep", 1] });
  t.equal(checked({ keep: ["stem"] }), null);
});

t.test("a rule for layers that stay in full precision is an error, unless it keeps them", async (t) => {
  const code = "N2UQ_RULE_WITHOUT_EFFECT";
  const idle = { match: "stem", bits: bits(4) };
  t.match(checked({ layers: [idle] }), { code, match: "stem", path: ["quantization", "layers", 0, "match"] });
  t.match(checked({ layers: [{ ...idle, place: 3 }] }), {
    code,
    path: ["quantization", "layers", 3, "match"],
  });
  t.equal(checked({ layers: [{ ...idle, keep: false }] }), null);
  t.equal(checked({ layers: [{ ...idle, keep: true }] }), null);
  t.equal(checked({ layers: [{ match: "*", bits: bits(4) }] }), null, "one layer is enough");
  t.match(checked({ layers: [idle, { match: "x", bits: bits(4) }] }), { code: "N2UQ_RULE_MATCHES_NOTHING" });
});

t.test("only the globs are checked before the network is known in full", async (t) => {
  const of = (rest: object) => faultOf(() => checkGlobs(network, settings(rest), quantizers));
  t.equal(of({ layers: [{ match: "stem", bits: bits(4) }] }), null, "without effect");
  t.match(of({ layers: [{ match: "x", bits: bits(4) }] }), { code: "N2UQ_RULE_MATCHES_NOTHING" });
});

t.test("equal texts mean equally quantized networks", async (t) => {
  const of = (rest: object) => describeDecisions(network, settings(rest), quantizers);
  const side = { method: "lsq", bits: 2 };
  t.same(
    of({ keep: ["stem"] })
      .split("\n")
      .map((line) => JSON.parse(line)),
    network.map(({ id }) => [id, id === "stem" ? null : side, id === "stem" ? null : side]),
  );
  t.equal(of({ keep: null }), of({ keep: ["stem", "fc"] }), "whatever sets it");
  t.not(of({ keep: null }), of({ keep: ["stem"] }));
});

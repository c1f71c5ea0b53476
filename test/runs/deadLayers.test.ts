import t from "tap";
import { deadLines, deadWords } from "../../src/runs/deadLayers.js";
import type { DeadLayer } from "../../src/runs/record.js";

const clamped: DeadLayer = {
  ...{
    layer: "quan1",
    parameter: "step",
    bound: 1e-8,
    steps: 3,
    firstStep: 7,
    atEnd: true,
    value: 1.23456e-9,
  },
};
const constant: DeadLayer = { ...clamped, layer: "fc", parameter: null, bound: null, value: 0.33333 };

t.test("a dead layer in one line", async (t) => {
  t.same(deadLines({ deadLayers: [clamped, { ...clamped, steps: 1, atEnd: false, value: 0.5 }, constant] }), [
    "dead layer quan1: step was not above 1e-8 for 3 steps from step 7 on, and at the end (1.23e-9)",
    "dead layer quan1: step was not above 1e-8 for 1 step from step 7 on, but not at the end (0.5)",
    "dead layer fc: its output has only the level 0.333",
  ]);
  t.same(deadLines({}), [], "a record of an older version");
  t.same(deadLines({ deadLayers: [] }), []);
});

t.test("dead layers in a few words", async (t) => {
  t.equal(deadWords({ deadLayers: [] }), "");
  t.equal(deadWords({ deadLayers: [clamped, { ...clamped, parameter: "offset" }] }), "dead layer quan1");
  t.equal(deadWords({ deadLayers: [clamped, constant] }), "2 dead layers: quan1 and others");
});

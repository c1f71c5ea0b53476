import t from "tap";
import type { SearchedLayer } from "../../src/graph/mixedPrecision.js";
import { chooseBits, costOf } from "../../src/graph/mixedPrecision.js";

const layer = (
  id: string,
  penalties: Record<number, number>,
  costs: Record<string, number>,
): SearchedLayer => ({
  ...{ id, candidates: [2, 4, 8], penalties, costs },
});
const chosen = (layers: readonly SearchedLayer[], limits: Parameters<typeof chooseBits>[1]) => {
  const bits = chooseBits(layers, limits);
  return bits && layers.map(({ id }) => bits.get(id));
};

t.test("the cost is that of all bits, and of what is not searched", async (t) => {
  const layers = [layer("a", {}, { size: 3 }), layer("b", {}, { size: 5, time: 2 })];
  const bits = new Map([
    ["a", 2],
    ["b", 4],
  ]);
  t.equal(costOf(layers, bits, "size", { fixed: 7 }), 7 + 6 + 20);
  t.equal(costOf(layers, bits, "time", { fixed: 0 }), 8, "a has no cost in time");
  t.equal(costOf(layers, new Map(), "size", { fixed: 7 }), 7, "no bits, no cost");
});

t.test("the first step down is the one with the least loss per saving", async (t) => {
  // From 8 to 4 bits: a loses 0.4 for 4 bits of cost 1, b loses 0.6 for 4 bits of cost 2.
  const layers = [
    layer("a", { 2: 9, 4: 0.4, 8: 0 }, { size: 1 }),
    layer("b", { 2: 9, 4: 0.6, 8: 0 }, { size: 2 }),
  ];
  t.same(chosen(layers, { size: { fixed: 0, most: 24 } }), [8, 8]);
  t.same(chosen(layers, { size: { fixed: 1, most: 24 } }), [8, 4], "0.3 per saving is less than 0.4");
  t.same(chosen(layers, { size: { fixed: 0, most: 15 } }), [4, 4]);
  t.same(chosen(layers, { size: { fixed: 0, most: 6 } }), [2, 2]);
  t.equal(chosen(layers, { size: { fixed: 0, most: 5.9 } }), null);
});

t.test("savings count relative to the limits that are violated", async (t) => {
  const layers = [
    layer("a", { 2: 2, 4: 1, 8: 0 }, { size: 4, time: 1 }),
    layer("b", { 2: 2, 4: 1, 8: 0 }, { size: 1, time: 4 }),
  ];
  const enough = { fixed: 0, most: 40 };
  t.same(chosen(layers, { size: { fixed: 0, most: 39 }, time: enough }), [4, 8], "a saves more size");
  t.same(chosen(layers, { size: enough, time: { fixed: 0, most: 39 } }), [8, 4], "b saves more time");
  // Both are violated; size has the smaller limit, so size takes precedence.
  const small = { fixed: -34, most: 4 };
  t.same(chosen(layers, { size: small, time: { fixed: 0, most: 39 } }), [4, 8]);
});

t.test("a candidate without a penalty adds no loss", async (t) => {
  const one = (penalties: Record<number, number>, candidates: number[]): SearchedLayer[] => [
    { id: "a", candidates, penalties, costs: { size: 1 } },
    { id: "b", candidates: [4, 8], penalties: { 4: 0.5, 8: 0 }, costs: { size: 1 } },
  ];
  const limits = { size: { fixed: 0, most: 12 } };
  t.same(chosen(one({ 4: 0.4 }, [4, 8]), limits), [4, 8], "the largest: 0 - 0.4 is above 0 - 0.5");
  t.same(chosen(one({ 4: 0.6 }, [4, 8]), limits), [8, 4], "and 0 - 0.6 is below");
  t.same(chosen(one({ 8: -0.4 }, [4, 8]), limits), [4, 8], "the smaller: -0.4 - 0");
  t.same(chosen(one({ 8: -0.6 }, [4, 8]), limits), [8, 4]);
});

t.test("what is left is spent on the step that removes the most loss per cost", async (t) => {
  // The step down of b frees 40 and leaves room for two steps up of the others, which fit one at a time.
  const layers: SearchedLayer[] = [
    { id: "a", candidates: [2, 4], penalties: { 2: 0.3, 4: 0 }, costs: { size: 1 } },
    { id: "b", candidates: [4, 8], penalties: { 4: 0.1, 8: 0 }, costs: { size: 10 } },
    { id: "c", candidates: [2, 3], penalties: { 2: 0.2, 3: 0 }, costs: { size: 1 } },
  ];
  const at = (most: number) => chosen(layers, { size: { fixed: 0, most } });
  t.same(at(87), [4, 8, 3]);
  t.same(at(86), [4, 4, 3], "b is the cheapest to lose, and nothing else needs to shrink");
  t.same(at(47), [4, 4, 3]);
  t.same(at(46), [2, 4, 3], "0.15 per bit of a is less than 0.2 of c");
  t.same(at(45), [2, 4, 3]);
  t.same(at(44), [2, 4, 2]);
  t.equal(at(43), null);
});

t.test("a step up that fits but removes no loss is not taken", async (t) => {
  const gained = (penalty: number) =>
    chosen(
      [
        { id: "a", candidates: [2, 4], penalties: { 2: penalty, 4: 0 }, costs: { size: 1 } },
        { id: "b", candidates: [2, 8], penalties: { 2: 1, 8: 0 }, costs: { size: 1 } },
      ],
      { size: { fixed: 0, most: 6 } },
    );
  // a shrinks first if that costs nothing; then b must shrink as well, and a fits again.
  t.same(gained(0), [2, 2]);
  t.same(gained(-0.1), [2, 2]);
  t.same(gained(0.1), [4, 2], "taken if it removes loss, and if it uses the limit up exactly");
});

t.test("of equal steps the earlier layer takes its own", async (t) => {
  const same = ["a", "b", "c"].map((id) => layer(id, { 2: 2, 4: 1, 8: 0 }, { size: 1 }));
  t.same(chosen(same, { size: { fixed: 0, most: 23 } }), [4, 8, 8]);
  const free = ["a", "b"].map((id) => layer(id, { 2: 2, 4: 1, 8: 0 }, { size: 0 }));
  t.same(chosen(free, { size: { fixed: 0, most: 1 } }), [8, 8], "no cost, no limit");
  t.equal(chosen(free, { size: { fixed: 2, most: 1 } }), null, "what is not searched is too much");
});

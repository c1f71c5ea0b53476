import fc from "fast-check";
import t from "tap";
import type { SearchedLayer } from "../../src/graph/mixedPrecision.js";
import { chooseBits, costOf } from "../../src/graph/mixedPrecision.js";

const layer = fc.record({
  weights: fc.integer({ min: 1, max: 100 }),
  candidates: fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 3 }),
  slope: fc.array(fc.double({ min: -0.1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }),
});

function searched(drawn: { weights: number; candidates: number[]; slope: number[] }[]): SearchedLayer[] {
  const all = drawn.reduce((sum, { weights }) => sum + weights, 0);
  return drawn.map(({ weights, candidates, slope }, index) => {
    const own = candidates.toSorted((a, b) => a - b);
    const penalties = Object.fromEntries(
      own.map((bits) => [bits, bits === own.at(-1) ? 0 : slope[bits - 1]!]),
    );
    return { id: `layer${index}`, candidates: own, penalties, costs: { averageWeightBits: weights / all } };
  });
}

t.test(
  "bits are chosen within the budget, from the candidates, and nothing is left that would fit and help",
  async (t) => {
    fc.assert(
      fc.property(
        fc.array(layer, { minLength: 1, maxLength: 6 }),
        fc.double({ min: 1, max: 8, noNaN: true }),
        (drawn, most) => {
          const layers = searched(drawn);
          const limits = { averageWeightBits: { fixed: 0, most } };
          const cost = (bits: ReadonlyMap<string, number>) =>
            costOf(layers, bits, "averageWeightBits", { fixed: 0 });
          const least = new Map(layers.map(({ id, candidates }) => [id, candidates[0]!]));
          const bits = chooseBits(layers, limits);
          if (bits === null) {
            t.ok(cost(least) > most, "none only where even the smallest are too much");
            return;
          }
          t.ok(cost(bits) <= most);
          for (const { id, candidates, penalties } of layers) {
            const now = bits.get(id)!;
            t.ok(candidates.includes(now));
            const next = candidates[candidates.indexOf(now) + 1];
            if (next === undefined || cost(new Map([...bits, [id, next]])) > most) continue;
            t.ok(penalties[now]! - penalties[next]! <= 0, `${id} could have ${next} bits`);
          }
        },
      ),
    );
  },
);

t.test("a budget may be used up exactly", async (t) => {
  const layers = searched([{ weights: 1, candidates: [2, 4], slope: [0, 0.5, 0, 0, 0, 0, 0, 0] }]);
  const bitsFor = (most: number) =>
    chooseBits(layers, { averageWeightBits: { fixed: 0, most } })?.get("layer0");
  t.same([bitsFor(1), bitsFor(2), bitsFor(3), bitsFor(4)], [undefined, 2, 2, 4]);
});

t.test("the layer that minds most keeps its bits", async (t) => {
  const layers = searched([
    { weights: 10, candidates: [2, 4], slope: [0, 0.5, 0, 0, 0, 0, 0, 0] },
    { weights: 10, candidates: [2, 4], slope: [0, 0.1, 0, 0, 0, 0, 0, 0] },
  ]);
  const limits = { averageWeightBits: { fixed: 0, most: 3 } };
  t.same(
    [...chooseBits(layers, limits)!],
    [
      ["layer0", 4],
      ["layer1", 2],
    ],
  );
});

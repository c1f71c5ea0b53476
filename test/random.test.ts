import fc from "fast-check";
import t from "tap";
import { normals, stream, uniforms } from "../src/random.js";

const take = (count: number, next: () => number) => Array.from({ length: count }, next);

t.test("a stream is fixed by its seed and name, and by nothing else", async (t) => {
  const [key, numbers] = [fc.tuple(fc.nat(), fc.string()), (of: [number, string]) => take(8, stream(...of))];
  fc.assert(
    fc.property(key, key, (one, other) => {
      t.same(numbers(one), numbers([...one]), `${one}`);
      if (one.join() !== other.join()) t.notSame(numbers(one), numbers(other), `${one} and ${other}`);
    }),
  );
});

t.test(
  "numbers of streams are uniform, also taken together with those of the next name or seed",
  async (t) => {
    const count = 40_000;
    const bins = 100;
    /**
     * For uniform numbers this is χ² with `bins` - 1 degrees of freedom; more than five std has a chance of
     * one in millions.
     */
    const chiSquare = (indices: number[]) => {
      const hits = new Array<number>(bins).fill(0);
      for (const index of indices) hits[index]! += 1;
      const expected = indices.length / bins;
      return hits.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    };
    const limit = bins - 1 + 5 * Math.sqrt(2 * (bins - 1));
    const streams = { a: stream(0, "a"), b: stream(0, "b"), next: stream(1, "a") };
    const values = Object.fromEntries(
      Object.entries(streams).map(([name, next]) => [name, take(count, next)]),
    ) as Record<keyof typeof streams, number[]>;
    for (const [name, numbers] of Object.entries(values)) {
      t.ok(
        numbers.every((x) => x >= 0 && x < 1),
        `${name}: in [0, 1)`,
      );
      t.ok(chiSquare(numbers.map((x) => Math.floor(x * bins))) < limit, `${name}: uniform`);
      const successors = numbers.slice(1).map((x, i) => cell(x, numbers[i]!));
      t.ok(chiSquare(successors) < limit, `${name}: independent of the number before`);
    }
    const pairs = (other: number[]) => values.a.map((x, i) => cell(x, other[i]!));
    t.ok(chiSquare(pairs(values.b)) < limit, "independent of another name's");
    t.ok(chiSquare(pairs(values.next)) < limit, "independent of another seed's");
  },
);

/** One of a hundred squares that a pair falls into. */
function cell(x: number, y: number): number {
  return 10 * Math.floor(x * 10) + Math.floor(y * 10);
}

t.test("uniforms fill their interval and draw from the stream of their name", async (t) => {
  const values = uniforms(1000, -3, 5, 7, "w");
  const next = stream(7, "w");
  t.same(
    [...values],
    take(1000, () => Math.fround(-3 + 8 * next())),
  );
  t.ok(Math.min(...values) < -2.9 && Math.max(...values) > 4.9);
});

t.test("normals have the moments and the tails of a normal distribution", async (t) => {
  const [count, deviation] = [100_001, 2.5];
  const z = Array.from(normals(count, deviation, 3, "layer1.0.conv1.weight"), (value) => value / deviation);
  t.equal(z.length, count, "odd counts too");
  const moment = (k: number) => z.reduce((sum, value) => sum + value ** k, 0) / count;
  // The k-th sample moment of a standard normal has variance (E z²ᵏ - (E zᵏ)²)/n.
  const wanted = [
    [1, 0, 1],
    [2, 1, 2],
    [3, 0, 15],
    [4, 3, 96],
  ] as const;
  for (const [k, mean, variance] of wanted) {
    t.ok(Math.abs(moment(k) - mean) < 5 * Math.sqrt(variance / count), `moment ${k} is ${moment(k)}`);
  }
  for (const [bound, share] of [
    [1, 0.682689],
    [2, 0.9545],
    [3, 0.9973],
  ] as const) {
    const within = z.filter((value) => Math.abs(value) < bound).length / count;
    t.ok(
      Math.abs(within - share) < 5 * Math.sqrt((share * (1 - share)) / count),
      `${within} within ±${bound}`,
    );
  }
  const products = z.slice(1).reduce((sum, value, i) => sum + value * z[i]!, 0) / (count - 1);
  t.ok(Math.abs(products) < 5 / Math.sqrt(count), "neighbours (which share a radius) are uncorrelated");
  t.same(
    normals(5, 1, 3, "x"),
    normals(6, 1, 3, "x").subarray(0, 5),
    "a longer draw begins with the shorter",
  );
});

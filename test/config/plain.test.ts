import t from "tap";
import { plainFault } from "../../src/config/plain.js";

const circular: Record<string, unknown> = {};
circular.again = circular;

/** Values that no config may have, and the fault. */
const faulty: readonly (readonly [value: unknown, fault: RegExp])[] = [
  [() => 1, /^it is a function$/],
  [{ training: { epochs: () => 1 } }, /^training\.epochs is a function$/],
  [{ list: [1, { deep: Number.NaN }] }, /^list\.1\.deep is NaN$/],
  [{ list: [Number.POSITIVE_INFINITY] }, /^list\.0 is Infinity$/],
  [{ first: 1, second: 2n }, /^second is /],
  [{ first: 1, second: Symbol("x") }, /^second is /],
  [Promise.resolve({}), /^it is a promise$/],
  [{ date: new Date() }, /^date is a Date$/],
  [{ map: new Map() }, /^map is a Map$/],
  [circular, /again is nested too deep, or circular$/],
];

t.test("what is not plain JSON is named with its place", async (t) => {
  for (const [value, fault] of faulty) t.match(plainFault(value) ?? "none", fault, String(fault));
});

t.test("plain values have no fault", async (t) => {
  const bare = Object.assign(Object.create(null), { key: [1, "a", true, null, undefined, {}] });
  for (const value of [1, "a", true, null, undefined, [], {}, [[{}]], bare])
    t.equal(plainFault(value), undefined);
});

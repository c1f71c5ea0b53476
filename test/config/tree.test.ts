import t from "tap";
import { kindOf } from "../../src/config/kinds.js";
import { plainFault } from "../../src/config/plain.js";
import {
  childOf,
  entriesOf,
  fromValue,
  itemsOf,
  originAt,
  partAt,
  toValue,
  withEntry,
  withOrigins,
  without,
} from "../../src/config/tree.js";
import { readYaml } from "../../src/config/yaml.js";

const origin = { kind: "default", label: "test" } as const;
const value = { a: 1, b: [2, { c: null }], d: { e: "x", f: true } };
const tree = fromValue(value, origin);
const read = (text: string) => readYaml(text, { kind: "file", file: "x.yaml", label: (line) => `x:${line}` });

t.test("a value and its tree", async (t) => {
  t.strictSame(toValue(tree), value);
  t.strictSame(toValue(partAt(tree, ["b", 1])!), { c: null });
  t.strictSame(toValue(childOf(childOf(tree, "b"), 0)!), 2);
  for (const [path, missing] of [
    [["x"], true],
    [["b", 2], true],
    [["b", "0"], true],
    [["a", "x"], true],
    [["a", 0], true],
    [["x", "y"], true],
    [["d", "e"], false],
    [[], false],
  ] as const)
    t.equal(partAt(tree, path) === undefined, missing, path.join("."));
  t.equal(partAt(undefined, ["a"]), undefined);
  t.equal(toValue(partAt(fromValue({ 1: "one" }, origin), [1])!), "one", "a number can be a key");
  t.same(
    [itemsOf(childOf(tree, "b")).length, itemsOf(tree), itemsOf(undefined), itemsOf(childOf(tree, "a"))],
    [2, [], [], []],
  );
  t.same(
    [entriesOf(tree).map(([key]) => key), entriesOf(childOf(tree, "b")), entriesOf(undefined)],
    [["a", "b", "d"], [], []],
  );
});

t.test("entries are set and removed in a copy", async (t) => {
  t.same(toValue(withEntry(tree, "a", childOf(tree, "b"))), { ...value, a: value.b });
  t.same(toValue(withEntry(tree, "a", undefined)), { b: value.b, d: value.d });
  t.same(toValue(withEntry(childOf(tree, "a")!, "new", childOf(tree, "a"))), { new: 1 });
  t.same(toValue(without(tree, ["d", "e"])), { ...value, d: { f: true } });
  t.same(toValue(without(tree, ["d"])), { a: 1, b: value.b });
  for (const path of [[], ["x"], ["d", "x"], ["b", 0], ["a", "x"]])
    t.same(toValue(without(tree, path)), value);
  t.same(toValue(tree), value, "the tree itself is unchanged");
});

t.test("every value has the place where it is written", async (t) => {
  const own = read("a: 1\nb:\n  - x\n  - c: 007\nd:\n");
  const at = (...path: (string | number)[]) => {
    const { line, column, label, key } = originAt(own, path);
    return [line, column, label, key?.line, key?.column];
  };
  t.same(at("a"), [1, 4, "x:1", 1, 1]);
  t.same(at("b"), [3, 3, "x:3", 2, 1]);
  t.same(at("b", 0), [3, 5, "x:3", undefined, undefined]);
  t.same(at("b", 1, "c"), [4, 8, "x:4", 4, 5]);
  t.same(at("d").slice(3), [5, 1]);
  t.same(at("b", 7, "x"), at("b"), "of what is not there: of the nearest part");
  t.match(partAt(own, ["b", 1, "c"]), { scalar: 7, written: "007" });
  t.notOk("written" in partAt(own, ["b", 0])!);
  const marked = withOrigins(own, ({ line }) => ({ kind: "axis", label: `line ${line}` }));
  t.same(toValue(marked), toValue(own));
  t.match(
    [[], ["b"], ["b", 1, "c"]].map((path) => originAt(marked, path).label),
    ["line 1", "line 3", "line 4"],
  );
});

t.test("anchors and aliases: each use has its own place, within limits", async (t) => {
  const own = read("a: &x { b: 1 }\nc: *x\n");
  t.same(toValue(own), { a: { b: 1 }, c: { b: 1 } });
  t.equal(partAt(own, ["c"])?.origin.key?.line, 2);
  const aliases = (count: number) =>
    `a: &x 1\nb: [${Array.from({ length: count }, () => "*x").join(", ")}]\n`;
  t.equal(itemsOf(childOf(read(aliases(100)), "b")).length, 100);
  t.throws(() => read(aliases(101)), { errors: [{ code: "N2UQ_CONFIG_ALIASES" }] });
  const values = (count: number) => `[${Array.from({ length: count }, () => "1").join(", ")}]\n`;
  t.equal(itemsOf(read(values(19_999))).length, 19_999);
  t.throws(() => read(values(20_000)), { errors: [{ code: "N2UQ_CONFIG_ALIASES" }] });
});

t.test("faults of keys, tags and aliases, all at once", async (t) => {
  try {
    read("a: 1\na: 2\n? [b]\n: 3\n__proto__: 4\nc: *nn\nd: &n 5\ne: *nm\nf: &empty\n");
    t.fail("no error");
  } catch (error) {
    const { errors } = error as {
      errors: { code: string; location: { line: number; column: number }; hint: string }[];
    };
    t.same(
      errors.map(({ code, location: { line, column } }) => `${code} ${line}:${column}`),
      [
        "N2UQ_CONFIG_DUPLICATE_KEY 2:1",
        "N2UQ_CONFIG_KEY 3:3",
        "N2UQ_CONFIG_FORBIDDEN_KEY 5:1",
        "N2UQ_CONFIG_ALIAS 6:4",
        "N2UQ_CONFIG_ALIAS 8:4",
        "N2UQ_CONFIG_ANCHOR 9:10",
      ],
    );
    t.match(errors[0], { details: { key: "a", first: 1 } });
    t.notMatch(errors[3]!.hint, "Did you mean");
    t.match(errors[4]!.hint, "Did you mean *n? If this is a glob");
  }
});

t.test("the kind of a file: its name, then its keys", async (t) => {
  const kind = (keys: readonly string[], file = "x.yaml") =>
    kindOf(file, fromValue(Object.fromEntries(keys.map((key) => [key, 1])), origin));
  t.equal(kind(["training"], "n2uq.config.yaml"), "config");
  t.equal(kind([], "a/.n2uqrc"), "config");
  t.equal(kind([], ".n2uqrc.json"), "config");
  t.equal(kind([], "my-n2uq.config.yaml"), "experiment");
  t.equal(kind(["table", "base", "extends"]), "experiment");
  t.equal(kind(["table", "base"]), "table");
  t.equal(kind(["search", "base"]), "search");
  for (const key of ["base", "grid", "zip", "exclude", "seeds"]) t.equal(kind([key]), "sweep", key);
  for (const key of ["hash", "run", "cells", "images"]) t.equal(kind(["format", key]), "record", key);
  t.equal(kind(["format"]), "experiment");
  t.equal(kind(["hash"]), "experiment");
  t.equal(kind(["runs"]), "config");
  t.equal(kind(["runs", "name"]), "experiment");
  t.equal(kind(["name"]), "experiment");
});

t.test("values from code may be nested as deep as files", async (t) => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  t.equal(plainFault(nested(64)), undefined);
  t.match(plainFault(nested(65)), /nested too deep/);
  t.equal(plainFault({ a: { b: Number.NaN } }, "config"), "config.a.b is NaN");
  t.equal(plainFault(new (class Own {})()), "it is a Own");
});

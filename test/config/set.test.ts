import { mkdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { readOverlay } from "../../src/config/overlay.js";
import { applySet, assign, assignmentOf, pathNamed, plainText } from "../../src/config/set.js";
import { fromValue, partAt, toValue } from "../../src/config/tree.js";
import type { N2uqError, N2uqErrors } from "../../src/errors.js";
import { failure } from "../helpers/failure.js";

const origin = { kind: "file", file: "x.yaml", label: "x" } as const;
const experiment = {
  name: "x",
  quantization: { bits: 2, layers: [{ match: "a" }, { match: "b", bits: 3 }] },
};
const tree = fromValue(experiment, origin);
/** The fault of a call: its column, message and hint. */
const faultOf = (work: () => unknown) => {
  try {
    work();
    return null;
  } catch (error) {
    const [one] = "errors" in (error as object) ? (error as N2uqErrors).errors : [error as N2uqError];
    const { code, message, hint, location } = one!;
    return { code: code.replace("N2UQ_CONFIG_", ""), message, hint, ...location };
  }
};
const set = (argument: string) => toValue(applySet(tree, argument, "/cwd")) as typeof experiment;

t.test("a value is merged at its path, with the flag as its place", async (t) => {
  t.same(set("bits=4").quantization, { ...experiment.quantization, bits: 4 });
  t.same(set("quantization.layers[1].bits=8").quantization.layers, [{ match: "a" }, { match: "b", bits: 8 }]);
  t.same(set("quantization.layers[0].match=c").quantization.layers[0], { match: "c" });
  const changed = applySet(tree, "lr = 0.5", "/cwd");
  t.match(partAt(changed, ["training", "optimizer", "lr"]), {
    scalar: 0.5,
    origin: { kind: "set", file: "--set", label: "--set lr = 0.5", column: 5, text: "lr = 0.5" },
  });
  const axis = assignmentOf("bits=3", "/cwd", "--grid", "axis");
  t.match(axis, {
    path: ["quantization", "bits"],
    written: "bits=3",
    value: { origin: { kind: "axis", file: "--grid" } },
  });
  t.match(toValue(assign(tree, axis)), { quantization: { bits: 3 } });
});

t.test("faults have the column of the part that is wrong", async (t) => {
  const cases: readonly (readonly [argument: string, column: number, message: RegExp, hint: RegExp])[] = [
    ["=3", 1, /no `path=` before the value/, /./],
    ["bits", 1, /no `path=` before the value/, /./],
    ["bits: 3", 1, /no `path=` before the value/, /Write `--set bits=3`/],
    ["bitz=3", 1, /unknown path bitz in --set/, /Did you mean bits\?/],
    ["q.momentum=3", 1, /unknown path/, /Did you mean training\.optimizer\.momentum\?/],
    ["extends=a", 1, /extends is allowed only in files/, /^Short names/],
    ["quantization.layers[2].bits=3", 1, /the list has 2 entries/, /./],
    ["bits=[1", 6, /invalid YAML|bracket/, /./],
    ["training.epochs=x", 17, /epochs must be an integer/, /./],
    ['name="a" b', 6, /text after|after the closing quote/, /./],
  ];
  for (const [argument, column, message, hint] of cases)
    t.match(
      faultOf(() => set(argument)),
      { column, message, hint, file: "--set", text: argument },
      argument,
    );
  const teacher = faultOf(() => assignmentOf("nonsense=1", "/cwd", "--grid"));
  t.match(teacher, { message: /in --grid/, file: "--grid" });
  t.same(pathNamed("seed", "--set"), ["training", "seed"]);
  t.same(pathNamed("training.seed", "--set"), ["training", "seed"]);
});

t.test("a string is the text itself, or what its quotes contain", async (t) => {
  t.equal(plainText(" a b ", "name= a b ", "--set"), "a b");
  t.equal(plainText(' "a b " ', 'name= "a b " ', "--set"), "a b ");
  t.equal(plainText("'it''s'", "name='it''s'", "--set"), "it's");
  t.match(
    faultOf(() => plainText('"a', 'name="a', "--set")),
    { column: 6 },
  );
});

t.test("at most 200 files belong to an experiment", async (t) => {
  const chain = (count: number) => {
    const names = Array.from({ length: count }, (_, i) => `${i}.yaml`);
    return Object.fromEntries(
      names.map((name, i) => [
        name,
        i + 1 < count ? `extends: ./${names[i + 1]}\n` : "training: { seed: 5 }\n",
      ]),
    );
  };
  const folder = t.testdir({
    most: chain(200),
    more: chain(201),
    circle: { "a.yaml": "extends: ./b.yaml\n", "b.yaml": "extends: ./a.yaml\n" },
  });
  const read = (name: string, file = "0.yaml") =>
    readOverlay(join(folder, name, file), { cwd: folder, kind: "file" });
  t.match(toValue((await read("most")).bases!), { training: { seed: 5 } });
  t.match(await failure(read("more")), { code: "N2UQ_CONFIG_EXTENDS_MANY", details: { most: 200 } });
  t.match(await failure(read("circle", "a.yaml")), {
    code: "N2UQ_CONFIG_EXTENDS_CIRCLE",
    details: { chain: ["a", "b", "a"].map((name) => join("circle", `${name}.yaml`)).join(" → ") },
  });
  mkdirSync(join(folder, "empty"));
  t.match(await failure(read("empty", "")), { code: "N2UQ_CONFIG_FILE_UNREADABLE", message: /folder/ });
});

import t from "tap";
import { pluginParts } from "../../src/resolve/plugins.js";
import { architecture, quantization } from "../helpers/experiments.js";

const own = {
  architecture: architecture("resnet", { depth: 18 }),
  quantization: quantization(),
  teacher: null,
  data: { dataset: "mnist" },
  training: { optimizer: { kind: "adam" }, schedule: { kind: "linear" }, loss: { kind: "cross-entropy" } },
};
type Experiment = Parameters<typeof pluginParts>[0];

/** What is found where every part is a plug-in's. */
const partsOf = (changes: object) =>
  Object.keys(pluginParts({ ...own, ...changes } as unknown as Experiment, (part) => part) ?? {}).sort();
const always = [
  ...["datasets/mnist", "losses/cross-entropy", "models/resnet", "optimizers/adam"],
  ...["quantizers/n2uq", "schedules/linear"],
];

t.test("every part of an experiment is looked up, a layer's method and a teacher's family too", async (t) => {
  t.same(partsOf({}), always);
  const layers = [
    { match: "a", bits: 2 },
    { match: "b", method: "ternary" },
  ];
  t.same(
    partsOf({ quantization: quantization({ layers } as never) }),
    [...always, "quantizers/ternary"].sort(),
  );
  const teacher = { architecture: { family: "wide" }, weights: "x" };
  t.same(partsOf({ teacher }), [...always, "models/wide"].sort());
  t.same(partsOf({ teacher: { experiment: {} } }), always, "another experiment has its own");
});

t.test("of parts of the program itself nothing is kept", async (t) => {
  t.equal(
    pluginParts(own as unknown as Experiment, () => undefined),
    undefined,
  );
  const digestOf = (part: string) => (part === "models/resnet" ? "abc" : undefined);
  t.same(pluginParts(own as unknown as Experiment, digestOf), { "models/resnet": "abc" });
});

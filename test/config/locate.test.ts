import { join } from "node:path";
import t from "tap";
import { loadExperiment } from "../../src/config/load.js";
import { locate, locateRunning } from "../../src/config/locate.js";
import { loadProject } from "../../src/config/project.js";
import { N2uqError } from "../../src/errors.js";

const text = `name: x
architecture: { family: resnet, depth: 18 }
data:
  dataset: imagenet
  root: ./images
`;
const folder = t.testdir({ "n2uq.config.yaml": "{}\n", "x.yaml": text });
const { sources } = await loadExperiment(join(folder, "x.yaml"), {
  cwd: folder,
  project: await loadProject(folder),
});
const error = (code: "N2UQ_DATA_UNREADABLE" | "N2UQ_RESOLVE_CLASSES", path?: unknown, location?: object) =>
  new N2uqError(code, { path }, { hint: "a hint", ...(location && { location: location as never }) });

t.test("errors that name a key get its place, others stay as they are", async (t) => {
  const cwd = t.testdir({ "x.yaml": `${text}quantization:\n  layers:\n    - match: layer9.*\n` });
  const { sources } = await loadExperiment("x.yaml", { cwd });
  const details = { match: "layer9.*", close: "layer1.0" };
  for (const path of [["quantization", "layers", 0, "match"], "quantization.layers[0].match"]) {
    const located = locate(new N2uqError("N2UQ_RULE_MATCHES_NOTHING", { ...details, path }), sources);
    t.match(located.location, {
      file: join(cwd, "x.yaml"),
      line: 8,
      column: 14,
      text: "    - match: layer9.*",
    });
    t.equal(located.code, "N2UQ_RULE_MATCHES_NOTHING");
  }
  const without = new N2uqError("N2UQ_RULE_MATCHES_NOTHING", details);
  t.equal(locate(without, sources), without);
  const ofDefault = new N2uqError("N2UQ_RULE_MATCHES_NOTHING", {
    ...details,
    path: ["quantization", "keep"],
  });
  t.equal(locate(ofDefault, sources), ofDefault, "a default was written nowhere");
});

t.test(
  "a key's place keeps the error's hint; the experiment itself has the place of its first key",
  async (t) => {
    t.match(locate(error("N2UQ_RESOLVE_CLASSES", "data.dataset"), sources), {
      hint: "a hint",
      location: { line: 4, column: 12 },
    });
    t.match(locate(error("N2UQ_RESOLVE_CLASSES", ""), sources).location, { line: 1 });
  },
);

t.test("an error with a place, or without a key, stays as it is", async (t) => {
  const elsewhere = { file: "other.yaml", line: 7, column: 1, text: "" };
  for (const one of [
    error("N2UQ_RESOLVE_CLASSES"),
    error("N2UQ_RESOLVE_CLASSES", ["data"], elsewhere),
    error("N2UQ_DATA_UNREADABLE", undefined, elsewhere),
  ]) {
    t.equal(locate(one, sources), one);
    t.equal(locateRunning(one, sources), one);
  }
  const foreign = new Error("disk");
  t.equal(locateRunning(foreign, sources), foreign);
});

t.test(
  "at run time an error in the data has the place of data.root, or of the key that it names",
  async (t) => {
    t.match(locateRunning(error("N2UQ_DATA_UNREADABLE"), sources), {
      code: "N2UQ_DATA_UNREADABLE",
      hint: "a hint",
      location: { line: 5, column: 9 },
    });
    t.match(locateRunning(error("N2UQ_DATA_UNREADABLE", ["data", "dataset"]), sources), {
      location: { line: 4 },
    });
  },
);

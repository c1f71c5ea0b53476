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

t.test("an error that names a key gets the key's place, and keeps its hint", async (t) => {
  for (const path of [["data", "dataset"], "data.dataset"]) {
    const found = locate(error("N2UQ_RESOLVE_CLASSES", path), sources);
    t.match(found, { code: "N2UQ_RESOLVE_CLASSES", hint: "a hint", location: { line: 4, column: 12 } });
  }
});

t.test("the experiment itself has the place of its first key; a default has none", async (t) => {
  t.match(locate(error("N2UQ_RESOLVE_CLASSES", ""), sources).location, { line: 1 });
  const ofDefault = error("N2UQ_RESOLVE_CLASSES", ["data", "trainLimit"]);
  t.equal(locate(ofDefault, sources), ofDefault);
});

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

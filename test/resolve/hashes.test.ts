import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { Resolver } from "../../runners/resolve.js";
import { loadExperiment } from "../../src/config/load.js";
import { recipeHash } from "../../src/resolve/hash.js";
import { root } from "../helpers/root.js";

/**
 * The recipes of all shipped experiments, on the engine wasm. A change here makes users' finished runs
 * unfindable: it needs a reason, `n2uq runs --rehash`, and a line in the changelog. To rewrite the file:
 * N2UQ_WRITE_HASHES=1.
 */
const file = join(root, "test", "fixtures", "hashes.json");
const folders = ["experiments", "experiments/baselines", "experiments/cifar10"];

t.test("the hashes of all shipped experiments are those that were published", async (t) => {
  const found: Record<string, string> = {};
  for (const folder of folders) {
    for (const name of readdirSync(join(root, folder))
      .filter((one) => one.endsWith(".yaml"))
      .sort()) {
      const path = join(folder, name);
      const loaded = await loadExperiment(join(root, path), { cwd: root, set: ["engine=wasm"] });
      const { resolved } = await new Resolver({ cwd: root, readsOnly: true }).resolve(loaded);
      found[path] = recipeHash(resolved);
    }
  }
  if (process.env.N2UQ_WRITE_HASHES === "1") {
    const { writeFileSync } = await import("node:fs");
    writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
  }
  t.same(found, JSON.parse(readFileSync(file, "utf8")));
});

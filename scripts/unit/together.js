// N2UQ_TEST_FILES='["test/a.test.ts", …]' node --import scripts/source/register.js scripts/unit/together.js:
// runs test files one after the other in one process, each as one test of tap. Shared modules are loaded and
// compiled only once.
import { register } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import t from "tap";
import { root } from "./files.js";

/** The test that represents the running file. */
let current = t;
/** The object that test files and their helpers import as `tap` (togetherHooks.js). */
globalThis[Symbol.for("n2uq.tap")] = new Proxy(Object.freeze({}), {
  get(_, key) {
    const value = current[key];
    return typeof value === "function" ? value.bind(current) : value;
  },
});
register("./togetherHooks.js", import.meta.url);

// The files are in the environment, because tap names the folders of `t.testdir()` after all arguments.
for (const file of JSON.parse(process.env.N2UQ_TEST_FILES)) {
  t.test(file, async (test) => {
    const [env, cwd] = [{ ...process.env }, process.cwd()];
    current = test;
    test.teardown(() => {
      // test/helpers/engines.js sets the folder of engines when the first file imports it, for all later files.
      env.N2UQ_ENGINES = process.env.N2UQ_ENGINES;
      for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
      Object.assign(process.env, env);
      process.chdir(cwd);
    });
    await import(pathToFileURL(join(root, file)).href);
  });
}

// `node --import test/helpers/loaded.mjs …` writes every file that the process loads into $N2UQ_TEST_LOADED.
import { appendFileSync } from "node:fs";
import { createRequire, register } from "node:module";
import { isMainThread } from "node:worker_threads";

// The thread of the hook also imports this module.
if (isMainThread) {
  register("./loadedHook.mjs", import.meta.url);
  const { cache } = createRequire(import.meta.url);
  process.on("exit", () => appendFileSync(process.env.N2UQ_TEST_LOADED, Object.keys(cache).join("\n")));
}

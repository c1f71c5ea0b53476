/**
 * Runs tfjs-core's own tests on the torch engine, as built in `dist`, and writes a list of outcomes (`suite.ts`).
 * By hand: `node test/engines/conformance/run.mjs results.json '{ "only": "conv2d" }'`
 * @param process.argv[2] the file for the outcomes
 * @param process.argv[3] `Settings` of `suite.ts`, as JSON
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire, register } from "node:module";
import { dirname } from "node:path";

register("./hooks.mjs", import.meta.url);
const require = createRequire(import.meta.url);
globalThis.require = require;
const output = process.argv[2];
const { only, swapped = {} } = JSON.parse(process.argv[3] ?? "{}");

const jasmine = require("jasmine-core").boot(true);
const core = dirname(require.resolve("@tensorflow/tfjs-core"));
const tf = await import("@tensorflow/tfjs-core");
for (const side of ["register_all_gradients", "public/chained_ops/register_all_chained_ops"])
  await import(`${core}/${side}.js`);
const { torch } = await import("../../../dist/src/engines/torch/engine.js");
await torch.load();

/** The kernels that the running test called, by whether the engine has them. */
let called = { there: new Set(), absent: new Set() };
watch();

const { setTestEnvs } = await import(`${core}/jasmine_util.js`);
setTestEnvs([{ name: "torch", backendName: "torch", flags: {}, isDataSync: true }]);

const FOLDERS = /^\.\/(ops|optimizers|gradients_test|tensor_test|variable_test)/;
const listed = readFileSync(`${core}/tests.js`, "utf8").matchAll(/^import '(.*)';$/gm);
const files = [...listed].map(([, file]) => file).filter((file) => FOLDERS.test(file));
for (const file of files) await import(`${core}/${file}.js`);

const results = [];
jasmine.DEFAULT_TIMEOUT_INTERVAL = 60000;
const env = jasmine.getEnv();
env.configure({
  random: false,
  // What is not described for an engine runs on none.
  specFilter: (spec) => {
    const name = spec.getFullName();
    return name.includes(" torch {}") && (only === undefined || name.includes(only));
  },
});
env.addReporter({
  specStarted: ({ fullName }) => {
    writeFileSync(output, fullName);
    called = { there: new Set(), absent: new Set() };
  },
  specDone: ({ fullName, status, failedExpectations }) => {
    if (status === "excluded") return;
    const messages = failedExpectations.map(({ message }) => message.slice(0, 400));
    const name = fullName.replace(" torch {}", "");
    results.push({ name, status, messages, kernels: [...called.there], absent: [...called.absent] });
  },
});
const { incompleteReason } = await env.execute();
if (incompleteReason !== undefined && only === undefined) throw new Error(incompleteReason);
writeFileSync(output, JSON.stringify(results));

/** Notes each kernel when it is called, and whether the engine has it. */
function watch() {
  const all = tf.getKernelsForBackend("torch");
  for (const kernel of all) {
    const { kernelName } = kernel;
    const { kernelFunc: run } = all.find((other) => other.kernelName === swapped[kernelName]) ?? kernel;
    const kernelFunc = (call) => {
      try {
        const result = run(call);
        called.there.add(kernelName);
        return result;
      } catch (error) {
        const missing = error.code === "N2UQ_ENGINE_KERNEL";
        (missing ? called.absent : called.there).add(kernelName);
        throw error;
      }
    };
    tf.unregisterKernel(kernelName, "torch");
    tf.registerKernel({ ...kernel, kernelFunc });
  }
}

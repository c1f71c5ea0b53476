import { execFileSync } from "node:child_process";
import { getBackend, getKernel, memory } from "@tensorflow/tfjs-core";
import t from "tap";
import { describeEngines, engines, selectEngine } from "../../src/engines/engines.js";
import { trainingKernels } from "../../src/engines/wasm/kernels.js";
import { failure } from "../helpers/failure.js";

t.test("the table's names are the engines' own", async (t) => {
  for (const [name, engine] of Object.entries(engines)) t.equal(engine.name, name);
});

t.test("wasm is taken when nothing is asked for", async (t) => {
  t.equal((await selectEngine()).name, "wasm");
  t.equal((await selectEngine("cpu")).name, "cpu");
});

t.test("an unknown engine is a coded error that names the known ones", async (t) => {
  const error = await failure(selectEngine("abacus"));
  t.equal(error.code, "N2UQ_ENGINE_UNKNOWN");
  t.equal(error.exitCode, 2);
  t.match(error.message, /abacus.*torch, tensorflow, wasm, cpu/);
});

t.test("an engine that cannot run says why and how to get it", async (t) => {
  const broken = t.capture(engines.wasm, "check", async () => ({
    available: false,
    reason: "its files are missing",
    remedy: "Reinstall it.",
  }));
  const error = await failure(selectEngine("wasm"));
  t.equal(error.code, "N2UQ_ENGINE_UNAVAILABLE");
  t.equal(error.exitCode, 3);
  t.match(error.message, /wasm.*its files are missing/);
  t.equal(error.hint, "Reinstall it.");
  t.equal((await selectEngine()).name, "cpu", "the next one is taken when none was asked for");
  t.match(await describeEngines(), [
    { name: "torch", available: false, remedy: /engine install torch/ },
    { name: "tensorflow", available: false, remedy: /engine install tensorflow/ },
    { name: "wasm", available: false, reason: "its files are missing", remedy: "Reinstall it." },
    { name: "cpu", available: true },
  ]);
  t.ok(broken().length > 0);
  broken.restore();
  t.match(await describeEngines(), [
    { name: "torch" },
    { name: "tensorflow" },
    { name: "wasm", available: true },
    { name: "cpu", available: true },
  ]);
});

t.test("loading makes the backend current, as often as asked", async (t) => {
  const listeners = () =>
    process.listenerCount("uncaughtException") + process.listenerCount("unhandledRejection");
  const before = listeners();
  for (const name of ["wasm", "cpu", "wasm"] as const) {
    const loaded = await engines[name].load();
    t.match(loaded, {
      name,
      backend: name,
      capabilities: { gpu: false, threads: 1 },
      version: /^\d+\.\d+\.\d+/,
    });
    t.equal(getBackend(), name);
  }
  t.match(await engines.wasm.load(), { device: "CPU (1 thread, SIMD)" });
  for (const kernel of trainingKernels)
    t.equal(getKernel(kernel.kernelName, "wasm"), kernel, kernel.kernelName);
  t.equal(memory().numTensors, 0);
  t.equal(listeners(), before, "the process's uncaught errors stay the command line's");
});

t.test("loading and first use print nothing", async (t) => {
  const script = `
    import { engines } from ${JSON.stringify(new URL("../../src/engines/engines.ts", import.meta.url).href)};
    import { tensor } from "@tensorflow/tfjs-core";
    for (const engine of [engines.wasm, engines.cpu]) { await engine.load(); tensor([1]).dispose(); }
    console.log("done");
  `;
  const output = execFileSync(
    process.execPath,
    [...process.execArgv, "--input-type=module", "--eval", script],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_NO_WARNINGS: "1" },
    },
  );
  t.equal(output, "done\n");
});

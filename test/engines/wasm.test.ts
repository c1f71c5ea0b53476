import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { binaries } from "../../src/engines/wasm/binaries.js";
import { wasmThreads } from "../../src/engines/wasm/options.js";
import { waitBriefly } from "../../src/engines/wasm/waitBriefly.js";
import { root } from "../helpers/root.js";

const run = promisify(execFile);
const load = `await (await import(${JSON.stringify(join(root, "src", "engines", "engines.ts"))})).engines.wasm.load()`;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Node from source with `threads` threads until it ends by itself; a code of NaN: it did not. */
async function node(threads: number, ...args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), NODE_NO_WARNINGS: "1" };
  const all = [...process.execArgv, ...args];
  return run(process.execPath, all, { env, timeout: 100_000, killSignal: "SIGKILL" }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code: typeof code === "number" ? code : Number.NaN, stdout, stderr }),
  );
}

const script = (threads: number, code: string) => node(threads, "--input-type=module", "--eval", code);

t.test("the variable takes precedence over the option; at most eight threads", async (t) => {
  t.equal(wasmThreads({ threads: 3 }, { OMP_NUM_THREADS: "2" }), 2);
  t.equal(wasmThreads({ threads: 3 }, {}), 3);
  t.equal(wasmThreads({}, { OMP_NUM_THREADS: "64" }), 8);
  t.ok(wasmThreads({}, { OMP_NUM_THREADS: "0" }) >= 1);
});

t.test("the waiting loops of the installed build are found, and nothing else changes", async (t) => {
  const build = readFileSync(join(binaries() ?? "", "tfjs-backend-wasm-threaded-simd.wasm"));
  const before = Buffer.from(build);
  const changed = waitBriefly(build);
  t.ok(build.equals(before), "the bytes given are not written to");
  const different = [...changed.keys()].filter((at) => changed[at] !== build[at]);
  t.equal(different.length, 9, "three bytes of three numbers");
  t.equal(changed.length, build.length);
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { validate(bytes: Buffer): boolean } };
  t.ok(WebAssembly.validate(changed));
  const other = Buffer.concat([build, Buffer.of(0x41, 0xc0, 0x84, 0x3d)]);
  t.equal(waitBriefly(other), other, "an unknown build stays as it is");
});

t.test("training has the same bits with one, two and eight threads", { timeout: 300_000 }, async (t) => {
  const results: { threads: number; device: string; tensors: number; networks: object[] }[] = [];
  for (const threads of [1, 2, 8]) {
    const { code, stdout, stderr } = await node(threads, join(root, "test", "engines", "wasm", "trained.ts"));
    t.same([code, stderr], [0, ""], `the process of ${threads} ends by itself and prints no warning`);
    results.push(JSON.parse(stdout));
  }
  t.match(results, [
    { threads: 1, device: "CPU (1 thread, SIMD)", tensors: 0 },
    { threads: 2, device: "CPU (2 threads, SIMD)", tensors: 0 },
    { threads: 8, device: "CPU (8 threads, SIMD)", tensors: 0 },
  ]);
  for (const { networks } of results) t.same(networks, results[0]?.networks);
  t.ok(JSON.stringify(results[0]?.networks).includes("digest"));
});

t.test("the process ends by itself after an error, and inside a worker", async (t) => {
  const thrown = await script(2, `${load}; throw new Error("for the test");`);
  t.equal(thrown.code, 1);
  t.match(thrown.stderr, "Error: for the test");
  const worker = `
    import { Worker, isMainThread } from "node:worker_threads";
    const code = ${JSON.stringify(`import(process.env.LOADER).then(async () => { ${load}; console.log("loaded"); })`)};
    new Worker(code, { eval: true, env: { ...process.env, LOADER: ${JSON.stringify(join(root, "scripts", "source", "register.js"))} } });
  `;
  t.match(await script(2, worker), { code: 0, stdout: "loaded\n", stderr: "" });
});

t.test("an interrupted process ends at once", async (t) => {
  const found = await script(2, `${load}; setInterval(() => {}, 1e6); process.kill(process.pid, "SIGINT");`);
  t.ok(Number.isNaN(found.code), "by the signal");
  t.equal(found.stderr, "");
});

t.test("loading changes no global and no listener, however often it is called", async (t) => {
  const { code, stdout, stderr } = await script(
    2,
    `
    import os from "node:os";
    import threads from "node:worker_threads";
    const state = () => [os.cpus, threads.Worker, "Worker" in globalThis,
      process.listenerCount("uncaughtException"), process.listenerCount("unhandledRejection")];
    const before = state();
    const { engines } = await import(${JSON.stringify(join(root, "src", "engines", "engines.ts"))});
    const both = await Promise.all([engines.wasm.load(), engines.wasm.load()]);
    await engines.cpu.load();
    const again = await engines.wasm.load();
    const after = state();
    console.log(JSON.stringify([both.map(({ device }) => device), again.device, after.filter((one, at) => one !== before[at]).map(String)]));
    `,
  );
  t.same([code, stderr], [0, ""]);
  const device = "CPU (2 threads, SIMD)";
  t.same(JSON.parse(stdout), [[device, device], device, []]);
});

t.test("tensors keep their values when the shared memory grows", async (t) => {
  const { code, stdout, stderr } = await script(
    2,
    `
    ${load};
    const { tensor, range, memory, dispose, add, engine } = await import("@tensorflow/tfjs-core");
    const heap = () => engine().backend.wasm.HEAPU8.length;
    const first = range(0, 1000), before = heap();
    const large = Array.from({ length: 4 }, (_, n) => tensor(new Float32Array(12_000_000).fill(n + 1)));
    const sums = large.map((one) => add(one, one));
    const last = sums.map((one) => one.dataSync().at(-1));
    console.log(JSON.stringify([heap() - before > 300e6, first.dataSync().at(-1), last]));
    dispose([first, ...large, ...sums]);
    `,
  );
  t.same([code, stderr], [0, ""]);
  t.same(JSON.parse(stdout), [true, 999, [2, 4, 6, 8]]);
});

t.test("one thread computes if the system refuses workers or shared memory", async (t) => {
  const without = (code: string) =>
    script(
      4,
      `import threads from "node:worker_threads"; ${code}
    console.log((${load}).device);`,
    );
  const refused = `Object.assign(new Error("no more threads"), { code: "ERR_WORKER_INIT_FAILED" })`;
  const results = await Promise.all([
    without(`threads.Worker = class { constructor() { throw ${refused}; } };`),
    without(`const { Worker } = threads;
      threads.Worker = class extends Worker { constructor() { super(${JSON.stringify(`throw ${refused}`)}, { eval: true }); } };`),
    without("delete globalThis.SharedArrayBuffer;"),
    without(`const { Memory } = WebAssembly;
      WebAssembly.Memory = function (pages) {
        if (pages.shared) throw new RangeError("could not allocate memory");
        return new Memory(pages);
      };`),
  ]);
  for (const found of results) t.same(found, { code: 0, stdout: "CPU (1 thread, SIMD)\n", stderr: "" });
});

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";
import type { Tensor } from "@tensorflow/tfjs-core";
import { dispose, engine, memory, tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { create } from "tar";
import { engines, selectEngine } from "../../src/engines/engines.js";
import { setEngineOptions } from "../../src/engines/options.js";
import { adviceOn } from "../../src/engines/tensorflow/install/describe.js";
import type { InstallRequest } from "../../src/engines/tensorflow/install/install.js";
import { installTensorflow, removeTensorflow } from "../../src/engines/tensorflow/install/install.js";
import { findLibraries } from "../../src/engines/tensorflow/libraries.js";
import { environmentFor } from "../../src/engines/tensorflow/options.js";
import { normals } from "../../src/random.js";
import { n2uq } from "../helpers/cli.js";
import { inFolder } from "../helpers/engines.js";
import { failure } from "../helpers/failure.js";
import { agrees } from "../helpers/golden.js";
import { withoutTensorflow } from "../helpers/tensorflow.js";

const run = promisify(execFile);

t.test(
  "options become the variables that libtensorflow reads, and give way to those that are set",
  async (t) => {
    t.match(environmentFor({}, {}), {
      TF_FORCE_GPU_ALLOW_GROWTH: "true",
      TF_CPU_ALLOCATOR_USE_BFC: "true",
      NVIDIA_TF32_OVERRIDE: "0",
      CUDA_VISIBLE_DEVICES: undefined,
    });
    t.match(environmentFor({ device: "gpu:1", memoryGrowth: false, threads: 3 }, {}), {
      CUDA_VISIBLE_DEVICES: "1",
      TF_FORCE_GPU_ALLOW_GROWTH: "false",
      TF_NUM_INTRAOP_THREADS: "3",
    });
    t.equal(environmentFor({ device: "cpu" }, {}).CUDA_VISIBLE_DEVICES, "-1");
    t.notOk("CUDA_VISIBLE_DEVICES" in environmentFor({ device: "gpu:1" }, { CUDA_VISIBLE_DEVICES: "0" }));
  },
);

t.test("an engine that is not installed says how to get it, and is not taken by itself", async (t) => {
  await inFolder(t.testdir(), async () => {
    const error = await failure(selectEngine("tensorflow"));
    t.match(error, { code: "N2UQ_ENGINE_UNAVAILABLE", exitCode: 3, message: /not installed/ });
    t.match(error.hint, "n2uq engine install tensorflow");
    t.match(await failure(engines.tensorflow.load()), { code: "N2UQ_ENGINE_UNAVAILABLE" });
    t.equal((await selectEngine()).name, "wasm");
  });
});

t.test("a broken library is a coded error", async (t) => {
  const folder = t.testdir({
    tensorflow: { cpu: { lib: { "napi-v6": { "tfjs_binding.node": "no library" } } } },
  });
  await inFolder(folder, async () => {
    const error = await failure(engines.tensorflow.load());
    t.match(error, { code: "N2UQ_ENGINE_UNAVAILABLE", message: /tfjs_binding.node|file too short|invalid/ });
    t.match(error.hint, "--force");
  });
});

t.test("a truncated library does not crash the process", { skip: withoutTensorflow }, async (t) => {
  const [library] = findLibraries();
  const folder = t.testdir();
  const copy = join(folder, "tensorflow", "cpu");
  const binding = join(copy, "lib", "napi-v6", "tfjs_binding.node");
  for (const made of [dirname(binding), join(copy, "deps", "lib")]) mkdirSync(made, { recursive: true });
  copyFileSync(library!.binding, binding);
  const from = join(library!.folder, "deps", "lib");
  for (const name of readdirSync(from).filter((each) => /\.so\.\d$/.test(each))) {
    writeFileSync(join(copy, "deps", "lib", name), readFileSync(join(from, name)).subarray(0, 20_000_000));
  }
  await inFolder(folder, async () => {
    t.match(await failure(engines.tensorflow.load()), { code: "N2UQ_ENGINE_UNAVAILABLE" });
  });
});

t.test(
  "a missing GPU is a coded error; the CPU is always available",
  { skip: withoutTensorflow },
  async (t) => {
    setEngineOptions({ tensorflow: { device: "cpu" } });
    t.match(await engines.tensorflow.check(), { available: true, gpu: false });
    setEngineOptions({ tensorflow: { device: "gpu" } });
    const { available, reason } = await engines.tensorflow.check();
    t.ok(available || /finds no GPU/.test(reason ?? ""));
    setEngineOptions({});
  },
);

t.test("the project config's options reach the engine", { skip: withoutTensorflow }, async (t) => {
  const config = (device: string) => `engines: { tensorflow: { device: ${device}, memoryGrowth: false } }\n`;
  const folder = t.testdir({ "package.json": "{}", "n2uq.config.yaml": config("gpu") });
  const list = async () =>
    JSON.parse((await n2uq(["engine", "list", "--json"], folder)).stdout).find(
      ({ name }: { name: string }) => name === "tensorflow",
    );
  const wanted = await list();
  t.ok(wanted.gpu === true || /finds no GPU/.test(wanted.reason), wanted.reason);
  writeFileSync(join(folder, "n2uq.config.yaml"), config("cpu"));
  t.match(await list(), { name: "tensorflow", available: true, gpu: false });
  writeFileSync(join(folder, "n2uq.config.yaml"), config("gpu:first"));
  t.match((await n2uq(["engine", "list"], folder)).stderr, /N2UQ_CONFIG_BAD_VALUE/);
  t.match(await n2uq(["engine", "install", "wasm"], folder), {
    code: 2,
    stderr: /N2UQ_CONFIG|NOT_INSTALLABLE/,
  });
});

t.test("loading and first use print nothing", { skip: withoutTensorflow }, async (t) => {
  const script = `
    import { engines } from ${JSON.stringify(new URL("../../dist/src/engines/engines.js", import.meta.url).href)};
    import { tensor } from ${JSON.stringify(import.meta.resolve("@tensorflow/tfjs-core"))};
    await engines.tensorflow.load();
    tensor([1]).dispose();
    console.log("done");
  `;
  const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "--eval", script]);
  t.same([stdout, stderr], ["done\n", ""]);
});

t.test("BatchNorm as TensorFlow's own operation and by parts", { skip: withoutTensorflow }, async (t) => {
  await engines.tensorflow.load();
  const before = memory().numTensors;
  const of = (shape: number[], name: string) =>
    tensor(
      normals(
        shape.reduce((a, b) => a * b, 1),
        1,
        3,
        name,
      ),
      shape,
    );
  const [x, dy] = [of([4, 5, 6, 7], "x"), of([4, 5, 6, 7], "dy")];
  const [gamma, beta] = [of([7], "gamma"), of([7], "beta")];
  const results = [0, 1].map((whole) => {
    const run = (name: string, inputs: Record<string, Tensor>) =>
      engine().runKernel(name, inputs, { epsilon: 1e-5, whole }) as Tensor[];
    const forward = run("BatchNormTraining", { x, gamma, beta });
    const [saved1, saved2, saved3] = forward.slice(3) as [Tensor, Tensor, Tensor];
    const backward = run("BatchNormGradient", { dy, x, gamma, saved1, saved2, saved3 });
    const values = [...forward.slice(0, 3), ...backward].map((each) => each.dataSync());
    dispose([...forward, ...backward]);
    return values;
  });
  for (const [index, name] of ["y", "mean", "variance", "dx", "dγ", "dβ"].entries()) {
    agrees(t, results[0]![index]!, results[1]![index]!, 1e-5, name);
  }
  dispose([x, dy, gamma, beta]);
  t.equal(memory().numTensors, before);
});

t.test("messages about CUDA", async (t) => {
  const cuda = { driver: "550.1", gpus: ["NVIDIA H100 80GB HBM3"], tooNew: ["NVIDIA H100 80GB HBM3"] };
  const said = adviceOn([], { ...cuda, libraries: [{ name: "libcudnn.so.8", file: null }] });
  t.match(said.join("\n"), /engine install tensorflow/);
  t.match(said.join("\n"), /does not find libcudnn.so.8/);
  t.match(said.join("\n"), /H100.*newer than CUDA 11/);
});

/** An npm registry with one package, the archive: the installed native module in the archive's form. */
async function registry(folder: string) {
  const inner = join(folder, "inner", "node_modules", "@tensorflow", "tfjs-node", "lib", "napi-v6");
  mkdirSync(inner, { recursive: true });
  const [library] = findLibraries();
  if (library === undefined) writeFileSync(join(inner, "tfjs_binding.node"), "no library");
  else copyFileSync(library.binding, join(inner, "tfjs_binding.node"));
  await create({ file: join(folder, "inner.tar"), cwd: join(folder, "inner") }, ["node_modules"]);
  mkdirSync(join(folder, "package"));
  writeFileSync(
    join(folder, "package", "library.br"),
    brotliCompressSync(readFileSync(join(folder, "inner.tar"))),
  );
  writeFileSync(join(folder, "package", "package.json"), '{"name":"fake-archive","version":"1.0.0"}');
  const file = join(folder, "fake-archive.tgz");
  await create({ file, cwd: folder, gzip: true }, ["package"]);
  const tarball = readFileSync(file);
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const behaviour = { cutAt: Number.POSITIVE_INFINITY };
  const server: Server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    if (request.url?.endsWith(".tgz")) {
      response.writeHead(200, { "content-length": tarball.length });
      if (behaviour.cutAt >= tarball.length) return response.end(tarball);
      return response.write(tarball.subarray(0, behaviour.cutAt), () => response.destroy());
    }
    const dist = { tarball: `http://127.0.0.1:${port}/fake-archive.tgz`, integrity };
    const version = { name: "fake-archive", version: "1.0.0", dist };
    return response.end(
      JSON.stringify({
        name: "fake-archive",
        "dist-tags": { latest: "1.0.0" },
        versions: { "1.0.0": version },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const archive = {
    package: "fake-archive",
    version: "1.0.0",
    integrity,
    tarballBytes: tarball.length,
    unpackedBytes: 1_000_000_000,
    entry: "package/library.br",
  };
  return { server, archive, behaviour, file, size: tarball.length };
}

t.test("installing: whole or not at all", { skip: process.platform !== "linux" }, async (t) => {
  const folder = t.testdir({ made: {}, engines: {}, cache: {} });
  const { server, archive, behaviour, file, size } = await registry(join(folder, "made"));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  process.env.npm_config_registry = `http://127.0.0.1:${port}/`;
  process.env.npm_config_fetch_retries = "0";
  process.env.npm_config_cache = join(folder, "cache");
  // The archive of this test brings the native module alone.
  const shared = findLibraries().map(({ folder }) => join(folder, "deps", "lib"));
  process.env.LD_LIBRARY_PATH = shared.join(":");
  const target = join(folder, "engines");
  const request: InstallRequest = { sources: ["registry"], archive };
  const attempt = (more: InstallRequest = {}) =>
    inFolder(target, () => installTensorflow({ ...request, ...more }));
  const leftovers = () => readdirSync(join(target, "tensorflow")).filter((name) => name.startsWith("."));

  for (const share of [0, 0, 0, 0.3, 0.9]) {
    behaviour.cutAt = Math.floor(size * share);
    const error = await failure(attempt());
    t.match(
      error,
      { code: "N2UQ_ENGINE_INSTALL_FAILED", exitCode: 3, message: /fake-archive/ },
      `cut at ${share}`,
    );
    t.same(leftovers(), [], "nothing half is left");
  }
  behaviour.cutAt = Number.POSITIVE_INFINITY;
  const other = { ...archive, integrity: `sha512-${Buffer.alloc(64).toString("base64")}` };
  t.match(await failure(attempt({ archive: other })), { message: /checksum/ });
  t.match(await failure(attempt({ from: file, archive: other })), { message: /checksum/ });
  t.match(await failure(attempt({ from: join(folder, "nowhere") })), { message: /no such file or folder/ });

  if (withoutTensorflow !== false) {
    t.match(await failure(attempt()), { message: /its library does not work here/ });
    return;
  }
  mkdirSync(join(target, "tensorflow", ".unfinished-999999999-abc"), { recursive: true });
  const seen: number[] = [];
  const done = await attempt({ onBytes: (bytes) => seen.push(bytes) });
  t.match(done, { variant: "cpu", gpu: false, version: /^\d+\.\d+/ });
  t.equal(seen.at(-1), size, "progress is told to the end");
  t.same(leftovers(), [], "what a killed process left is gone");
  t.match(await attempt(), { source: "here" }, "what works is not fetched again");
  t.match(
    await attempt({ force: true, from: file }),
    { version: done.version },
    "from a file placed by hand",
  );
  const copy = join(folder, "by-hand");
  await inFolder(copy, () => installTensorflow({ from: done.folder }));
  t.ok(existsSync(join(copy, "tensorflow", "cpu", "n2uq.json")), "from a folder");
  t.equal(await inFolder(copy, removeTensorflow), true);
  t.equal(await inFolder(copy, removeTensorflow), false);

  server.close();
  server.closeAllConnections();
  process.env.npm_config_cache = join(folder, "cache2");
  t.match(await failure(attempt({ force: true })), {
    code: "N2UQ_ENGINE_INSTALL_FAILED",
    message: /ECONNREFUSED/,
  });
  t.match(await attempt(), { source: "here" }, "the old one still works");
});

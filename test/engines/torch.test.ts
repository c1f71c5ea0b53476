import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import * as tfjs from "@tensorflow/tfjs-core";
import { add, dispose, findBackend, memory, tensor, zeros } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { engines } from "../../src/engines/engines.js";
import { threadsFor } from "../../src/engines/threads.js";
import { findAddons } from "../../src/engines/torch/addons.js";
import type { TorchBackend } from "../../src/engines/torch/backend.js";
import { BACKEND } from "../../src/engines/torch/backend.js";
import { openBinding } from "../../src/engines/torch/binding.js";
import { forecast } from "../../src/engines/torch/install/forecast.js";
import { installTorch, planTorch, removeTorch } from "../../src/engines/torch/install/install.js";
import { findLibtorch, isFound } from "../../src/engines/torch/install/libtorch.js";
import { translations } from "../../src/engines/torch/translations.js";
import { groupParameters } from "../../src/graph/groups.js";
import { buildGraph } from "../../src/models/models.js";
import { backward, forward } from "../../src/ops/execute.js";
import { overrides } from "../../src/overrides.js";
import { packageRoot } from "../../src/package.js";
import { normals } from "../../src/random.js";
import { createOptimizer } from "../../src/train/optimizers/optimizers.js";
import { disposeState, trainStep } from "../../src/train/step.js";
import { createStore, disposeStore, replace } from "../../src/train/store.js";
import { inFolder } from "../helpers/engines.js";
import { architecture, bits, quantization } from "../helpers/experiments.js";
import { failure } from "../helpers/failure.js";
import { agrees } from "../helpers/golden.js";
import { withoutTorch } from "../helpers/torch.js";

// Sums of several threads are added up.
process.env.OMP_NUM_THREADS = "2";

t.test("the variable takes precedence over the config; the default is one thread per core", async (t) => {
  t.equal(threadsFor({ threads: 3 }, { OMP_NUM_THREADS: "2" }), 2);
  t.equal(threadsFor({ threads: 3 }, {}), 3);
  t.ok(threadsFor({}, { OMP_NUM_THREADS: "many" }) >= 1);
});

t.test("an engine that is not installed says how to get it", async (t) => {
  const error = await inFolder(t.testdir(), () => failure(engines.torch.load()));
  if (withoutTorch !== false)
    t.match(error, { code: "N2UQ_ENGINE_UNAVAILABLE", hint: /engine install torch/ });
  t.match(await inFolder(t.testdir(), () => engines.torch.check()), { available: false });
});

t.test("on a CPU it hides no GPU from other engines of the process", { skip: withoutTorch }, async (t) => {
  const before = process.env.CUDA_VISIBLE_DEVICES;
  t.equal((await engines.torch.load()).capabilities.gpu, false);
  t.equal(process.env.CUDA_VISIBLE_DEVICES, before);
});

t.test("an addon of other sources, or a broken one, is not taken", async (t) => {
  const manifest = JSON.stringify({ version: "1.0.0", libraries: "/nowhere", sources: "other" });
  const folder = t.testdir({ torch: { old: { "n2uq.json": manifest, "n2uq_torch.node": "no addon" } } });
  t.match(await inFolder(folder, () => engines.torch.check()), { reason: /another version of n2uq/ });
});

t.test(
  "large results are copied by another thread without blocking this one",
  { skip: withoutTorch },
  async (t) => {
    await engines.torch.load();
    for (const [dtype, count] of [
      ["float32", 4_000_000],
      ["int32", 1_000_000],
      ["bool", 700_000],
      ["float32", 3],
    ] as const) {
      const values = Array.from({ length: count }, (_, i) => (dtype === "bool" ? i % 2 : i % 977));
      const given = tensor(values, [count], dtype);
      const readings = [given.data(), given.data()];
      let turns = 0;
      const done = Promise.all(readings);
      const watched = done.then(() => "done");
      while ((await Promise.race([watched, new Promise((next) => setImmediate(next, "turn"))])) === "turn")
        turns++;
      // A read returns the values at the time of the request.
      given.dispose();
      const [first, second] = await done;
      t.ok(
        Buffer.from(first!.buffer).equals(Buffer.from(second!.buffer)),
        `${count} of ${dtype}: twice the same`,
      );
      t.same(Array.from(first!.subarray(-3)), values.slice(-3));
      t.equal(first!.length, count);
      if (count > 3_000_000) t.ok(turns > 0, `the event loop turned ${turns} times meanwhile`);
    }
    const gone = tensor([...new Array(100_000).keys()]);
    const promise = gone.data();
    gone.dispose();
    t.same((await promise).subarray(0, 3), [0, 1, 2], "a tensor may be disposed before its values are there");
  },
);

t.test("missing build requirements are named, and no partial installation remains", async (t) => {
  const folder = t.testdir({ libtorch: {} });
  await inFolder(folder, async () => {
    const error = await failure(installTorch({ libtorch: join(folder, "libtorch") }));
    t.match(error, { code: "N2UQ_ENGINE_INSTALL_FAILED", exitCode: 3, message: /no headers of libtorch/ });
    t.match(error.hint, /libtorch-dev/);
    const found = await findLibtorch();
    if (isFound(found) && process.platform === "linux") {
      process.env.CXX = "no-such-compiler";
      mkdirSync(join(folder, "torch", ".unfinished-999999999-abc"), { recursive: true });
      t.match(await failure(installTorch({ force: true })), { message: /no-such-compiler was not found/ });
      delete process.env.CXX;
      t.same(readdirSync(join(folder, "torch")), []);
    }
    t.equal(await removeTorch(), isFound(found));
    t.notOk(existsSync(join(folder, "torch")));
  });
});

t.test(
  "what goes wrong in libtorch is an error that names kernel and shapes",
  { skip: withoutTorch },
  async (t) => {
    await engines.torch.load();
    const binding = openBinding(findAddons()[0]!.binding);
    const before = binding.count();
    const [two, three] = [2, 3].map((n) => binding.create(new Float32Array(n), [n], "float32")) as [
      number,
      number,
    ];
    t.throws(() => binding.run("Add", [two, three], {}), /Add of \[2\], \[3\]: /);
    t.throws(() => binding.run("Sum", [two], {}), /Sum of \[2\]: the attribute axes is missing/);
    t.throws(() => binding.run("Nothing", [], {}), /no kernel Nothing/);
    t.throws(() => binding.read(-1), /no tensor -1/);
    t.throws(() => binding.create(new Int32Array(2), [2], "float32"), /type/);
    t.throws(() => binding.create(new Float32Array(2), [3], "float32"), /do not fill/);
    const huge = { shape: [1e6, 1e6, 1e3], value: 0, dtype: "float32" };
    t.throws(() => binding.run("Fill", [], huge), /Fill.*memory/);
    for (const id of [two, three]) binding.release(id);
    t.equal(binding.count(), before, "and nothing is left behind");
  },
);

t.test("the kernels of the addon are those of the docs", { skip: withoutTorch }, async (t) => {
  await engines.torch.load();
  const listed = (findBackend(BACKEND) as TorchBackend).binding.kernels();
  const names = listed.map(({ name }) => name);
  const ofTfjs = [...names, "Identity"].filter((name) => Object.hasOwn(tfjs, name)).sort();
  const page = readFileSync(join(packageRoot(), "docs/engines.md"), "utf8");
  const section = page.slice(
    page.indexOf("### Operations for custom parts"),
    page.indexOf("## torch on a GPU"),
  );
  const rows = section.split("\n").filter((line) => line.startsWith("| ") && line.includes("`"));
  const documented = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
  t.same(documented.sort(), ofTfjs);
  t.match(section, `the ${ofTfjs.length} tfjs kernels`);
  const idle = Object.keys(translations).filter((name) => !names.includes(name));
  t.same(idle, [], "attributes are translated for no other kernel");
  t.match(
    listed.find(({ name }) => name === "PreluGradient"),
    { inputs: ["dy", "x", "alpha"], list: true },
  );
  t.match(
    listed.find(({ name }) => name === "Concat"),
    { inputs: null, list: false },
  );
});

t.test("a kernel that the engine lacks is an error that names both", { skip: withoutTorch }, async (t) => {
  await engines.torch.load();
  const x = tensor([0.5, 1]);
  const before = memory().numTensors;
  t.throws(() => tfjs.acosh(x), {
    code: "N2UQ_ENGINE_KERNEL",
    message: "the engine torch has no kernel Acosh",
    hint: /--engine cpu/,
  });
  t.equal(memory().numTensors, before);
  await engines.cpu.load();
  t.equal(tfjs.acosh(x).dataSync()[1], 0, "the cpu engine has it");
  await engines.torch.load();
});

t.test("how long building takes is said before it begins", async (t) => {
  t.match(
    forecast("1.13.0", 1),
    /about (\d\d seconds|2 minutes) on one core \(\d+ seconds of CPU time\) and 2 MB of disk/,
  );
  t.match(forecast("2.15.0", 1), /about 2 minutes on one core/);
  t.match(forecast("1.13.0", 2), /about \d\d seconds on 2 cores/);
  t.match(forecast("2.15.0", 64), /about 15 seconds on 64 cores/);
  const found = await findLibtorch();
  if (isFound(found) && process.platform === "linux") {
    const plan = await inFolder(t.testdir(), () => planTorch({}));
    t.equal(plan, `libtorch ${found.version} of ${found.source}; ${forecast(found.version)}`);
  }
  if (withoutTorch === false) t.match(await planTorch({}), /works already, nothing is compiled/);
});

t.test("each thread of Node.js has tensors of its own", { skip: withoutTorch }, async (t) => {
  await engines.torch.load();
  const { binding } = findAddons()[0]!;
  const own = tensor([1, 2]);
  const script = `
    const { parentPort, workerData } = require("node:worker_threads");
    const b = require(workerData);
    const before = b.count();
    const id = b.create(Float32Array.of(3), [1], "float32");
    parentPort.postMessage([before, b.count(), b.read(id)[0]]);
  `;
  const worker = new Worker(script, { eval: true, workerData: binding });
  t.same(await new Promise((resolve) => worker.once("message", resolve)), [0, 1, 3]);
  await worker.terminate();
  t.same([...add(own, own).dataSync()], [2, 4]);
  t.ok(memory().numTensors >= 1);
});

t.test("a chain in one kernel gives what its nodes give one by one", { skip: withoutTorch }, async (t) => {
  await engines.torch.load();
  const batch = 3;
  const images = tensor(normals(batch * 40 ** 2 * 3, 1, 0, "images"), [batch, 40, 40, 3]);
  const cases = [1, 2, 3, 4].map((n) => ({ method: "n2uq" as const, n }));
  const others = (["lsq", "lsq-plus", "pact", "dorefa", "apot", "lcq", "apot", "lcq"] as const).map(
    (method, i) => ({ method, n: 1 + ((2 * i) % 7) }),
  );
  for (const { method, n } of [...cases, ...others]) {
    const graph = buildGraph(
      architecture("resnet", { depth: 18, classes: 10, inputSize: [40, 40] }),
      quantization({ method, bits: bits(n) }),
      quantizers,
    );
    const chains = overrides().fusions?.flatMap((fusion) => fusion(graph)) ?? [];
    t.equal(chains.length, 24, "three RPReLUs a block");
    t.equal(chains.filter(({ nodes }) => nodes.length === 4).length, 16, "two of them quantized");
    const store = createStore(graph, n);
    for (const [name, held] of store) {
      // RPReLU begins without biases, and all intervals as long as another.
      if (!/bias\d\d\.bias$|prelu\d\.weight$|quan\d\.(a|offset|theta)$/.test(name)) continue;
      const noise = tensor(normals(held.size, 0.1, n, name), held.shape);
      replace(store, name, add(held, noise));
      noise.dispose();
    }
    const before = memory().numTensors;
    const train = (options: { observe?: () => void }): Both => {
      const pass = forward(graph, store, images, { mode: "training", ...options });
      const gradients = backward(graph, store, pass, pass.logits);
      const values = new Map(
        [...gradients].map(([name, gradient]) => [name, gradient.dataSync() as Float32Array]),
      );
      const logits = pass.logits.dataSync();
      dispose([pass.logits, ...pass.buffers.values(), ...gradients.values()]);
      return { logits, values };
    };
    const [whole, single] = [train({}), train({ observe: () => {} })];
    t.strictSame(whole.logits, single.logits, `${method} W${n}A${n}: the same bits`);
    t.same([...whole.values.keys()].sort(), [...single.values.keys()].sort());
    for (const [name, values] of single.values)
      agrees(t, whole.values.get(name)!, values, 1e-4, `${method} ${name}`);
    t.equal(memory().numTensors, before);
    disposeStore(store);
  }
  images.dispose();
});

t.test(
  "a batch that exceeds the memory is an error with its size, and a smaller one works",
  { skip: withoutTorch },
  async (t) => {
    await engines.torch.load();
    const graph = buildGraph(architecture("resnet", { depth: 18, classes: 10 }), quantization(), quantizers);
    const store = createStore(graph, 1);
    const limit = (bytes: string) => execFileSync("prlimit", [`--pid=${process.pid}`, `--data=${bytes}:`]);
    const images = (batch: number) => zeros([batch, 224, 224, 3]);
    const [many, few] = [images(64), images(1)];
    const before = memory().numTensors;
    const used = 1024 * Number(/VmData:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
    // A convolution's output of 64 images has 205 MB: one of them has room.
    limit(String(used + 320e6));
    try {
      t.throws(() => forward(graph, store, many, { mode: "training" }), {
        code: "N2UQ_OUT_OF_MEMORY",
        message: /^there is not enough memory for \w+ of \[64, .* with a batch of 64 images$/,
      });
      t.equal(memory().numTensors, before, "nothing is left of it");
      const pass = forward(graph, store, few, { mode: "inference" });
      t.equal(pass.logits.dataSync().length, 10);
      pass.logits.dispose();
    } finally {
      limit("unlimited");
    }
    dispose([many, few]);
    disposeStore(store);
  },
);

interface Both {
  readonly logits: unknown;
  readonly values: ReadonlyMap<string, Float32Array>;
}

t.test(
  "no step waits for a result before its end, as on a GPU it would",
  { skip: withoutTorch },
  async (t) => {
    await engines.torch.load();
    const backend = findBackend(BACKEND) as TorchBackend;
    const settings = {
      kind: "adam",
      lr: 1e-3,
      weightDecay: 0,
      betas: [0.9, 0.999],
      epsilon: 1e-8,
      groups: [],
    } as const;
    for (const method of Object.keys(quantizers) as (keyof typeof quantizers)[]) {
      const network = architecture("cifar-resnet", { depth: 20, inputSize: [8, 8], classes: 4 });
      const graph = buildGraph(network, quantization({ method }), quantizers);
      const state = { graph, store: createStore(graph, 0), optimizerState: new Map(), step: 0 };
      const images = tensor(normals(4 * 8 * 8 * 3, 1, 0, "images"), [4, 8, 8, 3]);
      const labels = tensor([0, 1, 2, 3], [4], "int32") as Tensor1D;
      const request = {
        images,
        targets: { labels },
        loss: { kind: "cross-entropy", labelSmoothing: 0.1 },
        optimizer: createOptimizer(settings),
        groups: groupParameters(graph, settings),
        lrFactor: 1,
        wantNorm: true,
      } as const;
      let reads = 0;
      const { readSync } = backend;
      backend.readSync = (dataId) => {
        reads++;
        return readSync.call(backend, dataId);
      };
      const { loss, logits, gradientNorm } = trainStep(state, request);
      backend.readSync = readSync;
      t.equal(reads, 0, method);
      t.ok(Number.isFinite(loss.dataSync()[0]));
      dispose([loss, logits, gradientNorm!, images, labels]);
      disposeState(state);
    }
  },
);

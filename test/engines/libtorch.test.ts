import { execFileSync } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { findAddons, probeAddon } from "../../src/engines/torch/addons.js";
import { planTorch } from "../../src/engines/torch/install/install.js";
import { findLibtorch, isFound, missingLibraries } from "../../src/engines/torch/install/libtorch.js";
import { gpuAdvice } from "../../src/engines/torch/loader.js";
import { n2uq, root } from "../helpers/cli.js";
import { inFolder } from "../helpers/engines.js";
import { failure } from "../helpers/failure.js";
import { killAfter, outcome } from "../helpers/killing.js";
import { killMoments } from "../helpers/killSeed.js";
import { withoutTorch } from "../helpers/torch.js";

const experiment = `
name: tiny
architecture: { family: stages, layout: n2uq, stem: { kernel: 3, stride: 2, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: n2uq, bits: 2 }
data: { dataset: synthetic, synthetic: { trainSize: 640, testSize: 64 } }
training: { epochs: 3, batchSize: 16, optimizer: { lr: 1.0e-2 }, schedule: { kind: constant }, checkpoint: { everySteps: 5 } }
engine: torch
`;

t.test(
  "a run on this libtorch that was killed has the same bits when it is resumed",
  { skip: withoutTorch },
  async (t) => {
    const [addon] = findAddons();
    t.comment(`libtorch ${addon?.version} in ${addon?.libraries}`);
    const folder = t.testdir({ "tiny.yaml": experiment });
    const run = (runs: string) => ["run", "tiny.yaml", "--runs", join(folder, runs)];
    const whole = await n2uq(run("whole"), folder);
    t.equal(whole.code, 0, whole.stderr);
    const random = killMoments();
    let kills = 0;
    for (let attempt = 0; kills < 2 && attempt < 20; attempt++) {
      const after = 1 + Math.floor(50 * random());
      if ((await killAfter(after, run("killed"), folder)).signal === "SIGKILL") kills += 1;
    }
    t.equal(kills, 2);
    const resumed = await n2uq(run("killed"), folder);
    t.equal(resumed.code, 0, resumed.stderr);
    t.same(outcome(join(folder, "killed")), outcome(join(folder, "whole")));
  },
);

t.test("the quickstart learns on this libtorch", { skip: withoutTorch }, async (t) => {
  const runs = t.testdir();
  const settings = ["training.steps=60", "training.loss.kind=cross-entropy", "teacher=null", "init=null"];
  const { code, stdout, stderr } = await n2uq([
    ...["run", join(root, "experiments", "quickstart.yaml"), "--engine", "torch", "--json", "--runs", runs],
    ...settings.flatMap((setting) => ["--set", setting]),
  ]);
  t.equal(code, 0, stderr);
  const losses = stdout
    .split("\n")
    .filter((line) => line.includes('"type":"step"'))
    .map((line) => JSON.parse(line).loss as number);
  t.equal(losses.length, 60);
  t.ok(losses.at(-1)! < losses[0]! / 2, `the loss falls from ${losses[0]} to ${losses.at(-1)}`);
});

/** A module with the addon's interface, whose convolutions are right only where `isRight` holds. */
const faulty = (isRight: string) => `
const tensors = [];
module.exports = {
  version: "2.6.0",
  gpus: () => 0,
  create: (values, shape) => tensors.push({ values, shape }) - 1,
  read: (id) => tensors[id].values,
  run(name, [first, second]) {
    const [x, w] = [tensors[first], tensors[second]];
    const [batch, side, , channels] = x.shape, filters = w.shape[3], out = Math.ceil(side / 2);
    const y = new Float32Array(batch * out * out * filters);
    for (let i = 0; i < y.length; i++) {
      const pixel = Math.floor(i / filters), image = Math.floor(pixel / (out * out));
      const row = 2 * (Math.floor(pixel / out) % out), column = 2 * (pixel % out);
      for (let c = 0; c < channels; c++)
        y[i] += x.values[((image * side + row) * side + column) * channels + c] * w.values[c * filters + (i % filters)];
    }
    if (!(${isRight})) y[y.length - 1] += 1;
    return [{ id: tensors.push({ values: y, shape: [] }) - 1 }];
  },
};`;

t.test("a libtorch with wrong convolutions is used with AVX2, or not at all", async (t) => {
  const folder = t.testdir({
    "right.cjs": faulty("true"),
    "avx2.cjs": faulty('process.env.ONEDNN_MAX_CPU_ISA === "AVX2"'),
    "wrong.cjs": faulty("batch < 2"),
  });
  const trial = (name: string) =>
    probeAddon({
      version: "2.6.0",
      libraries: folder,
      sources: "",
      folder,
      binding: join(folder, `${name}.cjs`),
    });
  await inFolder(folder, async () => {
    t.same(await trial("right"), { works: true, version: "2.6.0", gpu: false });
    const needs = { ONEDNN_MAX_CPU_ISA: "AVX2" };
    t.same(await trial("avx2"), { works: true, version: "2.6.0", gpu: false, needs });
    t.match(await trial("wrong"), { works: false, reason: /computes convolutions wrongly/ });
    t.equal(readdirSync(join(folder, "probes")).length, 2, "only what works is remembered");
  });
});

t.test("a GPU counts only if a kernel runs on it", { skip: withoutTorch }, async (t) => {
  const [real] = findAddons();
  /** The real addon with a GPU, which is the emulation or fails. */
  const addonWith = (useDevice: string) => `
    const real = require(${JSON.stringify(real!.binding)});
    const bound = (name) => (...given) => real[name](...given);
    for (const name of ["create", "read", "run"]) exports[name] = bound(name);
    exports.version = real.version;
    exports.gpus = () => 1;
    exports.useDevice = (name, source) => { ${useDevice} };`;
  const lacks = "libnvrtc.so.13: cannot open shared object file: No such file or directory";
  const folder = t.testdir({
    "works.cjs": addonWith('if (name === "cuda:0") real.useDevice("emulated", source);'),
    "lacks.cjs": addonWith(`throw new Error("${lacks}");`),
  });
  const probe = (name: string) =>
    inFolder(join(folder, "engines"), () => probeAddon({ ...real!, binding: join(folder, name) }));
  t.match(await probe("works.cjs"), { works: true, gpu: true, gpuFault: undefined });
  t.match(await probe("lacks.cjs"), { works: true, gpu: false, gpuFault: lacks });
  t.match(gpuAdvice(lacks), /libnvrtc.so.13.*LD_LIBRARY_PATH/s);
  t.notMatch(gpuAdvice("the driver is too old"), "LD_LIBRARY_PATH");
});

t.test("libraries that the loader does not find are named", async (t) => {
  const folder = t.testdir({ include: { torch: { headeronly: {} } }, lib: {} });
  const version = [2, 15, 0].map((n, i) => `#define TORCH_VERSION_${["MAJOR", "MINOR", "PATCH"][i]} ${n}`);
  writeFileSync(join(folder, "include/torch/headeronly/version.h"), version.join("\n"));
  writeFileSync(join(folder, "empty.c"), "");
  const shared = (name: string, ...flags: string[]) =>
    execFileSync("g++", ["-shared", "-o", join(folder, "lib", name), join(folder, "empty.c"), ...flags]);
  shared("libcudart.so.13", "-Wl,-soname,libcudart.so.13");
  shared("libc10.so");
  shared("libtorch_cpu.so", "-Wl,--no-as-needed", join(folder, "lib", "libcudart.so.13"));
  rmSync(join(folder, "lib", "libcudart.so.13"));
  const found = await findLibtorch(folder);
  t.match(found, { version: "2.15.0", cuda: false });
  if (!isFound(found)) return;
  t.same(await missingLibraries(found), ["libcudart.so.13"]);
  const error = await inFolder(join(folder, "engines"), () =>
    failure(planTorch({ libtorch: folder, force: true })),
  );
  t.match(error, {
    code: "N2UQ_ENGINE_INSTALL_FAILED",
    message: /needs libcudart\.so\.13/,
    hint: /LD_LIBRARY_PATH/,
  });
});

t.test("a conda environment's libtorch is found", async (t) => {
  const folder = t.testdir({
    include: { torch: { headeronly: {} } },
    lib: { "libtorch_cpu.so": "", "libc10.so": "" },
  });
  writeFileSync(join(folder, "include/torch/headeronly/version.h"), "#define TORCH_VERSION_MAJOR 2\n");
  const before = {
    PATH: process.env.PATH,
    CONDA_PREFIX: process.env.CONDA_PREFIX,
    LIBTORCH: process.env.LIBTORCH,
  };
  t.teardown(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  delete process.env.LIBTORCH;
  // Without a python3 there is no torch of Python's.
  Object.assign(process.env, { PATH: folder, CONDA_PREFIX: folder });
  t.match(await findLibtorch(), { version: "2.0.0", libraries: join(folder, "lib"), source: /conda/ });
});

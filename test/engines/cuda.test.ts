import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { gpuKernels, sourcesFolder } from "../../src/engines/torch/sources.js";

// kernels.cu through a compiler of CUDA, which needs neither a GPU nor NVIDIA's toolkit to give NVIDIA's assembly.

const clang = "clang";
const missing = spawnSync(clang, ["--version"]).status !== 0;
if (missing && process.env.N2UQ_REQUIRE_CLANG !== "1") {
  t.plan(0, "clang is not installed");
  process.exit(0);
}

/** Without NVIDIA's toolkit, and for the GPU alone. */
const CUDA = ["-x", "cuda", "-nocudainc", "-nocudalib", "--cuda-device-only"];

/** What NVRTC declares by itself. */
const DECLARATIONS = `
#include <__clang_cuda_builtin_vars.h>
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __forceinline__ inline __attribute__((always_inline))
__device__ inline float rintf(float x) { return __builtin_rintf(x); }
__device__ inline float sqrtf(float x) { return __builtin_sqrtf(x); }
`;

t.test(
  "kernels.cu is CUDA, with every kernel that is started, and none keeps values in slow local memory",
  async (t) => {
    const folder = t.testdir({ "declarations.h": DECLARATIONS });
    const [assembly, source] = [join(folder, "kernels.ptx"), join(sourcesFolder(), "gpu", "kernels.cu")];
    const { status, stderr } = spawnSync(
      clang,
      [
        ...CUDA,
        ...["--cuda-gpu-arch=sm_70", "-std=c++14", "-O2", "-ffp-contract=off"],
        ...["-Wno-unknown-cuda-version", "-Wall", "-Wextra", "-Werror"],
        ...["-include", join(folder, "declarations.h"), "-S", source, "-o", assembly],
      ],
      { encoding: "utf8" },
    );
    t.equal(status, 0, stderr);
    const text = readFileSync(assembly, "utf8");
    const entries = [...text.matchAll(/\.entry (\w+)\(/g)].map(([, name]) => name).sort();
    const started = [
      ...readFileSync(join(sourcesFolder(), "gpu", "operations.cpp"), "utf8").matchAll(/launch\("(\w+)"/g),
    ];
    t.same(entries, [...new Set(started.map(([, name]) => name))].sort());
    t.notMatch(text, /\.local/);
    t.notMatch(text, /fma\.rn/, "products are rounded");
  },
);

t.test("the comparison detects a wrong result", async (t) => {
  const folder = t.testdir({ "declarations.h": DECLARATIONS });
  const broken = join(folder, "broken.cu");
  writeFileSync(broken, gpuKernels().replace("float beta1", "flaot beta1"));
  const given = [...CUDA, "-include", join(folder, "declarations.h"), "-fsyntax-only", broken];
  t.not(spawnSync(clang, given).status, 0);
});

import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import t from "tap";
import { findLibtorch, isFound } from "../../src/engines/torch/install/libtorch.js";
import { gpuKernels, sourcesFolder } from "../../src/engines/torch/sources.js";
import { root } from "../helpers/root.js";

// kernels.cu through NVIDIA's own compiler at run time, which needs no GPU, and a stand-in for the driver.

const folder = process.env.N2UQ_TEST_NVRTC;
const libtorch = await findLibtorch();
const missing =
  folder === undefined
    ? "N2UQ_TEST_NVRTC names no folder with NVRTC"
    : isFound(libtorch)
      ? false
      : "no libtorch";

t.test(
  "NVRTC compiles kernels.cu for GPUs that it knows and for newer ones",
  { skip: missing },
  async (t) => {
    if (!isFound(libtorch)) return;
    t.ok(readdirSync(folder ?? "").some((name) => name.startsWith("libnvrtc.so")));
    const [built, here] = [t.testdir(), join(root, "test", "engines", "nvrtc")];
    execFileSync("gcc", ["-shared", "-fPIC", "-o", join(built, "libcuda.so.1"), join(here, "driver.c")]);
    const program = join(built, "program");
    execFileSync("g++", [
      ...["-std=c++20", `-D_GLIBCXX_USE_CXX11_ABI=${libtorch.abi}`, "-idirafter", libtorch.include],
      ...[join(here, "program.cpp"), "-o", program],
      ...[
        `-L${libtorch.libraries}`,
        `-Wl,-rpath,${libtorch.libraries}`,
        "-Wl,--unresolved-symbols=ignore-in-shared-libs",
      ],
      ...["-lc10", "-ldl"],
    ]);
    const load = (capability: number, source = join(sourcesFolder(), "gpu", "kernels.cu")) => {
      const libraries = [built, folder, process.env.LD_LIBRARY_PATH].filter((one) => one).join(delimiter);
      const env = { ...process.env, LD_LIBRARY_PATH: libraries, N2UQ_TEST_CC: String(capability) };
      return spawnSync(program, [source], { env, encoding: "utf8" });
    };
    for (const capability of [75, 80, 90, 100, 120]) {
      const { status, stdout } = load(capability);
      t.match([status, stdout], [0, "machine code\n"], `compute capability ${capability}`);
    }
    const newer = load(199);
    t.equal(newer.status, 0);
    t.match(newer.stdout, /\.target sm_\d+/, "PTX, which a newer driver compiles");
    t.match(newer.stdout, /\.entry chainGradient/);
    t.notMatch(newer.stdout, /fma\.rn|\.local/);
    const broken = join(built, "broken.cu");
    writeFileSync(broken, gpuKernels().replace("float beta1", "flaot beta1"));
    t.match(load(90, broken), { status: 1, stdout: /NVRTC: .*flaot/s });
  },
);

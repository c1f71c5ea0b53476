import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { sourcesFolder } from "../../src/engines/torch/sources.js";
import { root } from "../helpers/root.js";

// NVIDIA's compilers, which need no GPU: how many registers each kernel takes on each architecture, and that none
// keeps values in memory because the registers are full.

/** What ptxas reports about one kernel on one architecture; memory in bytes per thread. */
interface Report {
  readonly cuda: string;
  readonly architecture: number;
  readonly kernel: string;
  readonly registers: number;
  readonly stack: number;
  readonly stores: number;
  readonly loads: number;
}

const gpu = join(sourcesFolder(), "gpu");
const here = join(root, "test", "long");
/** The options besides the architecture that launch.cpp gives to NVRTC. */
const OPTIONS = ["--fmad=false"];

const folder = process.env.N2UQ_TEST_PTXAS ?? mkdtempSync(join(tmpdir(), "n2uq-ptxas-"));
if (process.env.N2UQ_TEST_PTXAS === undefined)
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const made = spawnSync(join(here, "ptxas.sh"), [folder], { encoding: "utf8" });
const missing =
  made.status === 0
    ? false
    : `NVIDIA's compilers were not installed: ${(made.stderr ?? String(made.error)).trim().split("\n").at(-1)}`;

async function reports(version: string, source: string): Promise<Report[]> {
  const python = join(folder, version, "bin", "python3");
  const { stdout } = await promisify(execFile)(python, [join(here, "ptxas.py"), source, ...OPTIONS]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Report);
}

/** `38` or, if it depends on the architecture, `32 to 38`. */
function range(numbers: readonly number[]): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? String(least) : `${least} to ${most}`;
}

t.test("no kernel spills registers on any architecture", { skip: missing }, async (t) => {
  t.match(readFileSync(join(gpu, "launch.cpp"), "utf8"), `target.option.c_str(), "${OPTIONS}"}`);
  const operations = readFileSync(join(gpu, "operations.cpp"), "utf8");
  const started = [...new Set([...operations.matchAll(/launch\("(\w+)"/g)].map(([, name]) => name!))].sort();
  for (const [version, expected] of [
    ["12", [70, 72, 75, 80, 86, 87, 89, 90, 100, 101, 103, 120, 121]],
    ["13", [75, 80, 86, 87, 89, 90, 100, 103, 120, 121]],
  ] as const) {
    const all = await reports(version, join(gpu, "kernels.cu"));
    const architectures = [...new Set(all.map(({ architecture }) => architecture))];
    t.same(
      expected.filter((one) => !architectures.includes(one)),
      [],
      `CUDA ${all[0]?.cuda} compiles for sm_${architectures.join(", ")}`,
    );
    for (const architecture of architectures) {
      const kernels = all.filter((one) => one.architecture === architecture).map(({ kernel }) => kernel);
      t.same(kernels.sort(), started, `every kernel for sm_${architecture}`);
    }
    t.same(
      all.filter(({ stack, stores, loads }) => stack + stores + loads > 0),
      [],
      "registers alone",
    );
    for (const name of started) {
      const registers = all.filter(({ kernel }) => kernel === name).map((one) => one.registers);
      // A block of 256 threads fits into the 65,536 registers of a multiprocessor at least twice.
      t.ok(Math.max(...registers) <= 128, `CUDA ${all[0]?.cuda}, ${name}: ${range(registers)} registers`);
      t.comment(`CUDA ${all[0]?.cuda}, ${name}: ${range(registers)} registers, no spills`);
    }
  }
});

t.test("the reports tell of values in memory", { skip: missing }, async (t) => {
  const source = join(t.testdir({ "local.cu": LOCAL }), "local.cu");
  for (const { stack, kernel } of await reports("13", source)) {
    t.equal(kernel, "local");
    t.ok(stack >= 256, `${stack} bytes`);
  }
});

/** A kernel whose array can't be in registers, because its index is not known. */
const LOCAL = `extern "C" __global__ void local(float* x, int n) {
  float values[64];
  for (int i = 0; i < 64; i++) values[(i * n) % 64] = x[i];
  x[n] = values[n];
}`;

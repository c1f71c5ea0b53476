// npm run wasm:build: compiles native/wasm to the two modules that the engine wasm loads, one for shared memory and one
// for memory that is not. Needs Zig's compiler: `pip install ziglang==0.17.1`, in the Python of N2UQ_PYTHON (default:
// python3). With `--check` it writes nothing and exits with 1 if the modules in the repository have other bytes.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { faultsOf, withLargestMemory } from "./wasm/module.js";

const VERSION = "0.17.1";
const python = process.env.N2UQ_PYTHON ?? "python3";
const folder = fileURLToPath(new URL("../native/wasm/", import.meta.url));
const sources = readdirSync(folder).filter((name) => name.endsWith(".cpp"));
const exported = sources.flatMap((name) =>
  [...readFileSync(join(folder, name), "utf8").matchAll(/^EXPORT \w+ (\w+)\(/gm)].map(([, found]) => found),
);

const LANGUAGE = [
  "-std=c++20",
  "-O3",
  "-fno-exceptions",
  "-fno-rtti",
  "-ffp-contract=off",
  "-fvisibility=hidden",
];
const TARGET = [
  "-target",
  "wasm32-freestanding",
  "-msimd128",
  "-mbulk-memory",
  "-nostdlib",
  "-Wall",
  "-Wextra",
];
const LINKER = [
  "--no-entry",
  "--import-memory",
  "--strip-all",
  ...exported.map((name) => `--export=${name}`),
];
const SHARED = ["-matomics", "-Wl,--shared-memory", "-Wl,--max-memory=4294901760"];

const zig = (...args) => execFileSync(python, ["-m", "ziglang", ...args], { cwd: folder, encoding: "utf8" });

/** @returns {Buffer} the module */
function compile(shared) {
  const work = mkdtempSync(join(tmpdir(), "n2uq-wasm-"));
  try {
    const made = join(work, "kernels.wasm");
    const flags = [...TARGET, ...LANGUAGE, ...LINKER.map((flag) => `-Wl,${flag}`), ...(shared ? SHARED : [])];
    zig("c++", ...flags, "-o", made, ...sources);
    const module = readFileSync(made);
    return shared ? withLargestMemory(module) : module;
  } finally {
    rmSync(work, { recursive: true });
  }
}

const version = zig("version").trim();
if (version !== VERSION) throw new Error(`Zig is ${version}; the modules are built with ${VERSION}`);
for (const [name, shared] of [
  ["kernels.wasm", false],
  ["kernels-shared.wasm", true],
]) {
  const module = compile(shared);
  for (const fault of faultsOf(module)) throw new Error(`${name}: ${fault}`);
  const file = join(folder, name);
  if (!process.argv.includes("--check")) writeFileSync(file, module);
  else if (!readFileSync(file).equals(module)) {
    console.error(`${name} is not what its sources compile to: npm run wasm:build`);
    process.exitCode = 1;
  }
}

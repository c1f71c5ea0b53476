import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { sourceFiles, sourcesFolder } from "../sources.js";
import type { Libtorch } from "./libtorch.js";

/** For the files that include loops.h: sums may be reordered to vectorise them. Never when linking: it would hold for all. */
const VECTORISED = [
  "-O3",
  "-fno-math-errno",
  "-fno-trapping-math",
  "-fassociative-math",
  "-fno-signed-zeros",
  // Channels lie side by side in memory, whichever loop comes first.
  "-fno-loop-interchange",
];

/** Without -march=native: what is built here may be run by another machine that shares the folder. */
const COMMON = [
  ...["-std=c++20", "-fPIC", "-fopenmp", "-fvisibility=hidden", "-DNAPI_VERSION=8"],
  // Every product is rounded, as in the plain versions, so that a value lies on the same side of a threshold.
  "-ffp-contract=off",
];

/** Named again, these would come before the C++ library's own headers, which must find C's behind them. */
const searchedAnyway = new Set(["/usr/include", "/usr/local/include"]);
const asSystem = (folder: string) => ["-isystem", folder];

/** The compiler: `CXX`, or g++. */
export function compiler(): string {
  return process.env.CXX ?? "g++";
}

/**
 * Compiles the addon for a libtorch into `file`; objects go into `folder`.
 * @throws Error with the compiler's first complaint
 */
export async function buildAddon(
  libtorch: Libtorch,
  folder: string,
  file: string,
  onProgress: (text: string) => void,
): Promise<void> {
  const sources = sourceFiles().filter((name) => name.endsWith(".cpp"));
  const flags = [
    ...COMMON,
    `-D_GLIBCXX_USE_CXX11_ABI=${libtorch.abi}`,
    ...ncclFlags(libtorch),
    ...[nodeHeaders(), libtorch.include].filter((folder) => !searchedAnyway.has(folder)).flatMap(asSystem),
    ...asSystem(join(libtorch.include, "torch/csrc/api/include")),
    // Searched last: the names of Gloo that c10d's headers use, for machines without Gloo's headers.
    "-idirafter",
    join(sourcesFolder(), "stubs"),
  ];
  const objects = sources.map((name) => join(folder, name.replaceAll("/", "-").replace(/\.cpp$/, ".o")));
  const waiting = [...sources.entries()];
  let done = 0;
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, name] = next;
      const source = join(sourcesFolder(), name);
      const optimization = readFileSync(source).includes('#include "loops.h"') ? VECTORISED : ["-O2"];
      await compile([...flags, ...optimization, "-c", source, "-o", objects[index] ?? ""]);
      done += 1;
      onProgress(`compiled ${done} of ${sources.length} files`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  onProgress("linking");
  const { libraries } = libtorch;
  // Nothing here names a function of CUDA's part, which makes itself known to ATen when it is loaded.
  const cuda = existsSync(join(libraries, "libtorch_cuda.so"))
    ? ["-Wl,--no-as-needed", "-ltorch_cuda", "-lc10_cuda"]
    : [];
  const link = [`-L${libraries}`, `-Wl,-rpath,${libraries}`, "-ltorch_cpu", "-lc10", ...cuda, "-ldl"];
  await compile(["-shared", "-fopenmp", ...objects, "-o", file, ...link]);
}

/**
 * With N2UQ_NCCL=1: ranks on GPUs talk through c10d's NCCL. That alone needs headers of CUDA's and NCCL's: those of the wheels
 * beside PyTorch's, or what CPATH names.
 */
function ncclFlags({ include }: Libtorch): string[] {
  if (process.env.N2UQ_NCCL !== "1") return [];
  const wheels = join(include, "..", "..", "nvidia");
  const folders = existsSync(wheels) ? readdirSync(wheels).map((name) => join(wheels, name, "include")) : [];
  return ["-DN2UQ_NCCL", ...folders.filter((folder) => existsSync(folder)).flatMap(asSystem)];
}

/** Of the package that holds Node-API's headers: Node.js itself comes with or without them. */
function nodeHeaders(): string {
  return join(dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json")), "include");
}

function compile(given: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(compiler(), given, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      const gone = error.code === "ENOENT";
      reject(gone ? new Error(`the compiler ${compiler()} was not found`) : error);
    });
    child.on("close", (code, signal) => {
      if (code === 0) return resolve();
      const complaint = said.split("\n").find((line) => /error/.test(line)) ?? said.trim().split("\n").at(-1);
      return reject(new Error(complaint || `${compiler()} ended with ${signal ?? code}`));
    });
  });
}

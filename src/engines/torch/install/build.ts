import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import pLimit from "p-limit";
import { sourceFiles, sourcesFolder } from "../sources.js";
import type { Libtorch } from "./libtorch.js";

/**
 * Flags for files that include loops.h: the compiler may reorder sums to vectorize them. They must not be
 * passed to the linker, where they would change the arithmetic of the whole process.
 */
const VECTORISED = [
  "-O3",
  "-fno-math-errno",
  "-fno-trapping-math",
  "-fassociative-math",
  "-fno-signed-zeros",
  // Keeps the inner loop over the channels, which are adjacent in memory.
  "-fno-loop-interchange",
];

/**
 * Flags for all files. -march=native is not among them, because another machine that shares the folder may
 * run the addon.
 */
const COMMON = [
  ...["-std=c++20", "-fPIC", "-fopenmp", "-fvisibility=hidden"],
  ...["-DNAPI_VERSION=8", "-DNAPI_CPP_EXCEPTIONS", "-DNODE_ADDON_API_CPP_EXCEPTIONS_ALL"],
  // Every product is rounded, as in the plain implementation, so that a value is on the same side of a
  // threshold in both.
  "-ffp-contract=off",
];

/**
 * Folders that the compiler searches anyway. With -isystem they would be searched before the folders of the
 * C++ library's headers, which must be searched before C's.
 */
const searchedAnyway = new Set(["/usr/include", "/usr/local/include"]);
const asSystem = (folder: string) => ["-isystem", folder];

const run = promisify(execFile);

/**
 * Compiles the addon for a libtorch into `file`, with objects in `folder`. @throws Error with the compiler's
 * first error
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
    ...[...nodeHeaders(), libtorch.include].filter((folder) => !searchedAnyway.has(folder)).flatMap(asSystem),
    ...asSystem(join(libtorch.include, "torch/csrc/api/include")),
    // Searched last: replacements of the Gloo headers that c10d includes, for machines without these headers.
    "-idirafter",
    join(sourcesFolder(), "stubs"),
  ];
  const objects = sources.map((_, index) => join(folder, `${index}.o`));
  let done = 0;
  await pLimit(availableParallelism()).map(sources, async (source, index) => {
    const optimization = readFileSync(source).includes('#include "loops.h"') ? VECTORISED : ["-O2"];
    await compile([...flags, ...optimization, "-c", source, "-o", objects[index] ?? ""]);
    done += 1;
    onProgress(`compiled ${done} of ${sources.length} files`);
  });
  onProgress("linking");
  const { libraries } = libtorch;
  // The addon calls no function of the CUDA library, but must load it, because the library registers itself
  // with ATen.
  const cuda = libtorch.cuda ? ["-Wl,--no-as-needed", "-ltorch_cuda", "-lc10_cuda"] : [];
  const link = [`-L${libraries}`, `-Wl,-rpath,${libraries}`, "-ltorch_cpu", "-lc10", ...cuda, "-ldl"];
  await compile(["-shared", "-fopenmp", ...objects, "-o", file, ...link]);
}

/**
 * Folders of the headers of Node-API, which not every Node.js installation has, and of its C++ wrapper, from
 * two npm packages.
 */
function nodeHeaders(): string[] {
  const { resolve } = createRequire(import.meta.url);
  const [plain, wrapper] = ["node-api-headers", "node-addon-api"].map((name) =>
    resolve(`${name}/package.json`),
  );
  return [join(dirname(plain ?? ""), "include"), dirname(wrapper ?? "")];
}

const compilerName = () => process.env.CXX ?? "g++";

/**
 * The compiler's name and version in the compiler's own words, for example `g++ (Debian 12.2.0-14) 12.2.0`;
 * null if there is none.
 */
export async function compilerVersion(): Promise<string | null> {
  try {
    const { stdout } = await run(compilerName(), ["--version"]);
    return stdout.split("\n")[0]?.trim() ?? null;
  } catch {
    return null;
  }
}

async function compile(given: readonly string[]): Promise<void> {
  const compiler = compilerName();
  try {
    await run(compiler, given, { maxBuffer: 2 ** 26 });
  } catch (error) {
    type Failed = NodeJS.ErrnoException & { signal?: string; stderr?: string };
    const { code, signal, stderr = "" } = error as Failed;
    if (code === "ENOENT") throw new Error(`the compiler ${compiler} was not found`);
    const lines = stderr.trim().split("\n");
    const complaint = lines.find((line) => /error/.test(line)) ?? lines.at(-1);
    throw new Error(complaint || `${compiler} ended with ${signal ?? code}`);
  }
}

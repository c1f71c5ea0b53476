import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { namesIn } from "../../../files/names.js";
import { userPath } from "../../../userPath.js";

/** A libtorch with headers on the disk. */
export interface Libtorch {
  readonly version: string;
  readonly include: string;
  /** The folder of the shared libraries. */
  readonly libraries: string;
  /** The ABI of C++ strings it was compiled for: 1 is the newer one. */
  readonly abi: 0 | 1;
  readonly source: string;
  readonly cuda: boolean;
}

export interface Search {
  /** The folders that were searched, each with the reason why it was rejected. */
  readonly reasons: readonly string[];
}

const run = promisify(execFile);
const CUDA_LIBRARY = "libtorch_cuda.so";
/** The headers that contain the version: the first one since 2.10, the second one before. */
const VERSIONS = ["torch/headeronly/version.h", "torch/csrc/api/include/torch/version.h"];

/** Finds the path from which Python would import torch, without importing it. */
const WHERE = `
import importlib.util
spec = importlib.util.find_spec("torch")
print(spec.submodule_search_locations[0] if spec else "")
`;

/**
 * Finds the first libtorch with headers: in the requested folder or `LIBTORCH`; in the torch package of
 * `python3` on PATH (of a virtual environment, if one is activated) or of the conda environment; or in the
 * system (Debian's libtorch-dev). If a folder is requested, no other folder is searched.
 */
export async function findLibtorch(asked = process.env.LIBTORCH): Promise<Libtorch | Search> {
  if (asked !== undefined) return searched([[userPath(asked), userPath(asked)]]);
  const python = await pythonFolder();
  const places: [string, string][] = python === "" ? [] : [[python, "python3's torch"]];
  const { CONDA_PREFIX: conda = "" } = process.env;
  if (conda !== "") places.push([conda, "the conda environment's libtorch"]);
  return searched([...places, ["/usr/local", "/usr/local"], ["/usr", "the system's libtorch-dev"]]);
}

export function isFound(search: Libtorch | Search): search is Libtorch {
  return "libraries" in search;
}

function searched(places: readonly (readonly [folder: string, source: string])[]): Libtorch | Search {
  const reasons: string[] = [];
  for (const [folder, source] of places) {
    const answer = inFolder(folder, source);
    if (typeof answer !== "string") return answer;
    reasons.push(answer);
  }
  return { reasons };
}

function inFolder(folder: string, source: string): Libtorch | string {
  const include = join(folder, "include");
  const header = VERSIONS.map((name) => join(include, name)).find((file) => existsSync(file));
  if (header === undefined) return `${folder} has no headers of libtorch`;
  const libraries = librariesOf(folder);
  if (libraries === undefined) return `${folder} has no libtorch_cpu.so`;
  const text = readFileSync(header, "utf8");
  const part = (name: string) => new RegExp(`#define TORCH_VERSION_${name} (\\d+)`).exec(text)?.[1] ?? "0";
  const version = `${part("MAJOR")}.${part("MINOR")}.${part("PATCH")}`;
  const cuda = existsSync(join(libraries, CUDA_LIBRARY));
  return { version, include, libraries, abi: abiOf(join(libraries, "libc10.so")), source, cuda };
}

/**
 * The shared libraries that libtorch needs and the system's loader does not find, for example
 * `libcudart.so.13`: a wheel built with CUDA needs CUDA's runtime also if only the CPU is used. Empty if the
 * program `ldd` is missing.
 */
export async function missingLibraries({ libraries, cuda }: Libtorch): Promise<readonly string[]> {
  const names = ["libtorch_cpu.so", ...(cuda ? [CUDA_LIBRARY] : [])];
  const lists = names.map((name) =>
    run("ldd", [join(libraries, name)]).then(
      ({ stdout }) => stdout,
      () => "",
    ),
  );
  const found = (await Promise.all(lists)).flatMap((list) => [...list.matchAll(/^\s*(\S+) => not found/gm)]);
  return [...new Set(found.map(([, name = ""]) => name))].sort();
}

function librariesOf(folder: string): string | undefined {
  const plain = ["lib", "lib64"].map((name) => join(folder, name));
  const byMachine = plain.flatMap((lib) =>
    namesIn(lib)
      .filter((name) => name.endsWith("-linux-gnu"))
      .map((name) => join(lib, name)),
  );
  return [...plain, ...byMachine].find((lib) => existsSync(join(lib, "libtorch_cpu.so")));
}

/** Detects the ABI from the mangled name of a constructor with a string argument. */
function abiOf(library: string): 0 | 1 {
  return readFileSync(library).includes("c105ErrorC2ENS_14SourceLocationENSt7__cxx11") ? 1 : 0;
}

async function pythonFolder(): Promise<string> {
  const { stdout } = await run("python3", ["-c", WHERE], { timeout: 30_000 }).catch(() => ({ stdout: "" }));
  return stdout.trim();
}

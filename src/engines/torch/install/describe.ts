import type { Probe } from "../../trial.js";
import { type Addon, findAddons, probeAddon } from "../addons.js";
import { gpuAdvice } from "../loader.js";
import { sourcesDigest } from "../sources.js";
import { compilerVersion } from "./build.js";
import { findLibtorch, isFound, type Libtorch, missingLibraries } from "./libtorch.js";

/** The torch engine's addons on this machine, and the libtorch that a new one would be built for. */
export interface TorchReport {
  readonly addons: readonly (Pick<Addon, "folder" | "libraries"> & { readonly current: boolean } & Probe)[];
  readonly libtorch: (Libtorch & { readonly missing: readonly string[] }) | null;
  /** The C++ compiler's name and version; null if there is none. */
  readonly compiler: string | null;
  /** Advice to the user, in sentences. */
  readonly advice: readonly string[];
}

export async function describeTorch(): Promise<TorchReport> {
  const digest = sourcesDigest();
  const addons = await Promise.all(
    findAddons().map(async (addon) => {
      const { folder, libraries, sources } = addon;
      return { folder, libraries, current: sources === digest, ...(await probeAddon(addon)) };
    }),
  );
  const search = await findLibtorch();
  const libtorch = isFound(search) ? { ...search, missing: await missingLibraries(search) } : null;
  const compiler = await compilerVersion();
  return { addons, libtorch, compiler, advice: adviceOn(addons, libtorch, compiler) };
}

/** Advice for the addons, the libtorch and the compiler that were found. */
function adviceOn(
  addons: TorchReport["addons"],
  libtorch: TorchReport["libtorch"],
  compiler: string | null,
): string[] {
  const working = addons.filter(({ works, current }) => works && current);
  if (working.some((addon) => addon.works && addon.gpu)) {
    return [
      "libtorch finds a GPU that n2uq was never tested on; `engines.torch.device: gpu` in the config uses it.",
    ];
  }
  const faults = working.flatMap((addon) => (addon.works && addon.gpuFault ? [addon.gpuFault] : []));
  if (working.length > 0) return faults.slice(0, 1).map(gpuAdvice);
  if (libtorch === null)
    return [
      "No libtorch with headers was found: `apt-get install libtorch-dev g++`, or `pip install torch`.",
    ];
  if (libtorch.missing.length > 0)
    return [
      `It needs ${libtorch.missing.join(", ")}; \`n2uq engine install torch\` says where they come from.`,
    ];
  if (compiler === null)
    return ["The engine needs a C++20 compiler: `apt-get install g++`, or the variable CXX with its name."];
  return ["Run `n2uq engine install torch` to use it."];
}

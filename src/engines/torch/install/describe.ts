import type { Probe } from "../../trial.js";
import { type Addon, findAddons, probeAddon } from "../addons.js";
import { sourcesDigest } from "../sources.js";
import { findLibtorch, isFound, type Libtorch } from "./libtorch.js";

/** The torch engine's addons on this machine, and the libtorch that a new one would be built for. */
export interface TorchReport {
  readonly addons: readonly (Pick<Addon, "folder" | "libraries"> & { readonly current: boolean } & Probe)[];
  readonly libtorch: Libtorch | null;
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
  const libtorch = isFound(search) ? search : null;
  return { addons, libtorch, advice: adviceOn(addons, libtorch) };
}

/** Advice for the addons and libtorch that were found. */
function adviceOn(addons: TorchReport["addons"], libtorch: Libtorch | null): string[] {
  const working = addons.filter(({ works, current }) => works && current);
  if (working.some((addon) => addon.works && addon.gpu)) {
    return [
      "libtorch finds a GPU that n2uq was never tested on; `engines.torch.device: gpu` in the config uses it.",
    ];
  }
  if (working.length > 0) return [];
  if (libtorch === null)
    return [
      "No libtorch with headers was found: `apt-get install libtorch-dev g++`, or `pip install torch`.",
    ];
  return [
    `libtorch ${libtorch.version} is installed (${libtorch.source}): run \`n2uq engine install torch\` to use it.`,
  ];
}

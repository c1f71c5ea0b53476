import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { tensorflowFolder } from "../folder.js";

export type Variant = "gpu" | "cpu";

/** A native library as it lies on the disk; whether it works, `probe` tells. */
export interface Library {
  /** Built for CUDA or not. */
  readonly variant: Variant;
  /** The folder that holds `lib/napi-v…/tfjs_binding.node` and `deps/lib/libtensorflow…`. */
  readonly folder: string;
  /** The native module. */
  readonly binding: string;
  readonly origin: "installed" | "package";
}

/** The npm packages whose installers bring a library. */
export const PACKAGES = { gpu: "@tensorflow/tfjs-node-gpu", cpu: "@tensorflow/tfjs-node" } as const;

/** Every library of this user and of the project, those for GPUs first. */
export function findLibraries(): Library[] {
  return (["gpu", "cpu"] as const).flatMap((variant) => [
    ...inFolder(join(tensorflowFolder(), variant), variant, "installed"),
    ...packageFolders(variant).flatMap((folder) => inFolder(folder, variant, "package")),
  ]);
}

/** The newest native module in a package's folder that this Node.js can load, or undefined. */
export function bindingIn(folder: string): string | undefined {
  const modules = join(folder, "lib");
  if (!existsSync(modules)) return undefined;
  const version = (name: string) => Number(/^napi-v(\d+)$/.exec(name)?.[1] ?? Number.NaN);
  return readdirSync(modules)
    .filter((name) => version(name) <= Number(process.versions.napi ?? 0))
    .sort((a, b) => version(b) - version(a))
    .map((name) => join(modules, name, "tfjs_binding.node"))
    .find((file) => existsSync(file));
}

function inFolder(folder: string, variant: Variant, origin: Library["origin"]): Library[] {
  const binding = bindingIn(folder);
  return binding === undefined ? [] : [{ variant, folder, binding, origin }];
}

/** The package in the node_modules of n2uq and of the current folder, and of those above. */
function packageFolders(variant: Variant): string[] {
  if (process.env.N2UQ_ENGINES) return [];
  const name = PACKAGES[variant];
  const starts = [import.meta.url, join(process.cwd(), "package.json")];
  const places = starts.flatMap((start) => createRequire(start).resolve.paths(name) ?? []);
  return [...new Set(places)].map((place) => join(place, name)).filter((folder) => existsSync(folder));
}

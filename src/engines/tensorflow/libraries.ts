import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { tensorflowFolder } from "../folder.js";

export type Variant = "gpu" | "cpu";

/** A native library on the disk; `probe` checks whether it works. */
export interface Library {
  readonly variant: Variant;
  /** The folder with `lib/napi-v…/tfjs_binding.node` and `deps/lib/libtensorflow…`. */
  readonly folder: string;
  readonly binding: string;
  readonly origin: "installed" | "package";
}

/** npm packages whose installers provide a library. */
export const PACKAGES = { gpu: "@tensorflow/tfjs-node-gpu", cpu: "@tensorflow/tfjs-node" } as const;

/** All libraries of this user and of the project, GPU builds first. */
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

/** The package's folders in the node_modules of n2uq, of the current folder, and of their parents. */
function packageFolders(variant: Variant): string[] {
  if (process.env.N2UQ_ENGINES) return [];
  const name = PACKAGES[variant];
  const starts = [import.meta.url, join(process.cwd(), "package.json")];
  const places = starts.flatMap((start) => createRequire(start).resolve.paths(name) ?? []);
  return [...new Set(places)].map((place) => join(place, name)).filter((folder) => existsSync(folder));
}

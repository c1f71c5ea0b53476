import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { N2uqError } from "../../../errors.js";
import { torchFolder } from "../../folder.js";
import { inWorkplace, putInPlace, removeFolder, unlessFound } from "../../workplace.js";
import { ADDON, type Addon, findAddons, MANIFEST, type Manifest, probeAddon } from "../addons.js";
import { gpuAdvice, LIBRARIES, loaderHint } from "../loader.js";
import { sourcesDigest } from "../sources.js";
import { buildAddon } from "./build.js";
import { forecast } from "./forecast.js";
import { findLibtorch, isFound, type Libtorch, missingLibraries } from "./libtorch.js";

export interface TorchRequest {
  /** libtorch's folder, with `include` and `lib`. */
  readonly libtorch?: string;
  /** Build again even if an addon works. */
  readonly force?: boolean;
  readonly onProgress?: (text: string) => void;
}

export interface InstalledTorch {
  readonly folder: string;
  readonly version: string;
  /** The source of libtorch; `here` if a working addon was already installed. */
  readonly source: string;
}

const HINT =
  "On Debian and Ubuntu: `apt-get install libtorch-dev g++`. Elsewhere: a C++20 compiler (CXX names it), and `pip install torch` (5 GB of disk) or an unpacked libtorch: name its folder with `--libtorch DIR` or the variable LIBTORCH. No partial installation remains; run the same command to try again.";

/**
 * Describes in one sentence what `installTorch` will do, with the time and disk space it needs. @throws
 * N2uqError N2UQ_ENGINE_INSTALL_FAILED if there is no libtorch
 */
export async function planTorch(request: TorchRequest): Promise<string> {
  const here = await accepted(request);
  if (here !== undefined) return `libtorch ${here.version} works already, nothing is compiled`;
  const { version, source } = await chosen(request);
  return `libtorch ${version} of ${source}; ${forecast(version)}`;
}

/**
 * Builds the addon for this machine's libtorch in the user's engines folder: in a temporary folder, tested in
 * a separate process, then renamed. @throws N2uqError N2UQ_ENGINE_INSTALL_FAILED
 */
export async function installTorch(request: TorchRequest): Promise<InstalledTorch> {
  const here = await accepted(request);
  if (here !== undefined) return here;
  const libtorch = await chosen(request);
  const { onProgress = () => undefined } = request;
  try {
    return await unlessFound(
      torchFolder(),
      () => accepted(request),
      () => install(libtorch, onProgress),
      onProgress,
    );
  } catch (cause) {
    const [reason = ""] = (cause as Error).message.split("\n");
    const where = `libtorch ${libtorch.version} in ${libtorch.libraries}`;
    throw failed(`${where}: ${reason}`, cause, loaderHint(reason));
  }
}

/** Removes all addons of this user. @returns whether there was one */
export async function removeTorch(): Promise<boolean> {
  return removeFolder(torchFolder());
}

/** A working addon that satisfies the request, unless `force` is set. */
async function accepted({ force, libtorch }: TorchRequest): Promise<InstalledTorch | undefined> {
  return force === true || libtorch !== undefined ? undefined : working();
}

/** @throws N2uqError N2UQ_ENGINE_INSTALL_FAILED */
async function chosen(request: TorchRequest): Promise<Libtorch> {
  if (process.platform !== "linux") throw failed(`there is no build for ${process.platform} yet`);
  const libtorch = await findLibtorch(request.libtorch);
  if (!isFound(libtorch)) throw failed(libtorch.reasons.join("; "));
  const missing = await missingLibraries(libtorch);
  if (missing.length > 0) {
    const { version, libraries } = libtorch;
    throw failed(`libtorch ${version} in ${libraries} needs ${missing.join(", ")}`, undefined, LIBRARIES);
  }
  return libtorch;
}

async function working(): Promise<InstalledTorch | undefined> {
  const digest = sourcesDigest();
  for (const addon of findAddons().filter(({ sources }) => sources === digest)) {
    const { folder, version } = addon;
    if ((await probeAddon(addon)).works) return { folder, version, source: "here" };
  }
  return undefined;
}

async function install(libtorch: Libtorch, onProgress: (text: string) => void): Promise<InstalledTorch> {
  const { version, libraries, abi, source } = libtorch;
  onProgress(`libtorch ${version} from ${source}`);
  return inWorkplace(torchFolder(), async (workplace) => {
    const made = join(workplace, "addon");
    const objects = join(workplace, "objects");
    await mkdir(made);
    await mkdir(objects);
    await buildAddon(libtorch, objects, join(made, ADDON), onProgress);
    const manifest: Manifest = { version, libraries, sources: sourcesDigest() };
    await writeFile(join(made, MANIFEST), JSON.stringify(manifest, null, 2));
    onProgress("trying it");
    const addon: Addon = { ...manifest, folder: made, binding: join(made, ADDON) };
    const answer = await probeAddon(addon);
    if (!answer.works) throw new Error(`the built addon does not work: ${answer.reason}`);
    if (answer.gpuFault !== undefined) onProgress(gpuAdvice(answer.gpuFault));
    const folder = join(torchFolder(), `${version}-abi${abi}`);
    await putInPlace(made, folder, workplace);
    return { folder, version, source };
  });
}

function failed(reasons: string, cause?: unknown, hint = HINT): N2uqError {
  const data = { name: "torch", folder: torchFolder(), reasons };
  return new N2uqError("N2UQ_ENGINE_INSTALL_FAILED", data, { hint, cause });
}

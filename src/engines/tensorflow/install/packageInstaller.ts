import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bindingIn, PACKAGES, type Variant } from "../libraries.js";

const VERSION = "4.22.0";
const LIMIT_MS = 15 * 60_000;

/**
 * Installs the package with npm and its scripts, which download libtensorflow, and copies its library to
 * `folder`. Rejects with the last message of npm or the scripts.
 */
export async function installPackage(
  variant: Variant,
  folder: string,
  onLine: (line: string) => void,
): Promise<void> {
  const workplace = join(folder, "npm");
  const name = PACKAGES[variant];
  await mkdir(workplace, { recursive: true });
  const manifest = { private: true, dependencies: { [name]: VERSION }, allowScripts: { [name]: true } };
  await writeFile(join(workplace, "package.json"), JSON.stringify(manifest));
  await npmInstall(workplace, onLine);
  const installed = join(workplace, "node_modules", ...name.split("/"));
  await copyLibrary(installed, folder);
}

/** Copies the native module and its libraries from a package's folder to `<folder>/library`. */
export async function copyLibrary(from: string, folder: string): Promise<void> {
  if (bindingIn(from) === undefined) throw new Error("it has no lib/napi-v…/tfjs_binding.node");
  for (const part of ["lib", "deps"].filter((name) => existsSync(join(from, name))))
    await cp(join(from, part), join(folder, "library", part), { recursive: true, verbatimSymlinks: true });
}

function npmInstall(cwd: string, onLine: (line: string) => void): Promise<void> {
  const args = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--foreground-scripts"];
  const child = spawn("npm", args, {
    cwd,
    shell: process.platform === "win32",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      const lines = text.split("\n").map((line) => line.trim());
      said.push(...lines.filter((line) => line !== ""));
      const last = said.at(-1);
      if (last !== undefined) onLine(last);
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Error(`npm did not start: ${error.message}`)));
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(telling(said) ?? `npm ended with ${code ?? signal}`));
    });
  });
}

/** The most informative line: a network error of the scripts, otherwise npm's first line. */
function telling(lines: readonly string[]): string | undefined {
  const plain = lines.map((line) => line.replace(/^npm (error|ERR!) ?/, ""));
  return (
    plain.find((line) => /\b(ENOTFOUND|ECONN\w+|ETIMEDOUT|EAI_AGAIN|ENOSPC|E404|E40\d)\b/.test(line)) ??
    plain.find((line) => /error/i.test(line)) ??
    plain.at(-1)
  );
}

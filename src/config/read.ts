import { readdirSync, readlinkSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, parse, relative, resolve } from "node:path";
import { orElse } from "../attempt.js";
import { N2uqError, type SourceLocation } from "../errors.js";
import { closestWord } from "../schema/closest.js";
import { binaryKind } from "./binary.js";
import type { Tree } from "./tree.js";
import { readYaml } from "./yaml.js";

const most = 1 << 20;

/**
 * Reads a file as strict UTF-8. `from` is the place that refers to the file; errors about the file itself
 * point there. @throws N2UQ_CONFIG_FILE_MISSING, _UNREADABLE, _TOO_LARGE, _BAD_UTF8, N2UQ_CONFIG_BINARY
 */
export async function readText(file: string, cwd: string, from?: SourceLocation): Promise<string> {
  let bytes: Uint8Array;
  try {
    const found = await stat(file);
    // Reading a device or a pipe may never end.
    if (!found.isFile() && !found.isDirectory())
      throw Object.assign(new Error("not a file"), { code: "ENOTFILE" });
    if (found.size > most) throw tooLarge(file, found.size);
    bytes = await readFile(file);
  } catch (cause) {
    if (cause instanceof N2uqError) throw cause;
    throw notRead(file, cwd, from, cause as NodeJS.ErrnoException);
  }
  if (bytes.length > most) throw tooLarge(file, bytes.length);
  const kind = binaryKind(bytes);
  if (kind !== undefined) {
    const details = { file: relative(cwd, file) || file, kind };
    throw new N2uqError("N2UQ_CONFIG_BINARY", details, { location: from ?? { file } });
  }
  const text = strictText(bytes);
  if (text === null) throw badUtf8(file, bytes);
  return text;
}

function tooLarge(file: string, bytes: number): N2uqError {
  const location = { file, line: 1, column: 1, text: "" };
  return new N2uqError("N2UQ_CONFIG_FILE_TOO_LARGE", { bytes, most }, { location });
}

/** Reads a file of any kind as a tree. @throws N2uqError or N2uqErrors N2UQ_CONFIG_* */
export async function readTree(file: string, cwd: string, from?: SourceLocation): Promise<Tree> {
  const label = (line: number) => `${relative(cwd, file)}:${line}`;
  return readYaml(await readText(file, cwd, from), { kind: "file", file, label });
}

/** The error for a missing file, with a similar name if there is one. */
export function missingFile(file: string, cwd: string, from?: SourceLocation): N2uqError {
  const shown = relative(cwd, file) || file;
  const hint = missingHint(file, cwd, from);
  return new N2uqError("N2UQ_CONFIG_FILE_MISSING", { file: shown }, { location: from ?? { file }, hint });
}

function missingHint(file: string, cwd: string, from: SourceLocation | undefined): string | undefined {
  const target = linkAt(file);
  if (target !== undefined) return `It is a link to ${target}, and this file does not exist.`;
  const source = from?.file === undefined ? undefined : linkAt(from.file);
  if (from !== undefined && source !== undefined) {
    const [link, own] = [relative(cwd, from.file), relative(cwd, resolve(dirname(from.file), source))];
    return `${link} is a link to ${own}. Paths in it are relative to the link's folder: give ${own} itself, or change the paths.`;
  }
  if (/[*?]/.test(basename(file)))
    return "No file matches this glob. `n2uq sweep` and `n2uq validate` accept globs; other commands accept one file.";
  const beside = experimentsIn(dirname(file)).filter((name) => name !== basename(file));
  const stem = closestWord(
    parse(file).name,
    beside.map((name) => parse(name).name),
  );
  const close = beside.find((name) => parse(name).name === stem);
  return close === undefined ? undefined : `Did you mean ${close}?`;
}

/** The target of a link, if the file is one. */
function linkAt(file: string): string | undefined {
  return orElse(() => readlinkSync(file), undefined);
}

/** Names of the YAML files in a folder; empty if it does not exist. */
export function experimentsIn(folder: string): string[] {
  return orElse(() => readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)), []);
}

function notRead(file: string, cwd: string, from: SourceLocation | undefined, cause: NodeJS.ErrnoException) {
  if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return missingFile(file, cwd, from);
  const shown = relative(cwd, file) || file;
  const hint = cause.code === "EISDIR" ? folderHint(file, shown) : undefined;
  const details = { file: shown, reason: REASONS[cause.code ?? ""] ?? String(cause.code) };
  return new N2uqError("N2UQ_CONFIG_FILE_UNREADABLE", details, { location: from ?? { file }, cause, hint });
}

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: "it is a folder",
  ELOOP: "its links are circular",
  EACCES: "you have no permission to read it",
  EPERM: "you have no permission to read it",
  ENOTFILE: "it is a device, a pipe or a socket",
  ENAMETOOLONG: "its name is too long",
};

function folderHint(folder: string, shown: string): string | undefined {
  const files = experimentsIn(folder);
  if (files.includes("resolved.yaml"))
    return `It is a run directory: \`n2uq report ${shown}\` shows it, and ${shown}/resolved.yaml is its experiment.`;
  const more = files.length > 8 ? ", …" : "";
  return files.length === 0 ? undefined : `Give one of its files: ${files.slice(0, 8).join(", ")}${more}.`;
}

/** Finds the first invalid byte by bisection. */
function badUtf8(file: string, bytes: Uint8Array): N2uqError {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (strictText(bytes.subarray(0, middle), true) !== null) good = middle;
    else bad = middle;
  }
  // The prefix may end inside a character; stream decoding ignores the incomplete character.
  const before = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, good), {
    stream: true,
  });
  const byte = Buffer.byteLength(before);
  const lines = before.split("\n");
  const lineStart = byte === 0 ? 0 : bytes.lastIndexOf(10, byte - 1) + 1;
  const lineEnd = bytes.indexOf(10, byte);
  const whole = bytes.subarray(lineStart, lineEnd === -1 ? undefined : lineEnd);
  const text = new TextDecoder().decode(whole).replace(/\r$/, "");
  const location = { file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, text };
  const hex = (bytes[byte] ?? 0).toString(16);
  const isUtf16 = byte === 0 && ["ff", "fe"].includes(hex);
  const hint = isUtf16 ? "The file is UTF-16: save it as UTF-8." : undefined;
  return new N2uqError("N2UQ_CONFIG_BAD_UTF8", { byte, hex }, { location, hint });
}

/** Null for invalid UTF-8. @param stream whether the last character may be incomplete */
function strictText(bytes: Uint8Array, stream = false): string | null {
  return orElse(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream }), null);
}

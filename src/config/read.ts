import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, parse, relative } from "node:path";
import { N2uqError, type SourceLocation } from "../errors.js";
import { closestWord } from "../schema/closest.js";

/** What a config file may have, in bytes. */
const most = 1 << 20;

/**
 * A file's text, decoded as UTF-8 strictly. `from` is where the file was named, for errors about the file as such.
 * Throws N2UQ_CONFIG_FILE_MISSING, _UNREADABLE, _TOO_LARGE, _BAD_UTF8.
 */
export async function readText(file: string, cwd: string, from?: SourceLocation): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw notRead(file, cwd, from, cause as NodeJS.ErrnoException);
  }
  const location = { file, line: 1, column: 1, text: "" };
  if (bytes.length > most) {
    throw new N2uqError("N2UQ_CONFIG_FILE_TOO_LARGE", { bytes: bytes.length, most }, { location });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badUtf8(file, bytes);
  }
}

/** The error about a file that is not there, with the name that may have been meant. */
export function missingFile(file: string, cwd: string, from?: SourceLocation): N2uqError {
  const shown = relative(cwd, file) || file;
  const beside = experimentsIn(dirname(file));
  const stem = closestWord(
    parse(file).name,
    beside.map((name) => parse(name).name),
  );
  const close = beside.find((name) => parse(name).name === stem);
  return new N2uqError(
    "N2UQ_CONFIG_FILE_MISSING",
    { file: shown },
    { location: from ?? { file }, ...(close === undefined ? {} : { hint: `Did you mean ${close}?` }) },
  );
}

/** Names of the YAML files in a folder; none when it is not there. */
export function experimentsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  } catch {
    return [];
  }
}

function notRead(file: string, cwd: string, from: SourceLocation | undefined, cause: NodeJS.ErrnoException) {
  if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return missingFile(file, cwd, from);
  const reason = cause.code === "EISDIR" ? "it is a folder" : String(cause.code);
  const shown = relative(cwd, file) || file;
  return new N2uqError(
    "N2UQ_CONFIG_FILE_UNREADABLE",
    { file: shown, reason },
    { location: from ?? { file }, cause },
  );
}

/** Finds the first byte that fits no character. A prefix either decodes or contains it, so halving finds it. */
function badUtf8(file: string, bytes: Uint8Array): N2uqError {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  // The prefix may end in the beginning of a character, which decoding as a stream leaves out.
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
  return new N2uqError("N2UQ_CONFIG_BAD_UTF8", { byte, hex }, { location });
}

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

import { readdir } from "node:fs/promises";
import { N2uqError } from "../../errors.js";
import { printable } from "../printable.js";

/**
 * The character that replaces bytes that are not UTF-8 in a decoded name. A valid name may also contain it.
 */
const REPLACEMENT = "\ufffd";

/**
 * Checks that entry names are UTF-8, because a file whose name is not UTF-8 cannot be opened by its decoded
 * name. @throws N2uqError N2UQ_DATA_NAME
 */
export async function checkNames(folder: string, names: readonly string[]): Promise<void> {
  if (!names.some((name) => name.includes(REPLACEMENT))) return;
  for (const bytes of await readdir(folder, { encoding: "buffer" })) {
    const name = bytes.toString();
    if (name.startsWith(".") || Buffer.from(name).equals(bytes)) continue;
    throw new N2uqError("N2UQ_DATA_NAME", { folder: printable(folder, 4096), name: escaped(bytes) });
  }
}

/** Escapes all bytes except printable ASCII as in `\xe9`, similar to `ls -b` and Python. */
function escaped(bytes: Buffer): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}

import { N2uqError } from "../errors.js";
import { ByteFile } from "./bytes.js";
import { loadTensors } from "./load.js";
import { describeBeginning, LOOKED_AT } from "./otherFormats.js";
import { openArchive } from "./pytorch/archive.js";
import { LEGACY_MAGIC, openLegacy } from "./pytorch/legacy.js";
import { findStateDict } from "./pytorch/stateDict.js";
import { storedTensor } from "./pytorch/views.js";
import { openSafetensors } from "./safetensors.js";
import type { HostTensor, WeightsFile, WeightsFormat } from "./types.js";

/** Selects what is read from a weights file. */
export interface OpenOptions {
  /** Selects one of several state dicts of a PyTorch file: `ema.state_dict`. */
  readonly key?: string | undefined;
}

/**
 * Opens a weights file. The format is detected from the content, not the extension: safetensors, or PyTorch's
 * zip or legacy format. The caller closes it. @throws N2uqError N2UQ_WEIGHTS_*
 */
export async function openWeights(path: string, { key }: OpenOptions = {}): Promise<WeightsFile> {
  const file = await ByteFile.open(path);
  try {
    const format = await formatOf(file);
    if (format === "safetensors") return await openSafetensors(file);
    const { root, storages } = await (format === "pytorch-zip" ? openArchive(file) : openLegacy(file));
    const { views, ...found } = findStateDict(file, root, key);
    const tensors = new Map([...views].map(([name, view]) => [name, storedTensor(view, storages)]));
    const { path: name, size: bytes } = file;
    const checksums = format === "pytorch-zip";
    return { file: name, format, bytes, checksums, ...found, tensors, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads every tensor of a weights file. @throws N2uqError N2UQ_WEIGHTS_* */
export async function readWeights(path: string, options?: OpenOptions): Promise<Map<string, HostTensor>> {
  const weights = await openWeights(path, options);
  try {
    return await loadTensors(weights.tensors);
  } finally {
    await weights.close();
  }
}

async function formatOf(file: ByteFile): Promise<WeightsFormat> {
  const head = Buffer.from(await file.read(0, Math.min(LOOKED_AT, file.size)));
  if (head.toString("latin1", 0, 4) === "PK\x03\x04") return "pytorch-zip";
  if (LEGACY_MAGIC.every((byte, i) => head[i] === byte)) return "pytorch-legacy";
  // A safetensors file begins with eight bytes of header length and a brace. JSON text may also have a brace
  // at this position, but eight text characters would be an impossible length.
  const isText = /^[\t\n\r\x20-\x7e]{8}/.test(head.toString("latin1", 0, 8));
  if (head.length > 8 && head[8] === "{".charCodeAt(0) && !isText) return "safetensors";
  throw new N2uqError("N2UQ_WEIGHTS_FORMAT", { file: file.path, found: describeBeginning(head) });
}

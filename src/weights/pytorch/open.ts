import type { ByteFile } from "../bytes.js";
import type { StoredTensor, WeightsFile } from "../types.js";
import type { Pickled } from "./archive.js";
import { findStateDict } from "./stateDict.js";
import { storedTensor } from "./views.js";

/** The state dict of an opened PyTorch file. Closes the file if there is none. */
export function pytorchWeights(
  file: ByteFile,
  format: "pytorch-zip" | "pytorch-legacy",
  { root, storages }: Pickled,
  key?: string,
): WeightsFile {
  const { views, ...rest } = findStateDict(file, root, key);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, view] of views) tensors.set(name, storedTensor(view, storages));
  return {
    file: file.path,
    format,
    bytes: file.size,
    checksums: format === "pytorch-zip",
    ...rest,
    tensors,
    close: () => file.close(),
  };
}

import { type OpenOptions, openWeights } from "./open.js";
import { writeTensors } from "./safetensors.js";

/**
 * The result: number of tensors and bytes written, and `key` and `prefix` of the source (see `WeightsFile`).
 */
export interface Converted {
  readonly tensors: number;
  readonly bytes: number;
  readonly key: string;
  readonly prefix: string;
}

/**
 * Writes the tensors of any weights file as safetensors with PyTorch's names, layouts and dtypes, for
 * `load_state_dict(safetensors.torch.load_file(…))`. Only one chunk of a tensor is in memory at a time.
 * @throws N2uqError N2UQ_WEIGHTS_*; system errors unchanged
 */
export async function convertWeights(
  from: string,
  to: string,
  options: OpenOptions = {},
): Promise<Converted> {
  const { tensors, key, prefix, close } = await openWeights(from, options);
  try {
    await writeTensors(to, tensors, { format: "pt" });
    const bytes = [...tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    return { tensors: tensors.size, bytes, key, prefix };
  } finally {
    await close();
  }
}

import { shown } from "./faults.js";

const PACKED = "it is compressed or an archive";

/** Other file formats by their first bytes at an offset, with the description for the error. */
const signatures: readonly (readonly [bytes: string, what: string, offset?: number])[] = [
  ["\x1f\x8b", "it is compressed with gzip; unpack it with gunzip"],
  ["BZh", `${PACKED} (bzip2); unpack it`],
  ["\xfd7zXZ", `${PACKED} (xz); unpack it`],
  ["\x28\xb5\x2f\xfd", `${PACKED} (zstd); unpack it`],
  ["7z\xbc\xaf", `${PACKED} (7z); unpack it`],
  ["Rar!", `${PACKED} (RAR); unpack it`],
  ["ustar", `${PACKED} (tar); unpack it`, 257],
  ["PK\x05\x06", "it is an empty zip archive"],
  ["\xff\xd8\xff", "it is a JPEG image"],
  ["\x89PNG", "it is a PNG image"],
  ["GIF8", "it is a GIF image"],
  ["WEBP", "it is a WebP image", 8],
  ["%PDF", "it is a PDF document"],
  ["\x89HDF", "it is an HDF5 file, as Keras writes; save the tensors from Python as safetensors"],
  ["\x93NUMPY", "it is a NumPy array; save the tensors from Python as safetensors"],
  ["GGUF", "it is a GGUF file"],
  ["TFL3", "it is a TensorFlow Lite model", 4],
  ["\x7fELF", "it is a program"],
  ...[2, 3, 4, 5].map((protocol) => {
    return [`\x80${String.fromCharCode(protocol)}`, "it is a pickle, but not one of torch.save"] as const;
  }),
  ["\0".repeat(16), "it begins with zeros, like an interrupted download"],
];

const texts: readonly (readonly [start: RegExp, what: string])[] = [
  [/^version https:\/\/git-lfs/, "it is a pointer of Git LFS, not the file itself; run `git lfs pull`"],
  [/^\s*<(\?xml|svg)/i, "it is XML"],
  [/^\s*</, "it looks like a web page, such as a sign-in page"],
  [
    /^\s*\{.*"weight_map"/s,
    "it is the index of a model in several files; name one of those, or save them as one",
  ],
  [/^\s*[{[]/, "it is JSON text"],
];

/** Number of bytes at a file's beginning that are examined. */
export const LOOKED_AT = 512;

/** Guesses what a file without weights is, from its first bytes. */
export function describeBeginning(head: Uint8Array): string {
  if (head.length === 0) return "it is empty";
  const text = Buffer.from(head).toString("latin1");
  const signature = signatures.find(([bytes, , offset = 0]) => text.startsWith(bytes, offset));
  if (signature !== undefined) return signature[1];
  if (isOnnx(head))
    return "it looks like an ONNX model, a program with its weights; save the state dict from PyTorch";
  const known = texts.find(([start]) => start.test(text));
  if (known !== undefined) return known[1];
  if (head.some((byte) => (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 127))
    return "it begins with unknown bytes";
  const [line = ""] = Buffer.from(head).toString("utf8").trim().split("\n");
  return `it is text: ${JSON.stringify(shown(line.slice(0, 60)))}`;
}

/**
 * A protobuf message whose first field is a small number (the version), and whose second field matches ONNX.
 */
function isOnnx([key = 0, version = 0, next = 0]: Uint8Array): boolean {
  return key === 8 && version > 0 && version < 32 && [0x12, 0x1a, 0x22, 0x3a].includes(next);
}

/** Guesses what a zip archive that PyTorch did not write is, from the names in it. */
export function describeZip(names: readonly string[]): string {
  const has = (name: RegExp) => names.some((one) => name.test(one));
  if (names.length > 0 && names.every((one) => one.endsWith(".npy")))
    return "it is NumPy's .npz, arrays in a zip archive";
  if (has(/^model\.weights\.h5$/)) return "it is a Keras model";
  if (has(/^\[Content_Types\]\.xml$/)) return "it is an office document";
  const first = names.slice(0, 3).map((name) => shown(name));
  const inside = first.length === 0 ? "" : `; it holds ${first.join(", ")}${names.length > 3 ? ", …" : ""}`;
  return `it is a zip archive without data.pkl, not a file of torch.save${inside}`;
}

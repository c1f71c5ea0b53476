/** Binary files that are mistaken for experiments, by their first bytes. */
const KINDS: readonly (readonly [bytes: readonly number[], name: string])[] = [
  [[0x89, 0x50, 0x4e, 0x47], "a PNG image"],
  [[0xff, 0xd8, 0xff], "a JPEG image"],
  [[0x47, 0x49, 0x46, 0x38], "a GIF image"],
  [[0x52, 0x49, 0x46, 0x46], "a WebP image"],
  [[0x50, 0x4b, 0x03, 0x04], "a zip archive, such as a PyTorch file"],
  [[0x1f, 0x8b], "a gzip archive"],
  [[0x28, 0xb5, 0x2f, 0xfd], "a zstd archive"],
  [[0x80, 0x02], "a pickle, such as a PyTorch file"],
  [[0x25, 0x50, 0x44, 0x46], "a PDF document"],
  [[0x7f, 0x45, 0x4c, 0x46], "a program"],
];

/** The kind of a binary file: an image, an archive, a weights file; undefined for text. */
export function binaryKind(bytes: Uint8Array): string | undefined {
  const known = KINDS.find(([start]) => start.every((byte, index) => bytes[index] === byte));
  if (known !== undefined) return known[1];
  const isTar = new TextDecoder("latin1").decode(bytes.subarray(257, 262)) === "ustar";
  // A safetensors file begins with the length of its header; the upper bytes of this length are zero.
  const isSafetensors =
    bytes.length > 9 && bytes[8] === 0x7b && bytes.subarray(4, 8).every((byte) => byte === 0);
  if (isTar) return "a tar archive";
  return isSafetensors ? "a safetensors file" : undefined;
}

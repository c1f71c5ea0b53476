import t from "tap";
import { binaryKind } from "../../src/config/binary.js";

const bytes = (...values: number[]) => Uint8Array.from(values);
const after = (count: number, text: string) =>
  Uint8Array.from([...new Uint8Array(count), ...Buffer.from(text)]);

t.test("binary files are known by their first bytes", async (t) => {
  const kinds: readonly (readonly [string, number[]])[] = [
    ["a PNG image", [0x89, ...Buffer.from("PNG")]],
    ["a JPEG image", [0xff, 0xd8, 0xff]],
    ["a GIF image", [...Buffer.from("GIF8")]],
    ["a WebP image", [...Buffer.from("RIFF")]],
    ["a zip archive, such as a PyTorch file", [...Buffer.from("PK"), 3, 4]],
    ["a gzip archive", [0x1f, 0x8b]],
    ["a zstd archive", [0x28, 0xb5, 0x2f, 0xfd]],
    ["a pickle, such as a PyTorch file", [0x80, 2]],
    ["a PDF document", [...Buffer.from("%PDF")]],
    ["a program", [0x7f, ...Buffer.from("ELF")]],
  ];
  for (const [kind, start] of kinds) {
    t.equal(binaryKind(bytes(...start, 65, 66)), kind);
    for (const [at, byte] of start.entries()) {
      const other = start.with(at, (byte + 1) % 256);
      t.not(binaryKind(bytes(...other, 65, 66)), kind, `${kind}, with another byte ${at}`);
    }
  }
});

t.test("a tar archive has its mark after the first file's name", async (t) => {
  t.equal(binaryKind(after(257, "ustar")), "a tar archive");
  t.equal(binaryKind(after(257, "ustar\u000000more")), "a tar archive");
  for (const count of [256, 258]) t.equal(binaryKind(after(count, "ustar ")), undefined);
  t.equal(binaryKind(after(257, "usta")), undefined);
});

t.test("a safetensors file has the length of its header, and then the header", async (t) => {
  const kind = "a safetensors file";
  t.equal(binaryKind(bytes(64, 1, 2, 3, 0, 0, 0, 0, 0x7b, 0x22)), kind);
  t.equal(binaryKind(bytes(64, 1, 2, 3, 0, 0, 0, 0, 0x7b)), undefined, "too short");
  t.equal(binaryKind(bytes(64, 1, 2, 3, 0, 0, 0, 0, 0x7c, 0x22)), undefined);
  for (const at of [4, 5, 6, 7]) {
    const long = bytes(64, 1, 2, 3, 0, 0, 0, 0, 0x7b, 0x22).with(at, 1);
    t.equal(binaryKind(long), undefined, `a length above 2^32: byte ${at}`);
  }
});

t.test("text is not binary", async (t) => {
  for (const text of ["", "name: x\n", "PK", "%", "{}", "training: { epochs: 3 }\n"])
    t.equal(binaryKind(Buffer.from(text)), undefined, text);
});

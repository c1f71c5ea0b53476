import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { dtypes } from "../../src/weights/dtypes.js";
import { openWeights, readWeights } from "../../src/weights/open.js";
import { readSafetensors, writeSafetensors } from "../../src/weights/safetensors.js";
import { rejection } from "../helpers/weights.js";

/** A file of this header and so many bytes of values. */
function written(header: unknown, body: number | Uint8Array): Buffer {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, typeof body === "number" ? Buffer.alloc(body) : body]);
}

const x = (rest: object = {}) => ({ dtype: "F32", shape: [2], data_offsets: [0, 8], ...rest });
const huge = Buffer.alloc(16, "{");
huge.writeBigUInt64LE(1n << 62n);

const lies: readonly (readonly [what: string, file: Buffer, says: RegExp])[] = [
  ["a header of 2^62 bytes", huge, /header is truncated/],
  ["a header that is cut off", written({ x: x() }, 8).subarray(0, 30), /header is truncated/],
  ["a header that is no JSON", written("{x", 8), /not JSON/],
  [
    "a header that is no text",
    Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0, 0x7b]), Buffer.from([0xff, 0xfe, 0xff])]),
    /not JSON/,
  ],
  ["a tensor that is not described", written({ x: null }, 8), /not described/],
  ["a type that is no text", written({ x: x({ dtype: 3 }) }, 8), /has no type/],
  ["no shape", written({ x: x({ shape: "2" }) }, 8), /no valid shape/],
  ["a negative size", written({ x: x({ shape: [-2] }) }, 8), /no valid shape/],
  ["a fractional size", written({ x: x({ shape: [0.5] }) }, 8), /no valid shape/],
  ["a size past 2^53", written({ x: x({ shape: [2 ** 60] }) }, 8), /no valid shape/],
  ["sizes whose product is past 2^53", written({ x: x({ shape: [2 ** 40, 2 ** 40] }) }, 8), /no valid shape/],
  [
    "sizes whose product is past 2^53, and a 0",
    written({ x: x({ shape: [2 ** 40, 2 ** 40, 0] }) }, 8),
    /no valid shape/,
  ],
  ["65 dimensions", written({ x: x({ shape: Array(65).fill(1) }) }, 8), /more than 64 dimensions/],
  [
    "a name twice",
    written(
      '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      4,
    ),
    /tensor x appears twice in its header/,
  ],
  [
    "a setting twice",
    written('{"x":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}', 4),
    /duplicate key/,
  ],
  ["a million brackets", written(`{"x":${"[".repeat(1_000_000)}`, 8), /nested too deeply/],
  ["braces in braces", written('{"x":'.repeat(1_000_000), 8), /nested too deeply/],
  ["three offsets", written({ x: x({ data_offsets: [0, 8, 8] }) }, 8), /no valid data_offsets/],
  ["offsets in the wrong order", written({ x: x({ data_offsets: [8, 0] }) }, 8), /-8 bytes/],
  ["values that are not there", written({ x: x() }, 4), /truncated: it has 4 of 8 bytes/],
  ["values that nobody wants", written({ x: x() }, 9), /1 bytes at its end/],
  ["tensors that overlap", written({ x: x(), y: x({ data_offsets: [4, 12] }) }, 12), /overlap/],
  ["a gap", written({ x: x(), y: x({ data_offsets: [9, 17] }) }, 17), /gap/],
  ["metadata that are no texts", written({ __metadata__: { a: 1 }, x: x() }, 8), /metadata/],
  ["metadata that are a list", written({ __metadata__: ["a"], x: x() }, 8), /metadata/],
];

t.test("a header with false sizes is an error with the reason", async (t) => {
  const file = join(t.testdir(), "lie.safetensors");
  for (const [what, bytes, says] of lies) {
    writeFileSync(file, bytes);
    const error = await rejection(readWeights(file));
    t.equal(error.code, "N2UQ_WEIGHTS_CORRUPT", what);
    t.match(error.message, says, what);
  }
});

t.test(
  "a type that is not read is named, with those that are; nothing is to be downloaded again",
  async (t) => {
    const file = join(t.testdir(), "type.safetensors");
    for (const type of ["F4", "F8_E8M0", "U4", "C64", "F31", "constructor", "\u001b[2J"]) {
      writeFileSync(file, written({ x: x({ dtype: type }) }, 8));
      const error = await rejection(openWeights(file));
      t.equal(error.code, "N2UQ_WEIGHTS_UNSUPPORTED", type);
      t.match(error.message, `tensor x is of the type ${type.replace("\u001b", "\\u{1b}")}`);
      t.match(error.hint, /F64, F32, F16, BF16.*tensor\.float\(\)/);
      t.notMatch(error.hint, /download/);
    }
    writeFileSync(file, written(`{${Array.from({ length: 500_001 }, (_, i) => `"${i}":0`).join()}}`, 0));
    t.match((await rejection(openWeights(file))).message, /more than 500000 names/);
  },
);

t.test("every number format is read: floats as float32, integers as int64", async (t) => {
  const cases: Record<keyof typeof dtypes, readonly [hex: string, value: number | bigint]> = {
    float64: ["000000000000e03f", 0.5],
    float32: ["0000003f", 0.5],
    float16: ["0038", 0.5],
    bfloat16: ["003f", 0.5],
    float8_e4m3fn: ["30", 0.5],
    float8_e5m2: ["38", 0.5],
    int64: ["feffffffffffffff", -2n],
    int32: ["feffffff", -2n],
    int16: ["feff", -2n],
    int8: ["fe", -2n],
    uint64: ["feffffff00000000", 4294967294n],
    uint32: ["feffffff", 4294967294n],
    uint16: ["feff", 65534n],
    uint8: ["fe", 254n],
    bool: ["01", 1n],
  };
  const file = join(t.testdir(), "one.safetensors");
  for (const [dtype, [hex, value]] of Object.entries(cases)) {
    const { code, bytes } = dtypes[dtype as keyof typeof dtypes];
    writeFileSync(
      file,
      written({ v: { dtype: code, shape: [1], data_offsets: [0, bytes] } }, Buffer.from(hex, "hex")),
    );
    t.same([...((await readWeights(file)).get("v")?.data ?? [])], [value], dtype);
  }
});

t.test(
  "the halves' odd values are exact: the smallest, the largest, infinity, NaN, minus zero",
  async (t) => {
    const file = join(t.testdir(), "half.safetensors");
    const halves = Uint16Array.of(0x0001, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x8000, 0x83ff);
    writeFileSync(
      file,
      written({ h: { dtype: "F16", shape: [7], data_offsets: [0, 14] } }, Buffer.from(halves.buffer)),
    );
    const wanted = [
      2 ** -24,
      65504,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      -0,
      -1023 * 2 ** -24,
    ];
    const found = [...((await readWeights(file)).get("h")?.data ?? [])].map(Number);
    t.ok(
      found.every((value, i) => Object.is(value, wanted[i])),
      String(found),
    );
  },
);

t.test(
  "written tensors are read back, including odd names and empty tensors, aligned and without gaps",
  async (t) => {
    const file = join(t.testdir(), "names.safetensors");
    const tensors = new Map([
      ["__proto__", { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) } as const],
      ["count", { dtype: "int64", shape: [], data: BigInt64Array.of(7n) } as const],
      ["empty", { dtype: "float32", shape: [0, 3], data: new Float32Array() } as const],
      ["schön \u{1f600} \n", { dtype: "float32", shape: [1], data: Float32Array.of(3) } as const],
    ]);
    await writeSafetensors(file, tensors, { hash: "x", __proto__: "y" } as Record<string, string>);
    const read = await readSafetensors(file);
    t.same(new Map([...read.tensors].sort()), new Map([...tensors].sort()));
    t.equal(read.metadata.hash, "x");
    const content = readFileSync(file);
    t.equal(Number(content.readBigUInt64LE(0)) % 8, 0, "the header's length is a multiple of eight");
    const reserved = new Map([
      ["__metadata__", { dtype: "float32", shape: [1], data: Float32Array.of(3) } as const],
    ]);
    t.equal((await rejection(writeSafetensors(file, reserved, {}))).code, "N2UQ_WEIGHTS_RESERVED_NAME");
  },
);

t.test("a path that is not a file is an error", async (t) => {
  const folder = t.testdir();
  t.match((await rejection(openWeights(folder))).message, /it is a folder/);
  t.match((await rejection(openWeights("/dev/null"))).message, /not a regular file/);
  t.match((await rejection(openWeights(join(folder, "none")))).message, /no such file/);
});

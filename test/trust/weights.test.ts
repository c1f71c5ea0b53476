import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import t from "tap";
import { root, start } from "../helpers/cli.js";
import { archive, assemble, dict, floats, op, storage, tensor } from "../helpers/pickles.js";

const reported = join(root, "test", "fixtures", "reported", "weights");
/** A command that takes longer hangs: it is ended, and its test fails. */
const HANGS_MS = 30_000;

async function weights(t: Test, folder: string, ...args: string[]) {
  const { child, done } = start(["weights", ...args], folder);
  const timer = setTimeout(() => child.kill("SIGKILL"), HANGS_MS);
  const ended = await done;
  clearTimeout(timer);
  t.notMatch(ended.stdout + ended.stderr, /N2UQ_INTERNAL|node:internal|^\s+at /m);
  return ended;
}

/** A safetensors file of one tensor, or of this header. */
function safetensors(header: object | string, values = 8): Buffer {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, Buffer.from(text), Buffer.alloc(values)]);
}
const one = (dtype: string) => safetensors({ x: { dtype, shape: [1], data_offsets: [0, 8] } });

function valuesIn(file: string): number[] {
  const bytes = readFileSync(file);
  const body = 8 + Number(bytes.readBigUInt64LE(0));
  return Array.from({ length: (bytes.length - body) / 4 }, (_, i) => bytes.readFloatLE(body + 4 * i));
}

t.test("D3: thousands of dicts under one long key take no more than their bytes", async (t) => {
  const small = tensor(storage("0", 16), [1], [1]);
  const pickle = assemble(
    ...[op.emptyDict, op.mark, op.text("k".repeat(1_000_000)), op.put(1), op.emptyDict, op.mark],
    ...Array.from({ length: 3000 }, (_, i) => Buffer.concat([op.text(`d${i}`), dict([["w", small]])])),
    ...[op.setItems, op.setItems],
  );
  const folder = t.testdir({ "paths.pth": archive(pickle, { 0: Buffer.alloc(64) }) });
  const { code, stderr } = await weights(t, folder, "inspect", "paths.pth");
  t.equal(code, 2);
  t.match(stderr, /N2UQ_WEIGHTS_AMBIGUOUS.*more than one state dict.*and 2992 more/);
  t.ok(stderr.length < 5000, "the key is not written out");
});

t.test("D3: tensors without elements and with odd strides are read, or are coded errors", async (t) => {
  const folder = t.testdir();
  for (const [name, says] of [
    ["pth-crash-11-1-1.bin", null],
    ["zero-8g.pth", null],
    ["zero-neg.pth", null],
    ["pth-crash-11-78-1.bin", /N2UQ_WEIGHTS_CORRUPT.*more values than can be counted/],
  ] as const) {
    const file = join(reported, name);
    const { code, stderr } = await weights(t, folder, "convert", file, "out.safetensors", "--force");
    t.equal(code, says === null ? 0 : 2, `${name}: ${stderr}`);
    if (says !== null) t.match(stderr, says);
  }
});

t.test("D3: a large stride of a dimension of one value moves nothing", async (t) => {
  const strided = tensor(storage("0", 8), [4, 1], [2, op.float(2 ** 53 - 1)]);
  const file = archive(assemble(dict([["x", strided]])), { 0: floats(0, 1, 2, 3, 4, 5, 6, 7) });
  const folder = t.testdir({ "strides.pth": file });
  t.equal((await weights(t, folder, "convert", "strides.pth", "out.safetensors")).code, 0);
  t.same(valuesIn(join(folder, "out.safetensors")), [0, 2, 4, 6]);
});

t.test("D3: a safetensors header with a duplicate name is rejected", async (t) => {
  const entry = '"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}';
  const folder = t.testdir({ "twice.safetensors": safetensors(`{${entry},${entry}}`) });
  const { code, stderr } = await weights(t, folder, "verify", "twice.safetensors");
  t.equal(code, 2);
  t.match(stderr, /N2UQ_WEIGHTS_CORRUPT.*tensor x appears twice in its header/);
});

t.test("D3: a header of brackets is rejected before it is parsed", async (t) => {
  const folder = t.testdir({ "deep.safetensors": safetensors(`{"x":${"[".repeat(2_000_000)}`) });
  const { code, stderr } = await weights(t, folder, "inspect", "deep.safetensors");
  t.equal(code, 2);
  t.match(stderr, /N2UQ_WEIGHTS_CORRUPT.*nested too deeply/);
});

t.test("D3: a named pipe is no file to wait for", async (t) => {
  const folder = t.testdir();
  t.equal(spawnSync("mkfifo", [join(folder, "pipe")]).status, 0);
  const { code, stderr } = await weights(t, folder, "inspect", "pipe");
  t.equal(code, 2);
  t.match(stderr, /N2UQ_WEIGHTS_UNREADABLE.*not a regular file/);
});

t.test("C: number types that are not read are named, with those that are", async (t) => {
  const folder = t.testdir({
    "f4.safetensors": one("F4"),
    "u4.safetensors": one("U4"),
    "complex.safetensors": one("C64"),
    "complex.pth": archive(
      assemble(dict([["x", tensor(storage("0", 1, "ComplexFloatStorage"), [1], [1])]])),
      { 0: floats(1, 1) },
    ),
  });
  for (const [file, says] of [
    ["f4.safetensors", /type F4\n.*F64, F32, F16/],
    ["u4.safetensors", /type U4\n.*tensor\.float\(\)/],
    ["complex.safetensors", /type C64/],
    ["complex.pth", /torch\.ComplexFloatStorage\n.*tensor\.abs\(\)/],
  ] as const) {
    const { code, stderr } = await weights(t, folder, "inspect", file);
    t.equal(code, 2);
    t.match(stderr, /N2UQ_WEIGHTS_UNSUPPORTED/);
    t.match(stderr, says);
    t.notMatch(stderr, /download/);
  }
});

t.test("C: a file of another format is reported with its format", async (t) => {
  const cases: Record<string, readonly [content: Buffer | string, says: RegExp]> = {
    "photo.pth": [Buffer.from("\xff\xd8\xff\xe0\0\x10JFIF", "latin1"), /JPEG image/],
    "net.onnx": [Buffer.from("\x08\x07\x12\x07pytorch\x1a\x03", "latin1"), /ONNX model/],
    "keras.h5": [Buffer.from("\x89HDF\r\n\x1a\n\0\0\0\0", "latin1"), /HDF5/],
    "model.safetensors.index.json": [
      '{"metadata":{"total_size":8},"weight_map":{"a":"b"}}',
      /index of a model/,
    ],
    "notes.pth": ["my notes on training\n", /text: \\?"my notes on training/],
  };
  const folder = t.testdir();
  for (const [name, [content, says]] of Object.entries(cases)) {
    writeFileSync(join(folder, name), content);
    const { code, stderr } = await weights(t, folder, "inspect", name);
    t.equal(code, 2, stderr);
    t.match(stderr, /N2UQ_WEIGHTS_FORMAT/);
    t.match(stderr, says, name);
  }
});

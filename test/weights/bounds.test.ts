import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { N2uqError } from "../../src/errors.js";
import { openWeights, readWeights } from "../../src/weights/open.js";
import { makers } from "../fuzz/weights/amplifiers.js";
import type { ZipPart } from "../helpers/pickles.js";
import { archive, assemble, dict, floats, legacy, op, storage, tensor, zip } from "../helpers/pickles.js";
import { rejection } from "../helpers/weights.js";

const [empty, ones] = [op.emptyTuple, floats(1, 1)];
const two = storage("0", 2);
const good = assemble(dict([["x", tensor(two, [2], [1])]]));
const one = (value: Buffer) => assemble(dict([["x", value]]));
const repeat = (part: Uint8Array, times: number) => Buffer.concat(Array<Uint8Array>(times).fill(part));
const call = (module: string, name: string, ...args: Buffer[]) =>
  Buffer.concat([op.global(module, name), op.mark, ...args, op.tuple, op.reduce]);

/** Files that say more than they hold: what they are, their bytes, and what the error must say. */
const lies: readonly (readonly [what: string, file: Buffer, says: RegExp])[] = [
  ["a LONG4 of 2 GB", archive(assemble(op.byte(0x8b), op.u32(0x7fffffff))), /integer of 2147483647 bytes/],
  ["a LONG4 of negative length", archive(assemble(op.byte(0x8b), op.u32(0xffffffff))), /integer of -1 bytes/],
  ["a frame past the end", archive(assemble(op.lengthOf(0x95, 1n << 40n))), /frame of 1099511627776 bytes/],
  ["a text of 2^60 bytes", archive(assemble(op.lengthOf(0x8d, 1n << 60n))), /a length of/],
  ["a text of 2^40 bytes", archive(assemble(op.lengthOf(0x8d, 1n << 40n))), /pickle is truncated/],
  ["bytes of 2^40 bytes", archive(assemble(op.lengthOf(0x8e, 1n << 40n))), /pickle is truncated/],
  ["a bytearray of 2^40 bytes", archive(assemble(op.lengthOf(0x96, 1n << 40n))), /pickle is truncated/],
  ["six million lists", archive(assemble(repeat(op.emptyList, 6_000_000))), /more than \d+ objects/],
  ["six million marks", archive(assemble(repeat(op.mark, 6_000_000))), /more than \d+ objects/],
  [
    "a long list copied ten thousand times",
    archive(
      assemble(
        ...[op.mark, repeat(op.none, 10_000), op.byte(0x6c), op.put(0)],
        ...[op.global("builtins", "set"), op.put(1), op.pop],
        repeat(Buffer.concat([op.get(1), op.get(0), op.tuple1, op.reduce]), 10_000),
      ),
    ),
    /more than \d+ objects/,
  ],
  [
    "a long text encoded ten thousand times",
    archive(
      assemble(
        ...[op.text("x".repeat(100_000)), op.put(0), op.global("_codecs", "encode"), op.put(1)],
        repeat(Buffer.concat([op.get(1), op.get(0), op.text("latin1"), op.byte(0x86), op.reduce]), 10_000),
      ),
    ),
    /more than \d+ objects/,
  ],
  [
    "bytes(2^40), which Python would make zeros",
    archive(assemble(call("builtins", "bytes", op.float(2 ** 40)))),
    /bytes made from another type/,
  ],
  [
    "a tensor rebuilt by itself",
    archive(
      assemble(
        ...[op.global("torch._tensor", "_rebuild_from_type_v2"), op.put(0)],
        ...[op.mark, op.get(0), op.none, op.emptyTuple, op.none, op.tuple, op.reduce],
      ),
    ),
    /unknown type/,
  ],
  ["a tensor beyond its storage", archive(one(tensor(two, [3], [1])), { 0: ones }), /beyond its storage/],
  ["an offset beyond it", archive(one(tensor(two, [1], [1], 2)), { 0: ones }), /beyond its storage/],
  ["a stride beyond it", archive(one(tensor(two, [2], [2])), { 0: ones }), /beyond its storage/],
  ["a negative size", archive(one(tensor(two, [-1], [1])), { 0: ones }), /invalid size, stride or offset/],
  [
    "a negative stride",
    archive(one(tensor(two, [2], [-1], 1)), { 0: ones }),
    /invalid size, stride or offset/,
  ],
  [
    "a negative offset",
    archive(one(tensor(two, [1], [1], -1)), { 0: ones }),
    /invalid size, stride or offset/,
  ],
  [
    "a size of 1.5",
    archive(one(tensor(two, [op.float(1.5)], [1])), { 0: ones }),
    /invalid size, stride or offset/,
  ],
  [
    "a size that is not a number",
    archive(one(tensor(two, [op.float(Number.NaN)], [1])), { 0: ones }),
    /invalid size, stride or offset/,
  ],
  ["sizes without strides", archive(one(tensor(two, [1, 1], [1])), { 0: ones }), /other dimensions/],
  [
    "one value made a million",
    archive(one(tensor(two, [1_000_000], [0])), { 0: ones }),
    /larger than the file/,
  ],
  [
    "sizes whose product is past 2^53",
    archive(one(tensor(two, [2 ** 30, 2 ** 30, 2 ** 30], [0, 0, 0])), { 0: ones }),
    /more values than can be counted/,
  ],
  [
    "65 dimensions",
    archive(one(tensor(two, Array(65).fill(1), Array(65).fill(1))), { 0: ones }),
    /not a tuple/,
  ],
  ["a tensor of no storage", archive(one(tensor(op.none, [2], [1]))), /without a storage/],
  [
    "a parameter of no tensor",
    archive(one(call("torch._utils", "_rebuild_parameter", op.none))),
    /without a tensor/,
  ],
  ["a storage that is not there", archive(good), /data\/0 is missing/],
  ["a storage shorter than its tensors say", archive(good, { 0: floats(1) }), /4 bytes instead of 8/],
  ["a storage longer than its tensors say", archive(good, { 0: floats(1, 2, 3) }), /12 bytes instead of 8/],
  [
    "a storage of 2^53 values",
    archive(one(tensor(storage("0", 0x7fffffff), [1], [1])), { 0: ones }),
    /instead of/,
  ],
  [
    "a storage of two sizes",
    archive(
      assemble(
        dict([
          ["x", tensor(two, [2], [1])],
          ["y", tensor(storage("0", 1), [1], [1])],
        ]),
      ),
      { 0: ones },
    ),
    /declared twice/,
  ],
  [
    "a storage key out of the archive",
    archive(one(tensor(storage("../0", 2), [2], [1])), { 0: ones }),
    /missing/,
  ],
  [
    "a storage of no known class",
    archive(one(tensor(storage("0", 2, "float32"), [2], [1])), { 0: ones }),
    /no known class/,
  ],
  [
    "complex numbers",
    archive(one(tensor(storage("0", 1, "ComplexFloatStorage"), [1], [1]))),
    /ComplexFloatStorage/,
  ],
  [
    "a thousand names for one large tensor",
    archive(
      assemble(
        ...[tensor(storage("0", 4000), [4000], [1]), op.put(0), op.pop, op.emptyDict, op.mark],
        ...Array.from({ length: 1000 }, (_, i) => Buffer.concat([op.text(`n${i}`), op.get(0)])),
        op.setItems,
      ),
      { 0: Buffer.alloc(16_000) },
    ),
    /far more values/,
  ],
  ["a legacy storage of another size", legacy(good, [["0", 3, ones]]), /another size/],
  ["a legacy storage that ends early", legacy(good, [["0", 2, floats(1)]]), /truncated/],
  ["a legacy storage that nobody wants", legacy(good, [["1", 2, ones]]), /not that of its tensors/],
  [
    "a legacy storage listed twice",
    legacy(good, [
      ["0", 2, ones],
      ["0", 2, ones],
    ]),
    /not that of its tensors/,
  ],
  ["a legacy tensor without its storage", legacy(good), /is missing/],
  ["a list", archive(assemble(op.emptyList)), /no dict of named tensors/],
  ["nothing but numbers", archive(assemble(dict([["epoch", op.integer(3)]]))), /no dict of named tensors/],
  ["an empty file", Buffer.alloc(0), /it is empty/],
  ["a web page", Buffer.from("<!DOCTYPE html><title>Sign in</title>"), /web page/],
  ["a bare pickle", good, /not one of torch\.save/],
];

const pickle: ZipPart = { name: "archive/data.pkl", content: good };
const values: ZipPart = { name: "archive/data/0", content: ones };

const archives: readonly (readonly [what: string, file: Buffer, says: RegExp])[] = [
  ["an entry twice", zip([pickle, values, values]), /appears twice/],
  ["a compressed entry", zip([{ ...pickle, lie: { method: 8 } }, values]), /compressed/],
  [
    "entries that overlap",
    zip([pickle, values, { name: "archive/version", content: ones, lie: { offset: 9 } }]),
    /overlaps/,
  ],
  ["an entry larger than the file", zip([pickle, { ...values, lie: { size: 1 << 30 } }]), /overlaps/],
  ["an entry past the end", zip([pickle, { ...values, lie: { offset: 1 << 30 } }]), /overlaps/],
  ["another checksum", zip([{ ...pickle, lie: { crc: 1 } }, values]), /checksum of archive\/data\.pkl/],
  [
    "two pickles",
    zip([pickle, values, { name: "other/data.pkl", content: good }]),
    /more than one data\.pkl/,
  ],
  ["no pickle", zip([values]), /without data\.pkl/],
  [
    "a TorchScript program",
    zip([pickle, values, { name: "archive/constants.pkl", content: ones }]),
    /TorchScript/,
  ],
  [
    "big-endian values",
    zip([pickle, values, { name: "archive/byteorder", content: Buffer.from("big") }]),
    /byte order is big/,
  ],
  ["a directory that is cut off", zip([pickle, values]).subarray(0, -30), /truncated/],
];

t.test("a file that says more than it holds is an error that says so, at once", async (t) => {
  const folder = t.testdir();
  for (const [what, bytes, says] of [...lies, ...archives]) {
    const file = join(folder, "lie.pth");
    writeFileSync(file, bytes);
    const started = performance.now();
    const error = await rejection(readWeights(file));
    t.match(error.message, says, `${what}: ${error.code}`);
    t.match(error.code, /^N2UQ_WEIGHTS_/);
    const seconds = (performance.now() - started) / 1000;
    t.ok(seconds < 10, `${what}: ${seconds.toFixed(2)} s`);
  }
  t.ok(process.resourceUsage().maxRSS < 1_000_000, `${process.resourceUsage().maxRSS} kB at most`);
});

t.test("files that ask for much with little end at once, by a code or with their tensors", async (t) => {
  const file = join(t.testdir(), "amplifier");
  for (const [name, make] of Object.entries(makers)) {
    writeFileSync(file, make(200));
    const code = await readWeights(file).then(
      () => "read",
      (error: N2uqError) => error.code,
    );
    t.match(code, /^(read|N2UQ_WEIGHTS_(AMBIGUOUS|CORRUPT|UNSUPPORTED))$/, name);
  }
  for (const name of ["strides over a storage", "one tensor under many names"]) {
    writeFileSync(file, makers[name]!(1000));
    t.match((await rejection(readWeights(file))).message, /far more values/, name);
  }
  t.ok(process.resourceUsage().maxRSS < 1_000_000, `${process.resourceUsage().maxRSS} kB at most`);
});

t.test("a local header that moves its content into the next entry is rejected", async (t) => {
  const file = join(t.testdir(), "moved.pth");
  const bytes = zip([pickle, values, { name: "archive/version", content: Buffer.from("3\n") }]);
  // The length of the second local header's extra field.
  bytes.writeUInt16LE(60, bytes.indexOf("archive/data/0") - 2);
  writeFileSync(file, bytes);
  t.match((await rejection(readWeights(file))).message, /archive\/data\/0 is not where its directory says/);
});

t.test("other zip archives are reported with their format", async (t) => {
  const file = join(t.testdir(), "other.zip");
  for (const [name, says] of [
    ["weight.npy", /NumPy's \.npz/],
    ["model.weights.h5", /Keras model/],
    ["[Content_Types].xml", /office document/],
    ["photo.jpg", /without data\.pkl.*it holds photo\.jpg/],
  ] as const) {
    writeFileSync(file, zip([{ name, content: ones }]));
    const error = await rejection(openWeights(file));
    t.equal(error.code, "N2UQ_WEIGHTS_UNSUPPORTED");
    t.match(error.message, says);
  }
});

t.test("what holds itself, or is nested without end, is read as it is", async (t) => {
  const folder = t.testdir();
  const file = join(folder, "odd.pth");
  const laughs = [op.emptyList, op.put(0)];
  for (let i = 0; i < 64; i++)
    laughs.push(op.pop, op.emptyList, op.mark, op.get(i), op.get(i), op.byte(0x65), op.put(i + 1));
  const cases = {
    "a dict in itself": assemble(
      op.emptyDict,
      op.put(0),
      op.text("self"),
      op.get(0),
      op.setItem,
      op.text("x"),
      tensor(two, [2], [1]),
      op.setItem,
    ),
    "a list in itself": assemble(
      dict([
        ["x", tensor(two, [2], [1])],
        ["l", Buffer.concat([op.emptyList, op.put(0), op.get(0), op.append])],
      ]),
    ),
    "2^64 items in 64 lists": assemble(
      dict([
        ["x", tensor(two, [2], [1])],
        ["l", Buffer.concat(laughs)],
      ]),
    ),
    "half a million tuples in one another": assemble(
      dict([
        ["x", tensor(two, [2], [1])],
        ["l", Buffer.concat([op.none, repeat(op.tuple1, 500_000)])],
      ]),
    ),
    "a thousand dicts in one another": assemble(
      dict([["x", tensor(two, [2], [1])]]),
      ...[repeat(Buffer.concat([op.emptyDict, op.text("k")]), 0), op.text("deep")],
      ...[
        repeat(Buffer.concat([op.emptyDict, op.text("k")]), 1000),
        op.none,
        repeat(op.setItem, 1000),
        op.setItem,
      ],
    ),
  };
  for (const [what, pickle] of Object.entries(cases)) {
    writeFileSync(file, archive(pickle, { 0: ones }));
    t.same((await readWeights(file)).get("x")?.data, Float32Array.of(1, 1), what);
  }
});

t.test("of several state dicts one must be named", async (t) => {
  const file = join(t.testdir(), "two.pth");
  const half = (at: number) => dict([["w", tensor(storage("0", 4), [2], [1], at)]]);
  const best = tensor(storage("1", 1), [], []);
  writeFileSync(
    file,
    archive(
      assemble(
        dict([
          ["model", half(0)],
          ["ema", dict([["shadow", half(2)]])],
          ["best", best],
        ]),
      ),
      { 0: floats(1, 2, 3, 4), 1: floats(9) },
    ),
  );
  const error = await rejection(openWeights(file));
  t.equal(error.code, "N2UQ_WEIGHTS_AMBIGUOUS");
  t.match(error.message, '"model", "ema.shadow"');
  t.match(error.hint ?? "", /--key/);
  t.same((await readWeights(file, { key: "ema.shadow" })).get("w")?.data, Float32Array.of(3, 4));
  t.equal((await rejection(openWeights(file, { key: "emma" }))).code, "N2UQ_WEIGHTS_NO_STATE_DICT");
});

t.test("PyTorch 2's untyped storages, expanded values and empty tensors are read", async (t) => {
  const file = join(t.testdir(), "new.pth");
  const untyped = (dtype: string, key: string, bytes: number, count: number) =>
    call(
      "torch._utils",
      "_rebuild_tensor_v3",
      storage(key, bytes, "UntypedStorage"),
      op.integer(0),
      Buffer.concat([op.integer(count), op.tuple1]),
      Buffer.concat([op.integer(1), op.tuple1]),
      op.no,
      empty,
      op.global("torch", dtype),
    );
  const pickle = assemble(
    dict([
      ["u16", untyped("uint16", "0", 4, 2)],
      ["f8", untyped("float8_e4m3fn", "1", 3, 3)],
      ["expanded", tensor(storage("2", 1), [3], [0])],
      ["nothing", tensor(storage("3", 0), [0, 4], [4, 1])],
    ]),
  );
  writeFileSync(
    file,
    archive(pickle, {
      0: Buffer.from([1, 0, 255, 255]),
      1: Buffer.from([0x38, 0xc0, 0x7f]),
      2: floats(5),
      3: floats(),
    }),
  );
  const tensors = await readWeights(file);
  t.same(tensors.get("u16")?.data, BigInt64Array.of(1n, 65535n));
  t.same(tensors.get("f8")?.data, Float32Array.of(1, -2, Number.NaN));
  t.same(tensors.get("expanded")?.data, Float32Array.of(5, 5, 5));
  t.same(tensors.get("nothing"), { dtype: "float32", shape: [0, 4], data: new Float32Array() });
});

import { archive, assemble, dict, floats, op, storage, tensor } from "../../helpers/pickles.js";
import type { Random } from "../target.js";
import { between, pick } from "../target.js";

const repeat = (part: Uint8Array, times: number) => Buffer.concat(Array<Uint8Array>(times).fill(part));
const counted = (times: number, part: (i: number) => Buffer) =>
  Buffer.concat(Array.from({ length: times }, (_, i) => part(i)));
const ones = floats(...Array<number>(64).fill(1));
const small = tensor(storage("0", 64), [2], [1]);
/** A dict with one tensor, and with the value that `more` pushes under another name. */
const beside = (...more: Buffer[]) =>
  archive(
    assemble(
      dict([
        ["w", small],
        ["x", Buffer.concat(more)],
      ]),
    ),
    { 0: ones },
  );
const listOf = (items: Buffer) => Buffer.concat([op.emptyList, op.mark, items, Buffer.from("e")]);
const ordered = op.global("collections", "OrderedDict");

function safetensors(text: string): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  return Buffer.concat([length, Buffer.from(text)]);
}

/** Small files that could need much memory or time. The argument is a size of a few thousand. */
export const makers: Readonly<Record<string, (n: number) => Buffer>> = {
  "dicts under one long key": (n) =>
    archive(
      assemble(
        ...[op.emptyDict, op.mark, op.text("k".repeat(100 * n)), op.emptyDict, op.mark],
        counted(n, (i) => Buffer.concat([op.text(`d${i}`), dict([["w", small]])])),
        ...[op.setItems, op.setItems],
      ),
      { 0: ones },
    ),
  "one tensor under many names": (n) =>
    archive(
      assemble(
        ...[small, op.put(0), op.pop, op.emptyDict, op.mark],
        counted(30 * n, (i) => Buffer.concat([op.short(`n${i}`), op.get(0)])),
        op.setItems,
      ),
      { 0: ones },
    ),
  "views of 64 dimensions": (n) => {
    const dimensions = Buffer.concat([op.mark, repeat(op.integer(1), 64), op.tuple]);
    const args = Buffer.concat([op.mark, storage("0", 64), op.integer(0), dimensions, dimensions, op.tuple]);
    const call = Buffer.concat([Buffer.from("h\u0001h\u0002"), op.reduce]);
    return beside(
      ...[op.global("torch._utils", "_rebuild_tensor"), op.put(1), op.pop, args, op.put(2), op.pop],
      listOf(repeat(call, 100 * n)),
    );
  },
  "strides over a storage": (n) =>
    archive(
      assemble(
        dict(Array.from({ length: n }, (_, i) => [`v${i}`, tensor(storage("0", 10 * n), [2], [10 * n - 1])])),
      ),
      { 0: Buffer.alloc(40 * n) },
    ),
  "copies of a list": (n) =>
    beside(
      ...[listOf(repeat(op.none, n)), op.put(0), op.pop, op.global("builtins", "set"), op.put(1), op.pop],
      listOf(repeat(Buffer.concat([op.get(1), op.get(0), op.tuple1, op.reduce]), 10 * n)),
    ),
  "copies of a text": (n) =>
    beside(
      ...[op.text("x".repeat(100 * n)), op.put(0), op.pop, op.global("_codecs", "encode"), op.put(1), op.pop],
      listOf(repeat(Buffer.concat([op.get(1), op.get(0), op.text("latin1"), op.byte(0x86), op.reduce]), n)),
    ),
  "empty dicts": (n) => beside(listOf(repeat(op.emptyDict, 500 * n))),
  OrderedDicts: (n) => beside(ordered, op.put(1), op.pop, listOf(repeat(Buffer.from("h\u0001)R"), 300 * n))),
  "many short texts": (n) => beside(listOf(counted(300 * n, (i) => op.short(String(i % 1000))))),
  "many short bytes": (n) => beside(listOf(repeat(op.byte(0x43, 0), 500 * n))),
  "a large dict under many names": (n) =>
    archive(
      assemble(
        ...[
          op.emptyDict,
          op.mark,
          counted(50 * n, (i) => Buffer.concat([op.integer(i), op.none])),
          op.setItems,
        ],
        ...[op.put(0), op.pop, op.emptyDict, op.mark, op.text("w"), small],
        counted(50 * n, (i) => Buffer.concat([op.short(`n${i}`), op.get(0)])),
        op.setItems,
      ),
      { 0: ones },
    ),
  "distant indices in the memo": (n) =>
    beside(
      op.none,
      counted(100 * n, (i) => op.put((i * 65_536 + 7) >>> 0)),
    ),
  "keys of one hash": (n) =>
    beside(
      ...[op.emptyDict, op.mark],
      counted(20 * n, (i) => {
        const long = Buffer.alloc(18);
        long.set([0x8a, 16]);
        long.writeUInt32LE(i, 12);
        long[17] = 1;
        return Buffer.concat([long, op.none]);
      }),
      op.setItems,
    ),
  "long integers": (n) =>
    beside(listOf(counted(n, () => Buffer.concat([op.byte(0x8b), op.u32(1000), Buffer.alloc(1000, 0x7f)])))),
  "storages that are requested repeatedly": (n) =>
    beside(
      ...[op.mark, op.text("storage"), op.global("torch", "FloatStorage"), op.text("0"), op.text("cpu")],
      ...[op.integer(64), op.tuple, op.put(1), op.pop, listOf(repeat(Buffer.from("h\u0001Q"), 300 * n))],
    ),
  "tuples in tuples": (n) => beside(op.none, repeat(op.tuple1, 500 * n)),
  "wrappers before names": (n) => archive(assemble(dict([["module.".repeat(200 * n), small]])), { 0: ones }),
  marks: (n) => beside(repeat(op.mark, 1000 * n)),
  brackets: (n) => safetensors(`{"x":${"[".repeat(2000 * n)}`),
  objects: (n) => safetensors(`{${Array.from({ length: 200 * n }, (_, i) => `"${i}":{}`).join()}}`),
  numbers: (n) =>
    safetensors(`{"x":{"dtype":"F32","shape":[${"1,".repeat(1000 * n)}1],"data_offsets":[0,4]}}`),
  "empty tensors": (n) =>
    safetensors(
      `{${Array.from({ length: 20 * n }, (_, i) => `"${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`).join()}}`,
    ),
  metadata: (n) =>
    safetensors(`{"__metadata__":{${Array.from({ length: 200 * n }, (_, i) => `"${i}":""`).join()}}}`),
};

/** One of these files, from a few kilobytes to a few megabytes. */
export function amplifier(random: Random): { name: string; bytes: Buffer } {
  const [name, make] = pick(random, Object.entries(makers));
  const n = between(random, 10, pick(random, [50, 500, 3000]));
  return { name: `${name}, ${n}`, bytes: make(n) };
}

import { crc32 } from "node:zlib";

/** A small assembler of pickles: each function returns the bytes of one opcode. */
const ascii = (text: string) => Buffer.from(text, "latin1");
const u32 = (n: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n);
  return bytes;
};
const u64 = (n: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(n);
  return bytes;
};

export const op = {
  proto: (version: number) => Buffer.from([0x80, version]),
  global: (module: string, name: string) => ascii(`c${module}\n${name}\n`),
  inst: (module: string, name: string) => ascii(`i${module}\n${name}\n`),
  text: (text: string) => Buffer.concat([ascii("X"), u32(Buffer.byteLength(text)), Buffer.from(text)]),
  short: (text: string) => Buffer.concat([Buffer.from([0x8c, Buffer.byteLength(text)]), Buffer.from(text)]),
  integer: (n: number) => Buffer.concat([ascii("J"), u32(n >>> 0)]),
  float: (n: number) => {
    const bytes = Buffer.alloc(9, "G");
    bytes.writeDoubleBE(n, 1);
    return bytes;
  },
  put: (n: number) => Buffer.concat([ascii("r"), u32(n)]),
  get: (n: number) => Buffer.concat([ascii("j"), u32(n)]),
  lengthOf: (opcode: number, length: bigint) => Buffer.concat([Buffer.from([opcode]), u64(length)]),
  byte: (...bytes: number[]) => Buffer.from(bytes),
  u32,
  mark: ascii("("),
  tuple: ascii("t"),
  emptyTuple: ascii(")"),
  tuple1: Buffer.from([0x85]),
  emptyDict: ascii("}"),
  emptyList: ascii("]"),
  append: ascii("a"),
  setItem: ascii("s"),
  setItems: ascii("u"),
  reduce: ascii("R"),
  build: ascii("b"),
  obj: ascii("o"),
  newobj: Buffer.from([0x81]),
  newobjEx: Buffer.from([0x92]),
  stackGlobal: Buffer.from([0x93]),
  memoize: Buffer.from([0x94]),
  persid: ascii("Q"),
  textPersid: (id: string) => ascii(`P${id}\n`),
  none: ascii("N"),
  no: Buffer.from([0x89]),
  dup: ascii("2"),
  pop: ascii("0"),
  stop: ascii("."),
};

export function assemble(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([op.proto(2), ...parts, op.stop]);
}

/** A storage of `count` float32 values under `key`. */
export function storage(key: string, count: number, type = "FloatStorage"): Buffer {
  return Buffer.concat([
    op.mark,
    ...[op.text("storage"), op.global("torch", type), op.text(key), op.text("cpu"), op.integer(count)],
    ...[op.tuple, op.persid],
  ]);
}

const tupleOf = (items: readonly (number | Buffer)[]) =>
  Buffer.concat([
    op.mark,
    ...items.map((one) => (typeof one === "number" ? op.integer(one) : one)),
    op.tuple,
  ]);

/** A call of `_rebuild_tensor_v2`. */
export function tensor(
  of: Uint8Array,
  shape: readonly (number | Buffer)[],
  strides: readonly (number | Buffer)[],
  offset = 0,
): Buffer {
  return Buffer.concat([
    op.global("torch._utils", "_rebuild_tensor_v2"),
    ...[op.mark, of, op.integer(offset), tupleOf(shape), tupleOf(strides), op.no],
    ...[op.global("collections", "OrderedDict"), op.emptyTuple, op.reduce, op.tuple, op.reduce],
  ]);
}

/** A dict of these names and values. */
export function dict(entries: readonly (readonly [name: string, value: Uint8Array])[]): Buffer {
  return Buffer.concat([
    op.emptyDict,
    op.mark,
    ...entries.flatMap(([name, value]) => [op.text(name), value]),
    op.setItems,
  ]);
}

export interface ZipPart {
  readonly name: string;
  readonly content: Uint8Array;
  /** False values for the headers. */
  readonly lie?: {
    readonly size?: number;
    readonly method?: number;
    readonly offset?: number;
    readonly crc?: number;
  };
}

/** A zip archive of stored entries in PyTorch's format, with false values on request. */
export function zip(parts: readonly ZipPart[]): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, lie = {} } of parts) {
    const header = Buffer.alloc(26);
    header.writeUInt16LE(20, 0);
    header.writeUInt16LE(lie.method ?? 0, 4);
    header.writeUInt32LE(lie.crc ?? crc32(content), 10);
    header.writeUInt32LE(lie.size ?? content.length, 14);
    header.writeUInt32LE(lie.size ?? content.length, 18);
    header.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([u32(0x04034b50), header, Buffer.from(name), content]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(lie.offset ?? at, 10);
    directory.push(u32(0x02014b50), Buffer.from([20, 0]), header, place, Buffer.from(name));
    pieces.push(local);
    at += local.length;
  }
  const size = directory.reduce((sum, one) => sum + one.length, 0);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(size, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...pieces, ...directory, u32(0x06054b50), end]);
}

/** A file of torch.save in the zip format. */
export function archive(
  pickle: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
  rest: readonly ZipPart[] = [],
): Buffer {
  const data = Object.entries(storages).map(([key, content]) => ({ name: `archive/data/${key}`, content }));
  return zip([{ name: "archive/data.pkl", content: pickle }, ...data, ...rest]);
}

/** A file of torch.save in the legacy format. */
export function legacy(
  pickle: Uint8Array,
  storages: readonly (readonly [key: string, count: number, content: Uint8Array])[] = [],
): Buffer {
  const magic = Buffer.from("80028a0a6cfc9c46f9206aa850192e", "hex");
  const system = assemble(op.emptyDict, op.text("little_endian"), op.byte(0x88), op.setItem);
  const keys = assemble(op.emptyList, op.mark, ...storages.map(([key]) => op.text(key)), Buffer.from("e"));
  const contents = storages.flatMap(([, count, content]) => [u64(BigInt(count)), content]);
  return Buffer.concat([magic, assemble(Buffer.from([0x4d, 0xe9, 0x03])), system, pickle, keys, ...contents]);
}

export function floats(...values: number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}

interface Held {
  readonly dtype: "float32" | "int64";
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** A checkpoint with these tensors, as saved by a training script with DataParallel. */
export function checkpointOf(tensors: ReadonlyMap<string, Held>): Buffer {
  const storages: Record<string, Uint8Array> = {};
  const entries = [...tensors].map(([name, { dtype, shape, data }], i) => {
    storages[i] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const strides = shape.map((_, d) => shape.slice(d + 1).reduce((product, n) => product * n, 1));
    const of = storage(String(i), data.length, dtype === "float32" ? "FloatStorage" : "LongStorage");
    return [`module.${name}`, tensor(of, shape, strides)] as const;
  });
  return archive(
    assemble(
      dict([
        ["epoch", op.integer(7)],
        ["state_dict", dict(entries)],
      ]),
    ),
    storages,
  );
}

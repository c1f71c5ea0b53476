import type { Machine } from "./machine.js";
import { PickleFault } from "./reader.js";
import type { Value } from "./values.js";

/** Handlers by opcode. Keys are the format's characters. */
export type Opcodes = Readonly<Record<string, (machine: Machine) => void>>;

const LONGEST_INTEGER_BYTES = 1024;

/** Opcodes that push one number, text or byte string. */
export const scalars: Opcodes = {
  N: (m) => m.push(null),
  "\x88": (m) => m.push(true),
  "\x89": (m) => m.push(false),
  I: (m) => m.push(line(m.reader.line())),
  J: (m) => m.push(m.reader.int32()),
  K: (m) => m.push(m.reader.uint8()),
  M: (m) => m.push(m.reader.uint16()),
  L: (m) => m.pushObject(decimal(m.reader.line().replace(/L$/, ""))),
  "\x8a": (m) => m.pushObject(integer(m, m.reader.uint8())),
  "\x8b": (m) => m.pushObject(integer(m, m.reader.int32())),
  F: (m) => m.push(float(m.reader.line())),
  G: (m) => m.push(m.reader.float64()),
  S: (m) => m.pushObject(quoted(m.reader.line())),
  T: (m) => m.pushObject(m.reader.latin1(length(m.reader.int32()))),
  U: (m) => m.pushObject(m.reader.latin1(m.reader.uint8())),
  V: (m) => m.pushObject(escaped(m.reader.line())),
  X: (m) => m.pushObject(m.reader.string(m.reader.uint32())),
  "\x8c": (m) => m.pushObject(m.reader.string(m.reader.uint8())),
  "\x8d": (m) => m.pushObject(m.reader.string(m.reader.uint64())),
  B: (m) => m.pushObject(m.reader.bytes(m.reader.uint32())),
  C: (m) => m.pushObject(m.reader.bytes(m.reader.uint8())),
  "\x8e": (m) => m.pushObject(m.reader.bytes(m.reader.uint64())),
  "\x96": (m) => m.pushObject(m.reader.bytes(m.reader.uint64())),
};

function length(written: number): number {
  if (written < 0) throw new PickleFault(`a length of ${written}`);
  return written;
}

/** Protocol 0 writes booleans as the integers 00 and 01. */
function line(text: string): Value {
  return text === "00" ? false : text === "01" ? true : decimal(text);
}

function decimal(text: string): Value {
  if (!/^-?\d{1,1000}$/.test(text)) throw new PickleFault("an invalid integer");
  return narrow(BigInt(text));
}

function float(text: string): number {
  const value = /^[-+]?(inf|nan)$/i.test(text)
    ? Number(text.replace(/inf/i, "Infinity").replace(/nan/i, "NaN"))
    : Number(text);
  if (text === "" || (Number.isNaN(value) && !/nan/i.test(text))) throw new PickleFault("an invalid float");
  return value;
}

/** Reads an integer of `count` bytes in little-endian two's complement. */
function integer(m: Machine, count: number): Value {
  if (count < 0 || count > LONGEST_INTEGER_BYTES) throw new PickleFault(`an integer of ${count} bytes`);
  if (count === 0) return 0;
  const bytes = Buffer.from(m.reader.bytes(count)).reverse();
  return narrow(BigInt.asIntN(8 * count, BigInt(`0x${bytes.toString("hex")}`)));
}

function narrow(value: bigint): Value {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Parses Python 2's repr of a str. PyTorch does not write this form; texts with escapes are rejected. */
function quoted(text: string): string {
  const inner = /^(['"])([^\\]*)\1$/.exec(text.trim())?.[2];
  if (inner === undefined) throw new PickleFault("a text with escapes");
  return inner;
}

function escaped(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

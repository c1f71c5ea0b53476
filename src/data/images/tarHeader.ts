/** The header block of a tar member (POSIX ustar and pax, GNU). */
export interface TarHeader {
  readonly name: string;
  /** Size of the content after the header. */
  readonly size: number;
  readonly type: TarType;
}

/**
 * Type of a member: `path` and `records` describe the next member, `comment` is ignored, `other` is a folder,
 * link or device.
 */
export type TarType = "file" | "path" | "records" | "comment" | "other";

/**
 * Types of members by the flag in byte 156. Links, devices and folders have no content, whatever their size
 * field contains.
 */
const TYPES: Readonly<Record<string, TarType>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  "1": "other",
  "2": "other",
  "3": "other",
  "4": "other",
  "5": "other",
  "6": "other",
  L: "path",
  K: "comment",
  x: "records",
  X: "comment",
  g: "comment",
  V: "comment",
};

/** Parses every header field that determines the next read. @throws Error with a short reason */
export function tarHeader(block: Buffer): TarHeader {
  if (!hasRightSum(block)) throw new Error("a header was expected, and its checksum is wrong");
  const flag = String.fromCharCode(block[156] ?? 0);
  if (flag === "S") throw new Error("it holds a sparse file; pack it again without --sparse");
  if (flag === "M") throw new Error("a member continues from another volume; pack it again as one file");
  const type = TYPES[flag];
  if (type === undefined) throw new Error(`a member has the unknown type ${JSON.stringify(flag)}`);
  return { name: nameIn(block), size: type === "other" ? 0 : sizeIn(block), type };
}

/**
 * Whether the header's checksum is right. It is computed with blanks in its own field; some old programs
 * summed signed bytes.
 */
function hasRightSum(header: Buffer): boolean {
  let [unsigned, signed] = [8 * 32, 8 * 32];
  for (let i = 0; i < header.length; i++) {
    if (i >= 148 && i < 156) continue;
    const byte = header[i] ?? 0;
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  const sum = octal(header.subarray(148, 156));
  return sum !== null && (sum === unsigned || sum === signed);
}

/** Parses octal digits, or (GNU, beyond 8 GB) a number in base 256. @throws Error */
function sizeIn(header: Buffer): number {
  const field = header.subarray(124, 136);
  const [first = 0] = field;
  const size = first >= 0x80 ? base256(field) : octal(field);
  if (size !== null) return size;
  throw new Error(`the size field ${JSON.stringify(textIn(field, 0, 12))} is not a size`);
}

function base256(field: Buffer): number | null {
  // The first byte 0xff marks a negative number. Nonzero bytes before the last eight would exceed any file
  // size.
  if (field.readUInt32BE(0) !== 0x80000000) return null;
  const size = field.readBigUInt64BE(4);
  return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : null;
}

/**
 * Parses blanks, octal digits, then blanks or zero bytes up to the field's end; a field without digits is 0.
 * Null for anything else.
 */
function octal(field: Buffer): number | null {
  const found = /^ *([0-7]*)[ \0]*$/.exec(field.toString("latin1"));
  return found === null ? null : Number.parseInt(found[1] || "0", 8);
}

function nameIn(header: Buffer): string {
  const name = textIn(header, 0, 100);
  const prefix = textIn(header, 257, 6) === "ustar" ? textIn(header, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

export function textIn(bytes: Buffer, from: number, length: number): string {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? field.length : end);
}

/** The pax records that describe the next member. */
export interface PaxRecords {
  readonly path?: string;
  readonly size?: number;
}

/**
 * Parses records `12 path=abc\n`: the record's length, a key and a value. @throws Error with a short reason
 */
export function paxRecords(bytes: Buffer): PaxRecords {
  let [path, size]: [string | undefined, number | undefined] = [undefined, undefined];
  for (let at = 0; at < bytes.length; ) {
    const digits = /^(\d{1,10}) /.exec(bytes.toString("latin1", at, at + 11))?.[1];
    const length = Number(digits ?? 0);
    const record = bytes.subarray(at, at + length);
    const equals = record.indexOf(0x3d);
    if (digits === undefined || at + length > bytes.length || record.at(-1) !== 10 || equals < 0)
      throw new Error("a pax header is damaged");
    const key = record.toString("utf8", digits.length + 1, equals);
    const value = record.toString("utf8", equals + 1, length - 1);
    if (key.startsWith("GNU.sparse"))
      throw new Error("it holds a sparse file; pack it again without --sparse");
    if (key === "path") path = value;
    if (key === "size") size = decimal(value);
    at += length;
  }
  return { ...(path !== undefined && { path }), ...(size !== undefined && { size }) };
}

/** @throws Error */
function decimal(text: string): number {
  const size = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(size)) return size;
  throw new Error(`the size ${JSON.stringify(text.slice(0, 30))} in a pax header is not a size`);
}

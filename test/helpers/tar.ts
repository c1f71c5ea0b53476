/** Members of a tar file, each with header and content, for tests of headers that no program writes. */

export interface MemberOptions {
  /** The type flag: "0" is a file. */
  readonly type?: string;
  /** Content of the size field, in place of the content's size. */
  readonly size?: string | Uint8Array;
  /** Keeps the checksum from before the fields were changed. */
  readonly wrongSum?: boolean;
}

export function member(name: string, content: string | Uint8Array, options: MemberOptions = {}): Buffer {
  const body = Buffer.from(content as string);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, "utf8");
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  const size = options.size ?? `${body.length.toString(8).padStart(11, "0")}\0`;
  header.set(Buffer.from(size as string), 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write(options.type ?? "0", 156);
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0) + (options.wrongSum ? 1 : 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

/** The end mark. */
export const END = Buffer.alloc(1024);

/** A pax record. */
export function pax(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (`${length}`.length + rest !== length) length = `${length}`.length + rest;
  return `${length} ${key}=${value}\n`;
}

import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Test } from "tap";
import { test } from "tap";
import { tarMembers } from "../../src/data/images/tar.js";
import { END, member, pax } from "../helpers/tar.js";

/** Names and contents of a tar file's members, and whether it has an end mark; or what is wrong with it. */
async function read(t: Test, bytes: Buffer, signal?: AbortSignal): Promise<string> {
  const file = join(t.testdir({}), "x.tar");
  await writeFile(file, bytes);
  const handle = await open(file, "r");
  const members = tarMembers(handle, signal);
  const seen: string[] = [];
  try {
    for (let next = await members.next(); ; next = await members.next()) {
      if (next.done) return `${seen} ${next.value ? "ended" : "no end mark"}`;
      seen.push(`${next.value.name}=${(await next.value.read()).toString("latin1")}`);
    }
  } catch (error) {
    return `${seen} ${error instanceof Error ? error.message : error}`;
  } finally {
    await handle.close();
  }
}

const sound = member("b.cls", "1");
const base256 = (first: number, size: bigint) => {
  const field = Buffer.alloc(12);
  field[0] = first;
  field.writeBigInt64BE(size, 4);
  return field;
};

const cases: readonly (readonly [what: string, members: readonly Buffer[], found: RegExp])[] = [
  ["a sound file", [member("a.cls", "0"), sound, END], /^a\.cls=0,b\.cls=1 ended$/],
  ["no end mark", [sound], /^b\.cls=1 no end mark$/],
  ["one zero block at the end", [sound, Buffer.alloc(512)], /ended$/],
  [
    "another file after the end mark",
    [sound, END, sound, END],
    /b\.cls=1 there is data after its end marker at byte 1024/,
  ],
  ["a negative size", [member("a", "", { size: "-0001000\0" }), END], /size field .*-0001000.*at byte 0/],
  ["a size of letters", [member("a", "x", { size: "zzzzzzz\0" }), sound, END], /size field .*zzzzzzz/],
  ["digits of no octal number", [member("a", "x", { size: "00000000009\0" }), sound, END], /size field/],
  ["digits after the field's end", [member("a", "", { size: "00000\x00000001" }), sound, END], /size field/],
  [
    "a size beyond the file",
    [member("a", "x", { size: "00077777777\0" }), END],
    /ends within the member at byte 0, which has 16,777,215 bytes/,
  ],
  [
    "a size in base 256",
    [member("a", "xyz", { size: base256(0x80, 3n) }), sound, END],
    /^a=xyz,b\.cls=1 ended/,
  ],
  [
    "a negative size in base 256",
    [member("a", "", { size: base256(0xff, -512n) }), sound, END],
    /size field/,
  ],
  [
    "a size beyond all files",
    [member("a", "", { size: base256(0x80, 1n << 60n) }), sound, END],
    /size field/,
  ],
  ["blanks before the digits", [member("a", "x", { size: "          1 " }), sound, END], /^a=x,b/],
  [
    "a wrong checksum",
    [member("a", "x", { wrongSum: true }), END],
    /^ a header was expected, .* \(at byte 0\)/,
  ],
  ["an unknown type", [member("a", "x", { type: "Q" }), END], /unknown type "Q"/],
  ["a sparse file", [member("a", "x", { type: "S" }), END], /sparse/],
  [
    "a link whose size field is set",
    [member("a", "", { type: "1", size: "00000001000\0" }), sound, END],
    /^b\.cls=1 ended/,
  ],
  ["a folder", [member("a/", "", { type: "5" }), sound, END], /^b\.cls=1 ended/],
  [
    "GNU's long name",
    [member("././@LongLink", "long/name.jpg\0", { type: "L" }), member("cut", "x"), END],
    /^long\/name\.jpg=x/,
  ],
  [
    "a pax name",
    [member("pax", pax("path", "é/x.jpg"), { type: "x" }), member("cut", "x"), sound, END],
    /^é\/x\.jpg=x,b\.cls/,
  ],
  [
    "a pax size",
    [
      member("pax", pax("size", "3"), { type: "x" }),
      member("a", "xyz", { size: "00000000000\0" }),
      sound,
      END,
    ],
    /^a=xyz,b/,
  ],
  [
    "a pax size of letters",
    [member("pax", pax("size", "1e3"), { type: "x" }), sound, END],
    /size "1e3" in a pax header/,
  ],
  [
    "a negative pax size",
    [member("pax", pax("size", "-512"), { type: "x" }), sound, END],
    /size "-512" in a pax header/,
  ],
  [
    "a pax record of length 0",
    [member("pax", "0 path=x\n", { type: "x" }), sound, END],
    /pax header is damaged/,
  ],
  [
    "a pax record beyond its header",
    [member("pax", "99 path=x\n", { type: "x" }), sound, END],
    /pax header is damaged/,
  ],
  [
    "a global pax header before a name",
    [
      member("pax", pax("path", "y"), { type: "x" }),
      member("g", pax("comment", "c"), { type: "g" }),
      member("cut", "x"),
      END,
    ],
    /^y=x/,
  ],
  [
    "a name of megabytes",
    [member("pax", "x".repeat(2 << 20), { type: "x" }), sound, END],
    /name of the member at byte 0 is too long/,
  ],
  ["half a header", [sound, sound.subarray(0, 300)], /b\.cls=1 it ends within the header at byte 1024/],
  ["text", [Buffer.from("this is no tar file".repeat(99))], /header was expected/],
];

test("every header field is checked, and reading ends", async (t) => {
  for (const [what, members, found] of cases) t.match(await read(t, Buffer.concat(members)), found, what);
});

test("a signal ends the reading", async (t) => {
  const bytes = Buffer.concat([...Array.from({ length: 50 }, () => sound), END]);
  t.match(await read(t, bytes, AbortSignal.abort()), /abort/);
});

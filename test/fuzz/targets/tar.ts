import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadDataset } from "../../../src/data/datasets.js";
import { withDefaults } from "../../../src/schema/defaults.js";
import { END, member, pax } from "../../helpers/tar.js";
import type { FuzzTarget, Random } from "../target.js";
import { between, mutate, pick } from "../target.js";

const SIZES = [
  "00000000000\0",
  "-0001000\0",
  "zzzzzzz\0",
  "77777777777\0",
  "            ",
  "9\0",
  "\x80\0\0\0\0\0\0\0\0\0\x02\0",
  "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff",
  "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe",
];
const NAMES = [
  "a.jpg",
  "a.cls",
  "a.json",
  "b.png",
  "b.cls",
  "./x/a.png",
  "img.v1.a.png",
  ".",
  "",
  "é.jpg",
  "c.txt",
];
const LABELS = [
  "0",
  "1",
  "-1",
  "65535",
  "65536",
  "1.0",
  "1e3",
  "0x1",
  "cat",
  "",
  '{"label": 1}',
  '{"label": "2"}',
  "{",
  "[]",
  "null",
];

function oneMember(random: Random): Buffer {
  const name = pick(random, NAMES);
  const kind = between(random, 0, 9);
  if (kind === 0)
    return member("././@LongLink", `${"d/".repeat(between(random, 0, 400))}${name}\0`, { type: "L" });
  if (kind === 1) {
    const [key, value] = [
      pick(random, ["path", "size", "GNU.sparse.major", "mtime"]),
      pick(random, [name, "512", "-1", "1e9", ""]),
    ];
    return member(
      "pax",
      between(random, 0, 2) === 0 ? `${between(random, 0, 99)} ${key}=${value}\n` : pax(key, value),
      { type: "x" },
    );
  }
  const type = pick(random, ["0", "0", "0", "0", "7", "\0", "1", "2", "5", "g", "K", "S", "M", "Q"]);
  const content =
    between(random, 0, 3) === 0 ? Buffer.alloc(between(random, 0, 3000), 7) : pick(random, LABELS);
  const size = between(random, 0, 7) === 0 ? Buffer.from(pick(random, SIZES), "latin1") : undefined;
  return member(name, content, { type, ...(size && { size }), wrongSum: between(random, 0, 30) === 0 });
}

export const target: FuzzTarget = {
  description: "tar files of images, with generated or damaged headers",
  input(random, folder) {
    process.env.N2UQ_CACHE = join(folder, "cache");
    const members = Array.from({ length: between(random, 0, 12) }, () => oneMember(random));
    const sound = [member("s.jpg", "x"), member("s.cls", pick(random, LABELS))];
    const end = between(random, 0, 4) === 0 ? Buffer.alloc(0) : END;
    const made = Buffer.concat([...(between(random, 0, 1) === 0 ? sound : []), ...members, end]);
    const damaged = between(random, 0, 2) === 0;
    const content = damaged ? mutate(random, made) : made;
    writeFileSync(join(folder, "x.tar"), content);
    const train = pick(random, [
      "x.tar",
      "x.tar",
      "x.tar",
      "{x,x}.tar",
      "x{0..99999999}.tar",
      "{0..",
      "{}.tar",
    ]);
    const settings = {
      dataset: "shards",
      root: folder,
      trainLimit: null,
      testLimit: null,
      shards: { train, test: "x.tar" },
    } as const;
    return {
      label: `${members.length} members${damaged ? ", damaged" : ""}, ${train}`,
      content,
      run: () => loadDataset(withDefaults("data", settings)),
    };
  },
};

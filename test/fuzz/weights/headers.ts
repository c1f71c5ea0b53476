import type { Random } from "../target.js";
import { between, pick } from "../target.js";

const types: readonly unknown[] = [
  "F32",
  "F32",
  "F32",
  "F16",
  "BF16",
  "I64",
  "BOOL",
  "F8_E4M3",
  "F4",
  "C64",
  "",
  "toString",
  3,
  null,
];
const numbers: readonly unknown[] = [0, 1, 2, 4, 8, -1, 0.5, 1e300, 2 ** 53, 2 ** 53 - 1, "8", null, [], {}];
const names = [
  "a",
  "b",
  "conv.weight",
  "__proto__",
  "constructor",
  "",
  "\u0000",
  "\u001b[2J",
  "\ud800",
  "sha256",
];

function sizes(random: Random): unknown {
  const one = () => (random() < 0.8 ? between(random, 0, 3) : pick(random, numbers));
  return random() < 0.95 ? Array.from({ length: between(random, 0, 4) }, one) : pick(random, numbers);
}

/** A safetensors file with a generated header: consecutive entries, some with false values. */
export function header(random: Random): Buffer {
  const written: string[] = [];
  let offset = 0;
  for (let count = between(random, 0, 6); count > 0; count -= 1) {
    const shape = sizes(random);
    const length = Array.isArray(shape) ? shape.reduce((product, n) => product * Number(n), 4) : 4;
    const end = random() < 0.9 && length >= 0 && length < 1e5 ? offset + length : pick(random, numbers);
    const entry = { dtype: pick(random, types), shape, data_offsets: [offset, end] };
    const name = random() < 0.7 ? `t${count}` : pick(random, names);
    written.push(
      `${JSON.stringify(name)}:${JSON.stringify(random() < 0.95 ? entry : pick(random, numbers))}`,
    );
    if (typeof end === "number" && Number.isSafeInteger(end)) offset = Math.min(1e6, Math.max(0, end));
  }
  const sums = {
    sha256: pick(random, ["{}", "[]", "null", '{"a":3}']),
    "sha256.header": "0".repeat(between(random, 63, 65)),
  };
  const metadata = pick<unknown>(random, [
    {},
    { format: "pt" },
    { format: 3 },
    [],
    null,
    "x",
    sums,
    { sha256: "{}" },
  ]);
  if (random() < 0.5) written.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  const body = `{${written.join(",")}}${" ".repeat(between(random, 0, 9))}`;
  const text = Buffer.from(
    random() < 0.95 ? body : body.replace(pick(random, [":", ",", "[", "}", '"']), ""),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(random() < 0.95 ? text.length : between(random, 0, 2 ** 31)));
  const values = Buffer.alloc(random() < 0.8 ? offset : between(random, 0, 64), 1);
  return Buffer.concat([length, text, values]);
}

import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { merge } from "../../src/config/merge.js";
import { readText } from "../../src/config/read.js";
import { fromValue, toValue } from "../../src/config/tree.js";
import type { Schema } from "../../src/schema/schema.js";
import { failure } from "../helpers/failure.js";

t.test("invalid UTF-8 is found at its byte, line and column", async (t) => {
  const folder = t.testdir({});
  const file = join(folder, "x.yaml");
  const faultOf = async (...parts: (string | number[])[]) => {
    writeFileSync(file, Buffer.concat(parts.map((part) => Buffer.from(part as string))));
    const { details, location, hint } = await failure(readText(file, folder));
    return [
      details.byte,
      details.hex,
      location?.line,
      location?.column,
      location?.text,
      hint?.includes("UTF-16"),
    ];
  };
  t.same(await faultOf("ab\nc", [0xff], "d\ne"), [4, "ff", 2, 2, "c\ufffdd", false]);
  t.same(await faultOf([0xff, 0xfe], "a"), [0, "ff", 1, 1, "\ufffd\ufffda", true]);
  t.same(await faultOf([0xfe, 0xff], "a"), [0, "fe", 1, 1, "\ufffd\ufffda", true]);
  t.same(await faultOf([0x80]), [0, "80", 1, 1, "\ufffd", false]);
  t.same(
    await faultOf("\u00e4\u00e4", [0xc3]),
    [4, "c3", 1, 3, "\u00e4\u00e4\ufffd", false],
    "an incomplete character",
  );
  t.same(await faultOf("a\r\nb\u20ac", [0xe2, 0x82], "x\r\n"), [7, "e2", 2, 3, "b\u20ac\ufffdx", false]);
  t.same(
    await faultOf("a\n", [0xff, 0xfe]),
    [2, "ff", 2, 1, "\ufffd\ufffd", false],
    "UTF-16 only at the start",
  );
  writeFileSync(file, "\u00e4\n");
  t.equal(await readText(file, folder), "\u00e4\n");
});

t.test("what can't be read says why, and what to do", async (t) => {
  const names = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.yaml`, ""]));
  const folder = t.testdir({
    eight: names(8),
    nine: names(9),
    none: { "a.txt": "" },
    run: { "resolved.yaml": "" },
  });
  const of = async (name: string, from?: { file: string; line: number }) => {
    const { code, hint, message, location } = await failure(readText(join(folder, name), folder, from));
    return { code: code.replace("N2UQ_CONFIG_FILE_", ""), hint, message, at: location?.file };
  };
  const all = Array.from({ length: 8 }, (_, i) => `${i}.yaml`).join(", ");
  t.match(await of("eight"), {
    code: "UNREADABLE",
    hint: `Give one of its files: ${all}.`,
    message: /folder/,
  });
  t.match(await of("nine"), { hint: `Give one of its files: ${all}, ….` });
  t.match(await of("run"), { hint: /It is a run directory: `n2uq report run` shows it/ });
  t.match(await of(join("eight", "00.yaml")), { code: "MISSING", hint: /Did you mean \d\.yaml\?/ });
  t.match(await of(join("eight", "*.yaml")), { code: "MISSING", hint: /No file matches this glob/ });
  t.match(await of(join("0.yaml", "inside")), { code: "MISSING" });
  symlinkSync("gone.yaml", join(folder, "link.yaml"));
  t.match(await of("link.yaml"), { code: "MISSING", hint: /It is a link to gone\.yaml/ });
  mkdirSync(join(folder, "own"));
  writeFileSync(join(folder, "own", "x.yaml"), "");
  symlinkSync(join("own", "x.yaml"), join(folder, "near.yaml"));
  t.match(await of("gone.yaml", { file: join(folder, "near.yaml"), line: 1 }), {
    hint: `near.yaml is a link to ${join("own", "x.yaml")}.`,
    at: join(folder, "near.yaml"),
  });
  symlinkSync("loop.yaml", join(folder, "loop.yaml"));
  t.match(await of("loop.yaml"), { code: "UNREADABLE", message: /links are circular/ });

  const large = join(folder, "large.yaml");
  writeFileSync(large, "");
  truncateSync(large, 2 ** 20);
  t.equal((await readText(large, folder)).length, 2 ** 20);
  truncateSync(large, 2 ** 20 + 1);
  t.match(await failure(readText(large, folder)), { details: { bytes: 2 ** 20 + 1, most: 2 ** 20 } });
});

t.test("maps are merged by their schema", async (t) => {
  const origin = { kind: "default", label: "" } as const;
  const merged = (base: unknown, overlay: unknown, schema: Schema = {}) =>
    toValue(
      merge(base === undefined ? undefined : fromValue(base, origin), fromValue(overlay, origin), schema),
    );
  t.same(merged(undefined, { a: 1 }), { a: 1 });
  t.same(merged({ a: 1, b: { c: 2 } }, { b: { d: 3 } }), { a: 1, b: { c: 2, d: 3 } });
  t.same(merged({ a: [1, 2] }, { a: [3] }), { a: [3] });
  t.same(merged({ a: { b: 1 } }, { a: null }), { a: null });
  t.same(merged([1], { a: 1 }), { a: 1 });
  const fills = { "x-number-fills": ["x", "y"] } as Schema;
  t.same(merged(3, { x: 4 }, fills), { x: 4, y: 3 });
  t.same(merged("3", { x: 4 }, fills), { x: 4 });
  t.same(merged(3, { x: 4 }), { x: 4 });
  const exclusive = { "x-exclusive": [["epochs", "steps"]] } as Schema;
  t.same(merged({ epochs: 1, a: 2 }, { steps: 3 }, exclusive), { a: 2, steps: 3 });
  t.same(merged({ epochs: 1 }, { steps: null }, exclusive), { epochs: 1, steps: null });
  t.same(merged({ epochs: 1 }, { a: 3 }, exclusive), { epochs: 1, a: 3 });
  const kinds = { "x-discriminator": "kind" } as Schema;
  t.same(merged({ kind: "a", x: 1 }, { kind: "b" }, kinds), { kind: "b" });
  t.same(merged({ kind: "a", x: 1 }, { kind: "a", y: 2 }, kinds), { kind: "a", x: 1, y: 2 });
  t.same(merged({ kind: "a", x: 1 }, { y: 2 }, kinds), { kind: "a", x: 1, y: 2 });
  t.same(merged({ x: 1 }, { kind: "a" }, kinds), { x: 1, kind: "a" });
  t.same(merged({ kind: [1], x: 1 }, { kind: [1] }, kinds), { kind: [1] }, "a list is no kind");
  const either = { "x-alternatives": [["experiment"], ["weights", "architecture"]] } as Schema;
  t.same(merged({ weights: 1 }, { experiment: 2 }, either), { experiment: 2 });
  t.same(merged({ experiment: 1 }, { architecture: 2 }, either), { architecture: 2 });
  t.same(merged({ weights: 1 }, { architecture: 2 }, either), { weights: 1, architecture: 2 });
  t.same(merged({ other: 1 }, { architecture: 2 }, either), { other: 1, architecture: 2 });
});

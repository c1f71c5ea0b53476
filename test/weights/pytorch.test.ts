import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { N2uqError } from "../../src/errors.js";
import { decode } from "../../src/weights/dtypes.js";
import { bytesOf } from "../../src/weights/load.js";
import { openWeights, readWeights } from "../../src/weights/open.js";
import { fixture, fixtures, rejection } from "../helpers/weights.js";

interface Expected {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

const expected = JSON.parse(readFileSync(join(fixtures, "expected.json"), "utf8")) as Record<
  "state_dict" | "odd",
  Record<string, Expected>
>;

t.test("every good file gives PyTorch's names, formats, shapes and values", async (t) => {
  const good = readdirSync(fixtures).filter((name) => /^(zip|legacy)_/.test(name));
  t.equal(good.length, 6);
  for (const name of good) {
    const wanted = name.includes("odd") ? expected.odd : expected.state_dict;
    const weights = await openWeights(fixture(name));
    t.same([...weights.tensors.keys()], Object.keys(wanted), `${name}: names, in order`);
    for (const [tensor, { dtype, shape, data }] of Object.entries(wanted)) {
      const found = weights.tensors.get(tensor)!;
      const values = Array.from<number | bigint>(
        decode(found.dtype, await bytesOf(found)) as ArrayLike<number>,
      );
      const written = values.map((value) => (typeof value === "bigint" ? String(value) : value));
      t.same(
        { dtype: found.dtype, shape: found.shape, data: written },
        { dtype, shape, data },
        `${name}: ${tensor}`,
      );
    }
    await weights.close();
  }
});

t.test("a DataParallel checkpoint reports the path of its state dict and its other content", async (t) => {
  for (const name of ["zip_checkpoint_dataparallel.pth.tar", "legacy_checkpoint_dataparallel.pth.tar"]) {
    const { key, prefix, extras, close } = await openWeights(fixture(name));
    await close();
    t.same({ key, prefix }, { key: "state_dict", prefix: "module." });
    t.ok(extras.has("epoch") && extras.has("optimizer") && !extras.has("state_dict"), [...extras].join("; "));
  }
});

t.test("floats are loaded as float32, integers and booleans as int64", async (t) => {
  const tensors = await readWeights(fixture("zip_odd_tensors.pth"));
  t.same(tensors.get("bf16"), { dtype: "float32", shape: [2], data: Float32Array.of(1.5, -2.25) });
  t.same(tensors.get("double")!.data, Float32Array.of(0, 1 / 3, 2 / 3, 1));
  t.same(tensors.get("boolean")!.data, BigInt64Array.of(1n, 0n));
});

t.test("the malicious file is rejected with the name of its call, and nothing runs", async (t) => {
  const error = await rejection(openWeights(fixture("malicious_global.pth")));
  t.equal(error.code, "N2UQ_WEIGHTS_REFUSED");
  t.match(error.message, "posix.system");
  t.notOk(existsSync("/tmp/n2uq-pickle-executed"));
});

t.test("the error for a truncated file says so", async (t) => {
  const error = await rejection(openWeights(fixture("truncated.pth")));
  t.ok(error instanceof N2uqError && error.code === "N2UQ_WEIGHTS_CORRUPT");
  t.match(error.message, /truncated/);
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { restored } from "../../src/runs/runFiles.js";
import { runRoot } from "../../src/schema/published.js";
import { checkRunFile } from "../../src/schema/runFiles.js";
import type { Schema } from "../../src/schema/schema.js";
import { runRecord } from "../helpers/records.js";
import { root } from "../helpers/root.js";

/** Every schema with a description of its own to give. */
function* described(schema: Schema, at: string): Generator<readonly [string, Schema]> {
  yield [at, schema];
  for (const [key, own] of Object.entries(schema.properties ?? {})) {
    if (own !== false) yield* described(own, `${at}.${key}`);
  }
  for (const [name, own] of Object.entries(schema.definitions ?? {})) yield* described(own, name);
}

t.test("every value of a run's files is described, and unknown keys are accepted", async (t) => {
  for (const [name, own] of described(runRoot, "run")) {
    t.match(own.description, /\.$/, `${name} has a description`);
    t.not(own.additionalProperties, false, name);
  }
  const record = { ...runRecord(), threads: 2, later: { a: [] } };
  t.ok(checkRunFile("result", record).ok);
});

t.test("every committed result follows the schema", async (t) => {
  const folder = join(root, "experiments", "tables", "results", "cifar10");
  for (const name of readdirSync(folder)) {
    const value: unknown = JSON.parse(readFileSync(join(folder, name, "result.json"), "utf8"));
    t.match(checkRunFile("result", value), { ok: true }, name);
  }
});

t.test("a fault names its path, the allowed and the found value", async (t) => {
  const { totals, ...rest } = runRecord();
  const faults: readonly (readonly [unknown, string])[] = [
    [rest, "totals is missing"],
    [{ ...rest, totals: { ...totals, bitOps: "x" } }, 'totals.bitOps must be a number; found "x"'],
    [{ ...rest, totals: [] }, "totals must be a map; found a list"],
    ["x", 'it must be a map; found "x"'],
    [null, "it must be a map; found null"],
    [{ format: 7 }, "its format is 7; this version reads 1"],
    [{ ...rest, totals, best: { ...rest.best, top1: 101 } }, "best.top1 must be <= 100; found 101"],
  ];
  for (const [value, fault] of faults) t.same(checkRunFile("result", value), { ok: false, fault });
});

t.test("a loss that was no number comes back as one", async (t) => {
  const read: unknown = JSON.parse(
    JSON.stringify(runRecord({ final: { loss: Number.NaN, top1: 0, top5: 1 } })),
  );
  const checked = checkRunFile("result", read);
  t.ok(checked.ok);
  if (checked.ok) t.same(restored(checked.value).final, { loss: Number.NaN, top1: 0, top5: 1 });
});

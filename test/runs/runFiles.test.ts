import { mkdirSync, symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { analysisOf, readRecord, readTextFile, restored, startOf } from "../../src/runs/runFiles.js";
import type { Result } from "../../src/schema/generated/run.js";
import { runRecord } from "../helpers/records.js";

t.test("initial quantizers with values that are not numbers are dropped", async (t) => {
  const curve = { thresholds: [0, 1], levels: [0, 1, 2] };
  const staircases = {
    whole: curve,
    first: { ...curve, thresholds: [null, 1] },
    last: { ...curve, levels: [0, 1, null] },
    empty: { thresholds: [], levels: [] },
  };
  const { staircases: found, ...rest } = startOf({ format: 1, hash: "a".repeat(64), staircases });
  t.same(found, { whole: curve, empty: staircases.empty });
  t.same(rest, { format: 1, hash: "a".repeat(64) });
});

t.test("an analysis counts where all of its numbers are some", async (t) => {
  const weight = { levels: [0, 1], counts: [3, 4], entropy: 1 };
  const curve = { thresholds: [0.5], levels: [0, 1] };
  const activation = { ...weight, start: curve, end: curve };
  const of = (weights: object[], activations: object[]) =>
    analysisOf({ weights, activations } as never) !== null;
  t.equal(of([weight], [activation]), true);
  t.equal(of([], [{ ...activation, start: null }]), true, "a run of which only the end is known");
  for (const broken of [{ levels: [0, null] }, { counts: [null, 4] }, { entropy: null }]) {
    t.equal(of([{ ...weight, ...broken }], [activation]), false, JSON.stringify(broken));
    t.equal(of([weight], [{ ...activation, ...broken }]), false, JSON.stringify(broken));
  }
  for (const key of ["start", "end"]) {
    for (const broken of [{ thresholds: [null] }, { levels: [0, null] }]) {
      t.equal(of([weight], [{ ...activation, [key]: { ...curve, ...broken } }]), false, key);
    }
  }
});

t.test("a file of 64 MiB is read, a larger one is not", async (t) => {
  const folder = t.testdir({ "most.json": "", "more.json": "" });
  truncateSync(join(folder, "most.json"), 64 * 1024 * 1024);
  truncateSync(join(folder, "more.json"), 64 * 1024 * 1024 + 1);
  t.equal(readTextFile(join(folder, "most.json")).state, "read");
  t.match(readTextFile(join(folder, "more.json")), {
    state: "damaged",
    reason: /larger than 67108864 bytes/,
  });
});

t.test("numbers that JSON had no word for come back as NaN", async (t) => {
  const broken = { epoch: 1, loss: null, top1: 1, top5: 2 };
  const dead = { layer: "a", parameter: null, bound: null, steps: 1, firstStep: 1, atEnd: true, value: null };
  const found = restored<Result>({
    ...runRecord(),
    ...{
      best: broken,
      final: { loss: null, top1: 1, top5: 2 },
      fullPrecision: { loss: null, top1: 1, top5: 2 },
    },
    ...{ timing: { seconds: 1, imagesPerSecond: null }, deadLayers: [dead] },
  } as never);
  const { best, final, fullPrecision, timing, deadLayers } = found;
  t.same(
    [best.loss, final.loss, fullPrecision?.loss, timing.imagesPerSecond, deadLayers?.[0]?.value],
    Array.from({ length: 5 }, () => Number.NaN),
  );
  t.equal(restored<Result>(runRecord() as never).fullPrecision, null);
  t.strictSame(restored({ levels: [1, null, [null]], other: [null] } as never), {
    levels: [1, Number.NaN, [Number.NaN]],
    other: [null],
  });
  t.notOk("deadLayers" in restored<Result>(runRecord() as never), "older runs did not look");
});

t.test("a file is read, absent, or damaged if it can't be read", async (t) => {
  const folder = t.testdir({ text: "words", file: "" });
  t.same(readTextFile(join(folder, "text")), { state: "read", value: "words" });
  t.same(readTextFile(join(folder, "none")), { state: "absent" });
  t.same(readTextFile(join(folder, "file", "inside")), { state: "absent" });
  t.same(readTextFile(join(folder, "x".repeat(300))), { state: "absent" });
  t.match(readTextFile(join(folder, "text"), 4), { state: "damaged" }, "longer than any of ours");
  t.same(readTextFile(join(folder, "text"), 5), { state: "read", value: "words" });
  symlinkSync("loop", join(folder, "loop"));
  t.same(readTextFile(join(folder, "loop")), { state: "damaged", reason: "it can't be read: ELOOP" });
  mkdirSync(join(folder, "result.json"));
  t.same(readRecord(folder), { state: "damaged", reason: "it is not a regular file" });
});

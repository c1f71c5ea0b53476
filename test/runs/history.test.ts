import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { isSkipped, readDetails, readSummary } from "../../src/runs/history.js";
import { recordedHash } from "../../src/runs/identity.js";
import { fixedSince, NUMERICS } from "../../src/runs/numerics.js";
import { isRunDirectory, runAt } from "../../src/runs/runRecords.js";
import type { RunSummary } from "../../src/runs/summary.js";
import { runRecord } from "../helpers/records.js";

const record = runRecord({ numerics: NUMERICS });
const yaml = "name: tiny\narchitecture: {}\nquantization: {}\ndata: {}\ntraining: {}\n";
const finished = { "result.json": JSON.stringify(record), "resolved.yaml": yaml };

t.test("a run without a result that can be read is skipped, and why", async (t) => {
  const folder = t.testdir({ begun: {}, cut: { "result.json": '{"form' }, empty: { "result.json": " " } });
  const reason = (name: string) => (readSummary(join(folder, name)) as { reason: string }).reason;
  t.equal(reason("begun"), "not finished: it has no result.json");
  t.equal(reason("none"), "not run yet");
  t.equal(reason("cut"), "result.json is damaged: it is not JSON");
  t.equal(reason("empty"), "result.json is damaged: it is empty");
  t.ok(isSkipped(readSummary(join(folder, "begun"))));
});

t.test("what of a finished run can't be read is in its notes", async (t) => {
  const folder = t.testdir({
    whole: finished,
    alone: { "result.json": finished["result.json"] },
    damaged: { ...finished, "resolved.yaml": "a: [" },
    deep: { ...finished, "resolved.yaml": `${yaml}x: ${"[".repeat(200)}${"]".repeat(200)}\n` },
    old: { ...finished, "result.json": JSON.stringify(runRecord()) },
  });
  const read = (name: string) => readSummary(join(folder, name)) as RunSummary;
  t.match(read("whole"), { id: "whole", record, resolved: { name: "tiny" }, notes: [] });
  t.match(read("alone"), {
    resolved: null,
    notes: ["There is no resolved.yaml: the experiment's values are not shown."],
  });
  t.match(read("damaged").notes, [/^resolved\.yaml can't be read \(it is not YAML\)/]);
  t.match(read("deep").notes, [/nested more than/]);
  t.match(readDetails(read("whole")).notes, [
    "There is no analysis.json (an older version ran this): thresholds, levels and layer costs are not shown.",
    "There is no metrics.jsonl: curves are not shown.",
  ]);
  t.same(read("old").notes, [], "no fix concerns it");
});

t.test("a result from before a fix that concerns it says so", async (t) => {
  t.equal(NUMERICS, 3, "a new fix raises it, and belongs into this test");
  const of = (numerics: number | undefined, experiment: object) =>
    fixedSince(numerics, experiment).join("; ");
  const lowered = { training: { precision: "bfloat16" } };
  t.match(of(undefined, lowered), /^sums and statistics/);
  t.match(of(1, lowered), /^sums and statistics/);
  t.equal(of(2, lowered), "");
  t.equal(of(1, { training: { precision: "float32" } }), "");
  t.equal(of(1, { training: {} }), "");
  const cropped = (dataset?: string) => ({
    augmentation: { kind: "random-resized-crop" },
    data: { dataset },
  });
  t.match(of(1, cropped("cifar10")), /^random-resized-crop was ignored on images in memory$/);
  t.match(of(1, cropped("imagenet")), /^random crops of PNG and TIFF files/);
  t.match(of(1, cropped()), /^random-resized-crop was ignored/);
  t.equal(of(1, { augmentation: { kind: "none" }, data: { dataset: "imagenet" } }), "");
  const narrow = (channels: number, method = "n2uq") => ({
    architecture: { stages: [{ channels: 8 }, { channels }], width: 0.5 },
    quantization: { method },
  });
  t.match(of(2, narrow(2)), /^weights of a convolution with one output channel/);
  t.equal(of(2, narrow(4)), "");
  t.equal(of(2, narrow(2, "lsq")), "");
  for (const experiment of [lowered, cropped("cifar10"), cropped("imagenet"), narrow(2)])
    t.equal(of(NUMERICS, experiment), "", "a new result has every fix");

  const folder = t.testdir({
    a: {
      "result.json": JSON.stringify(runRecord()),
      "resolved.yaml": yaml.replace("training: {}", "training: { precision: tf32 }"),
    },
  });
  t.match((readSummary(join(folder, "a")) as RunSummary).notes, [
    /^computed before a fix: sums and statistics/,
  ]);
});

t.test("searches and sources are read, damaged ones noted", async (t) => {
  const search = {
    ...{ format: 1, name: "mixed", baseline: { loss: null, top1: 50 } },
    costs: { averageWeightBits: { limit: 3, found: 2.5 } },
    layers: [{ layer: "layer1.0.conv1", penalties: { 2: 0.5, 4: null }, bits: 4 }],
  };
  const folder = t.testdir({
    ...finished,
    ...{ "search-b.json": JSON.stringify(search), "search-a.json": "{", "search.json": "{" },
    "sources.json": JSON.stringify({ name: "x.yaml:1:7" }),
  });
  const found = readDetails(readSummary(folder) as RunSummary);
  t.match(found.searches, [{ name: "mixed", baseline: { loss: Number.NaN }, layers: [{ bits: 4 }] }]);
  t.same(found.searches[0]?.layers[0]?.penalties, { 2: 0.5, 4: Number.NaN });
  t.same(found.sources, { name: "x.yaml:1:7" });
  t.ok(found.notes.includes("search-a.json is damaged (it is not JSON): that search is not shown."));
  writeFileSync(join(folder, "sources.json"), "{");
  const again = readDetails(readSummary(folder) as RunSummary);
  t.equal(again.sources, null);
  t.ok(
    again.notes.includes("sources.json is damaged (it is not JSON): the origins of values are not shown."),
  );
});

t.test("what belongs to a run: its identity, else its result, else the head of its YAML", async (t) => {
  const [own, recipe] = ["a".repeat(64), "b".repeat(64)];
  const identity = JSON.stringify({
    format: 1,
    name: "first",
    hash: own,
    recipe,
    content: {},
    places: {},
    data: null,
  });
  const folder = t.testdir({
    all: { "identity.json": identity, ...finished },
    result: finished,
    newer: { "result.json": JSON.stringify({ ...record, recipe }) },
    head: { "resolved.yaml": `# n2uq 0.1.0\n# hash ${own}\nname: last\n` },
    nameless: { "resolved.yaml": `# hash ${own}\n` },
    bare: { "resolved.yaml": "name: last\n" },
    none: {},
  });
  const of = (name: string) => recordedHash(join(folder, name));
  t.match(of("all"), { name: "first", hash: own, recipe });
  t.same(
    of("result"),
    { name: "tiny", hash: record.hash, recipe: record.hash },
    "older ones are their own recipe",
  );
  t.same(of("newer"), { name: "tiny", hash: record.hash, recipe });
  t.same(of("head"), { name: "last", hash: own, recipe: own });
  t.same(of("nameless"), { name: "nameless", hash: own, recipe: own });
  t.equal(of("bare"), null);
  t.equal(of("none"), null);
});

t.test("a folder is a run by its files", async (t) => {
  const folder = t.testdir({
    ...{ "empty-deadbeef": {}, "begun-deadbeef": { lock: "" }, renamed: finished },
    ...{ foreign: { "result.json": '{"mine":1}' }, plain: { "resolved.yaml": yaml }, file: "" },
  });
  const is = (name: string) => isRunDirectory(join(folder, name));
  t.same(["empty-deadbeef", "foreign", "file", "none"].map(is), [false, false, false, false]);
  t.same(["renamed", "plain"].map(is), [true, true]);
  t.equal(runAt(join(folder, "renamed", "resolved.yaml")), join(folder, "renamed"));
  t.equal(runAt(join(folder, "renamed")), join(folder, "renamed"));
  t.equal(runAt(join(folder, "foreign")), null);
  mkdirSync(join(folder, "checkpointed-deadbeef", "checkpoints"), { recursive: true });
  t.ok(is("checkpointed-deadbeef"), "its name and one file are enough");
  t.ok(is("begun-deadbeef"));
});

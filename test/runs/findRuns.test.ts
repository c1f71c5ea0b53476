import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import t from "tap";
import { N2uqError } from "../../src/errors.js";
import { findDirectories, findRun, noRuns } from "../../src/runs/findRuns.js";
import { RunRecords } from "../../src/runs/runRecords.js";
import { findRuns } from "../helpers/findRuns.js";
import { runRecord } from "../helpers/records.js";

const hashOf = (digit: string) => `${digit}bcdef01`.repeat(8);

/** A folder with finished runs by directory name (and the experiment's name, where it is another) and unfinished ones. */
function folderOf(folder: string, finished: Record<string, string>, begun: readonly string[] = []): string {
  for (const [name, experiment] of Object.entries(finished)) {
    mkdirSync(join(folder, name));
    const hash = hashOf(/-(.)bcdef01$/.exec(name)?.[1] ?? "f");
    writeFileSync(join(folder, name, "result.json"), JSON.stringify(runRecord({ name: experiment, hash })));
    writeFileSync(join(folder, name, "resolved.yaml"), "name: x\n");
  }
  for (const name of begun) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "resolved.yaml"), "name: x\n");
  }
  return folder;
}

const codeOf = (work: () => unknown): N2uqError => {
  try {
    work();
  } catch (error) {
    if (error instanceof N2uqError) return error;
    throw error;
  }
  throw new Error("it did not fail");
};

t.test("runs are found by path, name, experiment, hash and beginning, in this order", async (t) => {
  const runs = folderOf(
    t.testdir(),
    {
      "tiny-abcdef01": "tiny",
      "tiny-bbcdef01": "tiny",
      "wide-cbcdef01": "wide",
      renamed: "wide",
      abcd: "other",
    },
    ["begun-dbcdef01"],
  );
  mkdirSync(join(runs, "notes-00000000"));
  const find = (...asked: string[]) =>
    findDirectories(runs, asked, new RunRecords(runs)).map((directory) => basename(directory));
  const all = ["abcd", "begun-dbcdef01", "renamed", "tiny-abcdef01", "tiny-bbcdef01", "wide-cbcdef01"];
  t.same(find(), all, "an empty folder is no run, whatever its name");
  t.same(find("tiny-abcdef01"), ["tiny-abcdef01"]);
  t.same(find(join(runs, "tiny-abcdef01")), ["tiny-abcdef01"], "a path");
  t.same(find(join(runs, "tiny-abcdef01", "resolved.yaml")), ["tiny-abcdef01"], "the path of its YAML");
  t.same(find(join(runs, "tiny-a")), ["tiny-abcdef01"], "the beginning of a path");
  t.same(find("tiny"), ["tiny-abcdef01", "tiny-bbcdef01"]);
  t.same(find("wide"), ["renamed", "wide-cbcdef01"], "by the record, whatever the directory's name");
  t.same(find("begun"), ["begun-dbcdef01"], "by the directory's name where there is no record");
  t.same(find("bbcd"), ["tiny-bbcdef01"], "the beginning of a hash");
  t.same(find("BBCDEF01bb"), ["tiny-bbcdef01"]);
  t.same(find("dbcdef01"), ["begun-dbcdef01"]);
  t.same(find("abcd"), ["abcd"], "a directory's name comes before a hash");
  t.same(find("ren"), ["renamed"], "the beginning of a directory's name");
  t.same(
    find("tiny", "tiny-a", "wide"),
    ["tiny-abcdef01", "tiny-bbcdef01", "renamed", "wide-cbcdef01"],
    "once",
  );
  for (const unknown of ["bbc", "nothing", ""]) {
    const error = codeOf(() => find(unknown));
    t.match(error, { code: "N2UQ_REPORT_UNKNOWN_RUN", details: { asked: unknown, known: all.join(", ") } });
  }
});

t.test("the error for an unknown name lists at most eight known ones", async (t) => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `run${i}-abcdef01`);
  const known = (folder: string) =>
    codeOf(() => findDirectories(folder, ["x"], new RunRecords(folder))).details.known;
  const { empty, eight, nine } = { empty: "empty", eight: "eight", nine: "nine" };
  const folder = t.testdir({ empty: {}, eight: {}, nine: {} });
  t.equal(known(join(folder, empty)), "none");
  t.equal(known(folderOf(join(folder, eight), {}, names(8))), names(8).join(", "));
  t.equal(known(folderOf(join(folder, nine), {}, names(9))), `${names(8).join(", ")}, …`);
});

t.test("finished runs are read, others are skipped with a reason; none at all is an error", async (t) => {
  const runs = folderOf(t.testdir(), { "tiny-abcdef01": "tiny" }, ["begun-dbcdef01"]);
  const found = findRuns(runs, []);
  t.same(
    found.runs.map(({ id }) => id),
    ["tiny-abcdef01"],
  );
  t.match(found.skipped, [
    { directory: join(runs, "begun-dbcdef01"), reason: "not finished: it has no result.json" },
  ]);
  t.match(
    codeOf(() => findRuns(runs, ["begun"])),
    {
      code: "N2UQ_REPORT_NO_RUNS",
      details: { reasons: "begun-dbcdef01 is not finished: it has no result.json" },
    },
  );
  t.match(
    codeOf(() => findRuns(join(runs, "none"), [])),
    { code: "N2UQ_REPORT_NO_RUNS", details: { reasons: "it has no runs" } },
  );
  const skipped = (count: number) =>
    noRuns(
      "x",
      Array.from({ length: count }, (_, i) => ({ directory: `a/r${i}`, reason: "lost" })),
    ).details.reasons;
  t.equal(skipped(5), "r0 is lost; r1 is lost; r2 is lost; r3 is lost; r4 is lost");
  t.equal(skipped(6), "r0 is lost; r1 is lost; r2 is lost; r3 is lost; r4 is lost; 1 more");
  t.equal(skipped(7), "r0 is lost; r1 is lost; r2 is lost; r3 is lost; r4 is lost; 2 more");
});

t.test("one run is exactly one", async (t) => {
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`many${i}-abcdef01`, "many"]));
  const runs = folderOf(t.testdir(), { "tiny-abcdef01": "tiny", ...many }, ["begun-dbcdef01"]);
  t.equal(findRun(runs, "tiny").id, "tiny-abcdef01");
  t.match(
    codeOf(() => findRun(runs, "begun")),
    { code: "N2UQ_REPORT_NO_RUNS" },
  );
  const error = codeOf(() => findRun(runs, "many"));
  t.equal(error.code, "N2UQ_REPORT_AMBIGUOUS_RUN");
  t.match(error.details.names, /^many0-abcdef01, .*many7-abcdef01, 1 more$/);
  const eight = Array.from({ length: 8 }, (_, i) => `some${i}-bbcdef01`);
  folderOf(runs, Object.fromEntries(eight.map((name) => [name, "some"])));
  t.equal(codeOf(() => findRun(runs, "some")).details.names, eight.join(", "));
});

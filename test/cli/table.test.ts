import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { n2uq } from "../helpers/cli.js";
import { fixtures, someRuns } from "../helpers/tableRuns.js";

t.test("the command prints and writes the same", async (t) => {
  const runs = t.testdir();
  await someRuns(runs);
  const args = ["table", "table.yaml", "--runs", runs];
  const printed = await n2uq(args, fixtures);
  t.equal(printed.stdout, await readFile(join(fixtures, "table.md"), "utf8"));
  const out = join(runs, "table.tex");
  const written = await n2uq([...args, "--format", "latex", "--out", out], fixtures);
  t.equal(written.code, 0, written.stderr);
  t.equal(await readFile(out, "utf8"), await readFile(join(fixtures, "table.tex"), "utf8"));
  const nowhere = await n2uq([...args, "--out", join(runs, "no", "folder.md")], fixtures);
  t.equal(nowhere.code, 2);
  t.match(nowhere.stderr, /N2UQ_CLI_WRITE_FAILED.*ENOENT/);
  t.equal((await n2uq([...args, "--format", "word"], fixtures)).code, 2);
});

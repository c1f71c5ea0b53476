import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { n2uq, root } from "../helpers/cli.js";

/** Runs of version 0.1.0 before the hashes changed: a teacher, its student at two widths, and the sweep over them. */
const fixture = join(root, "test", "fixtures", "rehash");

t.test("A3: runs --rehash gives the runs of an older version this version's hashes", async (t) => {
  const folder = t.testdir();
  cpSync(fixture, folder, { recursive: true });
  const before = readdirSync(join(folder, "runs")).sort();
  const { code, stdout, stderr } = await n2uq(["runs", "--rehash"], folder);
  t.equal(code, 0, stderr);
  t.match(stdout, /3 run directories have new hashes/);
  t.notMatch(stdout + stderr, /N2UQ_INTERNAL|node:internal|^\s+at /m);
  const after = readdirSync(join(folder, "runs")).sort();
  t.equal(after.filter((name) => before.includes(name)).length, 1, "only the sweeps' folder kept its name");
  const run = await n2uq(["run", "student.yaml"], folder);
  t.match(run.stdout, /Already done/, run.stderr);
  const sweep = await n2uq(["sweep", "student.yaml", "--grid", "bits=2,3"], folder);
  t.match(sweep.stdout, /3 done before/, sweep.stderr);
  t.equal((await n2uq(["status"], folder)).stdout.match(/ done /g)?.length, 3);
  const student = after.find((name) => /^tiny-(?!teacher)/.test(name)) ?? "";
  const { formerly } = JSON.parse(readFileSync(join(folder, "runs", student, "identity.json"), "utf8"));
  t.equal(formerly.length, 1, "checkpoints of the old hash are known");
  const again = await n2uq(["runs", "--rehash"], folder);
  t.match(again.stdout, /^0 run directories/m, "a second time changes nothing");
  t.notOk(existsSync(join(folder, "runs", "rehash.json")));
});

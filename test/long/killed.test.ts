import { join } from "node:path";
import t from "tap";
import { n2uq } from "../helpers/cli.js";
import { killAfter, outcome } from "../helpers/killing.js";
import { killMoments } from "../helpers/killSeed.js";
import { smallQuickstart } from "../helpers/quickstart.js";

t.test("a small quickstart is the same after three kills at random moments", async (t) => {
  const folder = t.testdir({ whole: {}, killed: {} });
  const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
  const size = { trainLimit: 6400, testLimit: 500, epochs: 2, everySteps: 10 };
  const experiment = smallQuickstart(folder, size);
  const run = await n2uq(["run", experiment, "--runs", whole]);
  t.equal(run.code, 0, run.stderr);

  // Teacher and student have 150 steps; each process is killed after up to a third of them.
  const next = killMoments();
  for (let kills = 0; kills < 3; kills++) {
    const after = 1 + Math.floor(49 * next());
    t.equal(
      (await killAfter(after, ["run", experiment, "--runs", killed])).signal,
      "SIGKILL",
      `killed after ${after} steps`,
    );
  }
  const last = await n2uq(["run", experiment, "--runs", killed]);
  t.equal(last.code, 0, last.stderr);
  t.same(outcome(killed), outcome(whole));
});

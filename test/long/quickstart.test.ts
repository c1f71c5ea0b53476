import { join } from "node:path";
import t from "tap";
import { n2uq, start } from "../helpers/cli.js";
import { outcome } from "../helpers/killing.js";
import { killMoments } from "../helpers/killSeed.js";

const quickstart = "experiments/quickstart.yaml";

t.test("the quickstart reaches 97.5 %, and the same after three kills at random moments", async (t) => {
  const folder = t.testdir({ whole: {}, killed: {} });
  const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
  const run = await n2uq(["run", quickstart, "--runs", whole]);
  t.equal(run.code, 0, run.stderr);
  const [, top1] = /^quickstart +n2uq +([\d.]+) %/m.exec(run.stdout) ?? [];
  t.ok(Number(top1) >= 97.5, `top-1 ${top1}`);
  const again = await n2uq(["run", quickstart, "--runs", whole]);
  t.match(again.stdout, "Already done");

  // Teacher and student have 1404 steps; each process is killed after up to a third of them.
  const next = killMoments();
  for (let kills = 0; kills < 3; kills++) {
    const after = 1 + Math.floor(460 * next());
    const { child, done } = start(["run", quickstart, "--runs", killed, "--json"]);
    let steps = 0;
    child.stdout?.on("data", (chunk: Buffer) => {
      steps += chunk.toString().split('"type":"step"').length - 1;
      if (steps >= after) child.kill("SIGKILL");
    });
    t.equal((await done).signal, "SIGKILL", `killed after ${after} steps`);
  }
  const last = await n2uq(["run", quickstart, "--runs", killed]);
  t.equal(last.code, 0, last.stderr);
  t.same(outcome(killed), outcome(whole));
});

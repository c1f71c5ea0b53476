import { join } from "node:path";
import t from "tap";
import { n2uq } from "../helpers/cli.js";
import type { Victim } from "../helpers/killing.js";
import { disturb, outcome } from "../helpers/killing.js";
import { killMoments } from "../helpers/killSeed.js";
import { smallQuickstart } from "../helpers/quickstart.js";

/** Twelve cells on real MNIST with one teacher, a small part of the images each, so that ten disturbances fit. */
const size = { trainLimit: 2560, testLimit: 500, epochs: 1, everySteps: 4 };
const grids = ["--grid", "bits=2,3,4", "--grid", "method=n2uq,lsq,pact,dorefa"];

t.test("twelve cells killed ten times at random have the results of an undisturbed sweep", async (t) => {
  const folder = t.testdir({ whole: {}, killed: {} });
  const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
  const experiment = smallQuickstart(folder, size);
  const sweep = (runs: string) => ["sweep", experiment, ...grids, "--jobs", "2", "--runs", runs];
  const undisturbed = await n2uq(sweep(whole));
  t.equal(undisturbed.code, 0, undisturbed.stderr);
  t.match(undisturbed.stdout, "13 runs · 13 done");

  const next = killMoments();
  for (let time = 0; time < 10; time++) {
    const victim = (["parent", "worker", "all"] as const satisfies Victim[])[Math.floor(3 * next())]!;
    await disturb(victim, sweep(killed), { runs: killed, cells: 1, ms: 6000 * next(), goOnMs: 2000 });
  }
  const last = await n2uq(sweep(killed));
  t.equal(last.code, 0, last.stderr);
  t.match(last.stdout, "13 runs · 13 done");
  t.same(outcome(killed), outcome(whole), "bit by bit, each run ended once");
});

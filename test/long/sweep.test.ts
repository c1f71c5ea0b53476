import { join } from "node:path";
import t from "tap";
import { n2uq } from "../helpers/cli.js";
import type { Victim } from "../helpers/killing.js";
import { disturb, outcome } from "../helpers/killing.js";
import { killMoments } from "../helpers/killSeed.js";

/** Twelve cells on real MNIST with one teacher, a small part of the images each, so that ten disturbances fit. */
const sweep = (runs: string) => [
  ...[
    "sweep",
    "experiments/quickstart.yaml",
    "--grid",
    "bits=2,3,4",
    "--grid",
    "method=n2uq,lsq,pact,dorefa",
  ],
  ...["--set", "epochs=1", "--set", "data.trainLimit=3840", "--set", "data.testLimit=1000"],
  ...["--set", "training.checkpoint.everySteps=5", "--jobs", "2", "--runs", runs],
];

t.test("twelve cells killed ten times at random have the results of an undisturbed sweep", async (t) => {
  const folder = t.testdir({ whole: {}, killed: {} });
  const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
  const undisturbed = await n2uq(sweep(whole));
  t.equal(undisturbed.code, 0, undisturbed.stderr);
  t.match(undisturbed.stdout, "13 runs · 13 done");

  const next = killMoments();
  for (let time = 0; time < 10; time++) {
    const victim = (["parent", "worker", "all"] as const satisfies Victim[])[Math.floor(3 * next())]!;
    await disturb(victim, sweep(killed), { runs: killed, cells: 1, ms: 15_000 * next(), goOnMs: 3000 });
  }
  const last = await n2uq(sweep(killed));
  t.equal(last.code, 0, last.stderr);
  t.match(last.stdout, "13 runs · 13 done");
  t.same(outcome(killed), outcome(whole), "bit by bit, each run ended once");
});

import { readFileSync } from "node:fs";
import t from "tap";
import { childrenOf, start } from "../helpers/cli.js";
import { wait } from "../helpers/killing.js";
import { apart, metrics, project, run, withoutRanks } from "../helpers/ranks.js";

const WITHIN = 1e-4;

t.test(
  "a rank's death ends the run with an error, and any number of ranks resumes it",
  { skip: withoutRanks },
  async (t) => {
    const folder = project(t.testdir());
    const long = "training.epochs=8";
    t.match(await run(folder, "whole", long, "devices=2"), { code: 0 });
    const wanted = metrics(folder, "whole");
    for (const [victim, devices] of [
      ["rank 1", 2],
      ["rank 0", 1],
    ] as const) {
      const { code, stderr } = await killed(folder, victim, victim, long);
      if (victim === "rank 1") {
        t.equal(code, 1);
        t.match(stderr, /N2UQ_RANKS_LOST.*rank 1 of 2 .*SIGKILL/);
      }
      const again = await run(folder, victim, long, `devices=${devices}`);
      t.equal(again.code, 0, again.stderr);
      t.match(again.stdout, /resumed from step/);
      const difference = apart(metrics(folder, victim), wanted);
      t.ok(difference <= WITHIN, `${victim} killed, on with ${devices}: ${difference.toExponential(1)}`);
    }
  },
);

/** Kills one rank of a run with two when it has a checkpoint; the others have ended when this returns. */
async function killed(folder: string, runs: string, victim: string, setting: string) {
  const args = ["run", "e.yaml", "--runs", runs, "--set", setting, "--set", "devices=2"];
  const { child, done } = start(args, folder);
  let out = "";
  child.stdout?.on("data", (text) => {
    out += text;
  });
  while (!/epoch 3\/8/.test(out)) await wait(20);
  const others = childrenOf(child.pid!);
  t.equal(others.length, 1);
  process.kill(victim === "rank 0" ? child.pid! : others[0]!, "SIGKILL");
  const ended = await done;
  while (others.some(isAlive)) await wait(20);
  return ended;
}

/** A killed process that nobody has asked after still has its place. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

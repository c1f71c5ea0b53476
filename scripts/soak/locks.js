// Processes that acquire one run's lock at the same moment, with random delays before each file call. There
// must never be two holders, and never none.
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawer, environment, root, sleep } from "./shared.js";

const worker = join(root, "scripts", "soak", "lockWorker.js");
const slow = `file://${join(root, "scripts", "soak", "slowFiles.js")}`;

/**
 * `kind`: "fresh" (no lock), "dead" (the lock of a dead process exists), "killed" (the same, and one of the
 * competing processes is killed), "unlinked" (without hard links), "hosts" (two host names, and a holder
 * whose main thread is blocked for longer than the lock's silence limit).
 */
export async function raceLocks({ kind, processes = 10, rounds, seed, folder, say }) {
  const base = join(folder, `locks-${kind}`);
  rmSync(base, { recursive: true, force: true });
  const draw = drawer(seed * 1000 + kind.length);
  const summary = {
    kind,
    seed,
    processes,
    rounds: 0,
    held: 0,
    refused: 0,
    together: 0,
    nobody: 0,
    killed: 0,
    errors: [],
  };
  const team = Array.from({ length: processes }, (_, index) => start(kind, seed, index));
  await Promise.all(team.map(({ ready }) => ready));
  const corpse = kind === "dead" || kind === "killed" ? await deadHolder(base, seed) : null;
  const task = taskOf(kind);
  for (let round = 0; round < rounds; round++) {
    const directory = join(base, String(round));
    mkdirSync(directory, { recursive: true });
    if (corpse !== null) {
      const lock = { ...corpse, token: randomBytes(8).toString("hex") };
      writeFileSync(join(directory, "lock"), JSON.stringify(lock));
    }
    const answers = team.map(({ child }) => ask(child, { directory, ...task, atMs: Date.now() + 40 }));
    if (kind === "killed") {
      const victim = Math.floor(draw() * processes);
      await sleep(60 * draw());
      team[victim].child.kill("SIGKILL");
      await answers[victim];
      summary.killed += 1;
      team[victim] = start(kind, seed + round, victim);
      await team[victim].ready;
    }
    const told = (await Promise.all(answers)).filter((answer) => answer !== null);
    const held = told.reduce((sum, answer) => sum + answer.held, 0);
    summary.rounds += 1;
    summary.held += held;
    summary.refused += told.reduce((sum, answer) => sum + answer.refused, 0);
    summary.together += told.some(({ together }) => together > 0) ? 1 : 0;
    summary.errors.push(...told.flatMap(({ errors }) => errors));
    // The killed process may have been the only holder. The lock that it left must not block the others.
    if (held === 0 && kind !== "killed") summary.nobody += 1;
    if (kind === "killed" && (await ask(team[0].child, { directory, ...task, tries: 1 })).held !== 1)
      summary.nobody += 1;
    rmSync(directory, { recursive: true, force: true });
    if (round % 20 === 19) say(`locks ${kind}: ${round + 1} rounds, ${summary.together} with two holders`);
  }
  for (const { child } of team) child.disconnect();
  return summary;
}

/** With two hosts, a holder blocks for a long time, while processes of the other host try repeatedly. */
function taskOf(kind) {
  if (kind === "hosts") return { tries: 6, holdMs: 5, blockMs: 8000 };
  return { tries: 3, holdMs: 150, blockMs: 0 };
}

function start(kind, seed, index) {
  const host = kind === "hosts" ? { SOAK_HOST: `host-${index % 2}`, N2UQ_LOCK_SILENCE: "3" } : {};
  const links = kind === "unlinked" ? { SOAK_LINKS: "none" } : {};
  const env = environment({ SOAK_SEED: String(seed + index), SOAK_DELAY_MS: "12", ...host, ...links });
  const child = fork(worker, [], { execArgv: ["--import", slow], env });
  const ready = new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("error", reject);
  });
  return { child, ready };
}

/** The answer of a process at the end of its round; null if it died. */
function ask(child, task) {
  return new Promise((resolve) => {
    const settle = (answer) => {
      child.off("message", settle);
      child.off("exit", die);
      resolve(answer);
    };
    const die = () => settle(null);
    child.on("message", settle);
    child.on("exit", die);
    child.send(task);
  });
}

/** The lock of a process that was killed. */
async function deadHolder(base, seed) {
  const { child, ready } = start("fresh", seed, 0);
  await ready;
  const directory = join(base, "corpse");
  child.send({ directory, tries: 1, holdMs: 1e6, blockMs: 0 });
  for (;;) {
    await sleep(20);
    try {
      const lock = JSON.parse(readFileSync(join(directory, "lock"), "utf8"));
      child.kill("SIGKILL");
      await new Promise((resolve) => child.on("exit", resolve));
      return lock;
    } catch {
      // The lock does not exist yet.
    }
  }
}

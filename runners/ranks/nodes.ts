import { spawn } from "node:child_process";
import { lookup } from "node:dns/promises";
import { createWriteStream } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { orElse } from "../../src/attempt.js";
import { N2uqError } from "../../src/errors.js";
import { slurmCommand } from "../slurm/client.js";
import type { RankEnd, RankMessage, RankProcess, RankRun } from "./process.js";
import { rankCommand, rankEnvironment } from "./process.js";

/**
 * The address of this machine for other machines: MASTER_ADDR, the host name's address, or an interface's.
 */
export async function ownAddress(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (environment.MASTER_ADDR) return environment.MASTER_ADDR;
  const named = await lookup(hostname(), { family: 4, all: true }).catch(() => []);
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.filter(({ family, internal }) => family === "IPv4" && !internal),
  );
  // Debian maps the host name to an address that only the machine itself can reach.
  const found = [...named, ...interfaces].find(({ address }) => !address.startsWith("127."));
  return found?.address ?? "127.0.0.1";
}

/**
 * The other nodes of this process's Slurm job, as many as a run needs. @throws N2uqError N2UQ_RANKS_NODES,
 * N2UQ_SLURM_*
 */
export async function otherNodes(
  nodes: number,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string[]> {
  const { SLURM_JOB_ID: job, SLURM_JOB_NODELIST: list, SLURMD_NODENAME: own } = environment;
  if (job === undefined || list === undefined || own === undefined) {
    const found =
      job === undefined ? "this process is in no Slurm job" : `this process is on no node of its job ${job}`;
    throw new N2uqError("N2UQ_RANKS_NODES", { nodes, found });
  }
  const names = (await slurmCommand("scontrol", ["show", "hostnames", list])).trim().split("\n");
  if (names.length < nodes)
    throw new N2uqError("N2UQ_RANKS_NODES", { nodes, found: `its job ${job} has ${names.length}` });
  return names.filter((name) => name !== own).slice(0, nodes - 1);
}

/**
 * Starts the ranks of other nodes as one job step, with `devices` ranks per node. The ranks exit when their
 * standard input closes, so they never outlive this process.
 */
export function startNodes(names: readonly string[], devices: number, run: RankRun): RankProcess {
  const place = [
    "--overlap",
    "--overcommit",
    "--kill-on-bad-exit=1",
    "--label",
    `--nodelist=${names.join(",")}`,
    `--nodes=${names.length}`,
    `--ntasks=${names.length * devices}`,
    `--ntasks-per-node=${devices}`,
    `--cpus-per-task=${run.threads}`,
  ];
  const command = [process.execPath, ...rankCommand(run), "--first", String(devices)];
  const child = spawn("srun", [...place, ...command], { env: rankEnvironment(run), stdio: "pipe" });
  const file = join(run.directory, "rank-nodes.log");
  const log = createWriteStream(file, { flags: "a" });
  let failure: Extract<RankMessage, { type: "failed" }> | undefined;
  let word: string | undefined;
  createInterface(child.stdout).on("line", (line) => {
    const message = messageIn(line);
    if (message === undefined) log.write(`${line}\n`);
    else if (message.type === "warning") run.onWarning(message);
    // Ranks that exited because a peer vanished are not the root cause.
    else if (failure === undefined || failure.code === "N2UQ_RANKS_LOST") failure = message;
  });
  createInterface(child.stderr).on("line", (line) => {
    log.write(`${line}\n`);
    word ??= /^srun: error: (?!.*exit code)(.*)$/i.exec(line)?.[1];
  });
  const other = `a rank on ${names.join(", ")}`;
  const ended = new Promise<RankEnd>((resolve) => {
    child.on("error", (error) => resolve({ who: other, how: `was not started: ${error.message}` }));
    child.on("close", (code) => {
      log.end();
      if (word !== undefined) resolve({ who: other, how: `exited; srun reports: ${word}` });
      else if (failure !== undefined) {
        const who = `rank ${failure.rank} of ${run.world}`;
        resolve({ who, how: `failed: ${failure.message}`, code: failure.code });
      } else resolve({ who: other, how: `ended with exit code ${code}; its log is ${file}` });
    });
  });
  return {
    ended,
    kill: () => {
      child.stdin.destroy();
      child.kill("SIGTERM");
    },
  };
}

/** `3: {"type":"warning",…}`: srun's task label, and the task's message. */
function messageIn(line: string): RankMessage | undefined {
  const text = /^ *\d+: (\{.*\})$/.exec(line)?.[1];
  if (text === undefined) return undefined;
  return orElse(() => JSON.parse(text) as RankMessage, undefined);
}

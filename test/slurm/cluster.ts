import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname, totalmem, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** A real Slurm with separate ports, keys and folders, independent of other programs on this machine. */
export interface Cluster {
  /** The first node's name. */
  readonly node: string;
  /** Where its daemons' logs are. */
  readonly folder: string;
  stop(): Promise<void>;
}

const DAEMONS = ["munged", "slurmctld", "slurmd"];
/** For a machine that is busy with other things; nothing takes so long otherwise. */
const PATIENCE_MS = 120_000;

// Debian keeps daemons where only root looks.
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Why there can be no cluster here; null where there can. */
export function missing(): string | null {
  const absent = [...DAEMONS, "sbatch"].filter(
    (name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0,
  );
  if (absent.length > 0) return `${absent.join(", ")} not installed (Debian: slurm-wlm, munge)`;
  const resolves = spawnSync("getent", ["hosts", shortHostname()]).status === 0;
  return resolves ? null : `the name ${shortHostname()} has no address (a line of /etc/hosts gives it one)`;
}

/**
 * Starts munged, slurmctld and a slurmd for each node, all on this machine, and points Slurm's commands in this process and its
 * children at them.
 */
export async function startCluster(nodes = 1): Promise<Cluster> {
  const folder = mkdtempSync("/tmp/n2uq-slurm-");
  chmodSync(folder, 0o755);
  for (const part of ["state", "spool", "log", "munge"]) mkdirSync(join(folder, part), { mode: 0o755 });
  const node = shortHostname();
  const started: Daemon[] = [];
  const daemon = (...command: readonly string[]) => started.push(startDaemon(folder, command));
  const stop = async () => {
    spawnSync("scancel", [`--user=${userInfo().username}`]);
    await until("no job is left", () => call("squeue", "--noheader") === "").catch(() => {});
    for (const end of started.reverse()) await end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const conf = join(folder, "slurm.conf");
    const socket = join(folder, "munge", "socket");
    const others = Array.from({ length: nodes - 1 }, (_, i) => `${node}-${i + 2}`);
    const names = [node, ...others];
    const ports = await Promise.all(names.map(freePort));
    const places = names.map((name, i) => ({ name, port: ports[i]! }));
    writeFileSync(conf, configuration(folder, places, socket, await freePort()));
    process.env.SLURM_CONF = conf;
    daemon("munged", ...mungeArguments(join(folder, "munge"), socket));
    await until("munge answers", () => spawnSync("munge", ["--no-input", `--socket=${socket}`]).status === 0);
    daemon("slurmctld", "-D", "-c");
    for (const name of names) daemon("slurmd", "-D", "-c", "-N", name);
    const idle = () => call("sinfo", "--noheader", "--partition=low", "--states=idle", "--format=%D");
    await until("the nodes are idle", () => idle() === String(nodes));
  } catch (error) {
    await stop();
    throw error;
  }
  return { node, folder, stop };
}

/** Standard output of one of Slurm's commands. */
export function call(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Waits until something holds that happens outside of this process. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + patienceMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await wait(50);
  }
  throw new Error(`never came true: ${what}`, { cause: last });
}

function shortHostname(): string {
  return hostname().split(".")[0]!;
}

/** Ends a daemon, and waits for it. */
type Daemon = () => Promise<void>;

/** Its shell kills it as soon as the pipe from here closes, so that it outlives this process in no case. */
function startDaemon(folder: string, command: readonly string[]): Daemon {
  const log = openSync(join(folder, "log", `${command[0]}.out`), "a");
  const script = '"$@" </dev/null & read -r _; kill $!; wait';
  const child = spawn("sh", ["-c", script, "sh", ...command], { stdio: ["pipe", log, log] });
  closeSync(log);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return async () => {
    child.stdin?.end();
    await ended;
  };
}

function mungeArguments(folder: string, socket: string): string[] {
  const key = join(folder, "key");
  writeFileSync(key, randomBytes(128), { mode: 0o400 });
  const files = ["pid", "log", "seed"].map((name) => `--${name}-file=${join(folder, name)}`);
  return ["--foreground", "--force", `--socket=${socket}`, `--key-file=${key}`, ...files];
}

/** Two partitions over all nodes: work in `high` takes the place of work in `low`, which is requeued after a grace time. */
function configuration(
  folder: string,
  nodes: readonly { readonly name: string; readonly port: number }[],
  socket: string,
  controller: number,
): string {
  const host = shortHostname();
  const places = nodes.map(({ name, port }) => `NodeName=${name} NodeHostname=${host} Port=${port}`);
  const names = nodes.map(({ name }) => name).join(",");
  const user = userInfo().username;
  const megabytes = Math.floor((totalmem() / 2 ** 20) * 0.9);
  return `
ClusterName=n2uq
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
AuthInfo=socket=${socket}
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
ReturnToService=2
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd-%n.pid
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool/%n
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/slurmd-%n.log
SlurmctldPort=${controller}
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
KillWait=20
${places.map((place) => `${place} NodeAddr=127.0.0.1 CPUs=2 RealMemory=${megabytes} State=UNKNOWN`).join("\n")}
PartitionName=low Nodes=${names} Default=YES MaxTime=INFINITE State=UP PriorityTier=1 GraceTime=15
PartitionName=high Nodes=${names} MaxTime=INFINITE State=UP PriorityTier=2 PreemptMode=OFF
`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

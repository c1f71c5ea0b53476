import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { n2uq, start } from "../helpers/cli.js";
import { apart, metrics, project, run, withoutRanks } from "../helpers/ranks.js";
import { missing, startCluster, until } from "../slurm/cluster.js";

const absent = withoutRanks === false ? missing() : withoutRanks;
if (absent !== null && process.env.N2UQ_REQUIRE_SLURM !== "1") {
  t.plan(0, `no ranks on Slurm here: ${absent}`);
  process.exit(0);
}

t.setTimeout(900_000);
const cluster = await startCluster(2);
t.teardown(() => cluster.stop());

for (const { where, devices, nodes, lost } of [
  { where: "one node", devices: 2, nodes: 1, lost: /rank 1 of 2 .*SIGKILL/ },
  { where: "two nodes", devices: 2, nodes: 2, lost: /a rank on .*-2 exited; srun reports: .*Killed/ },
]) {
  t.test(
    `ranks on ${where}: a death is reported, the same command resumes, and results equal those of one process`,
    async (t) => {
      const folder = project(t.testdir());
      writeFileSync(join(folder, "n2uq.config.yaml"), "slurm: { partition: low }\n");
      const settings = ["training.epochs=8", `devices=${devices}`, `nodes=${nodes}`];
      const set = settings.flatMap((one) => ["--set", one]);
      const placed = ["--runs", "placed", "--runner", "slurm", "--retries", "0"];
      const sweep = ["sweep", "e.yaml", "--grid", "seed=0", ...set, ...placed];

      const { done } = start(sweep, folder);
      const cell = () => readdirSync(join(folder, "placed")).find((name) => name.startsWith("shared-")) ?? "";
      const written = (file: string) => join(folder, "placed", cell(), file);
      await until("a checkpoint", () => existsSync(written("checkpoints/last.safetensors")));
      process.kill(victimOf(written("")), "SIGKILL");
      t.equal((await done).code, 1);
      const { code, message } = JSON.parse(readFileSync(written("failed.json"), "utf8"));
      t.equal(code, "N2UQ_RANKS_LOST");
      t.match(message, lost);
      await until("no rank is left", () => ranksOf(written("")).length === 0);

      const again = await n2uq(sweep, folder);
      t.equal(again.code, 0, again.stderr);
      t.match(readFileSync(written("environment.json"), "utf8"), `${devices * nodes} × CPU`);
      t.match(await run(folder, "alone", "training.epochs=8"), { code: 0 });
      const difference = apart(metrics(folder, "placed"), metrics(folder, "alone"));
      t.ok(difference <= 1e-4, difference.toExponential(1));
    },
  );
}

t.test("several nodes outside of a Slurm job are an error before any computation", async (t) => {
  const { code, stderr } = await run(project(t.testdir()), "nowhere", "nodes=2");
  t.equal(code, 2);
  t.match(stderr, /N2UQ_RANKS_NODES.*needs a Slurm job with 2 nodes.*in no Slurm job/);
});

/** The processes of other ranks than 0 on a run directory. */
function ranksOf(directory: string): { pid: number; command: string[] }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: commandOf(name) }))
    .filter(({ command }) => command[2] === "rank" && command[3] === directory.replace(/\/$/, ""));
}

/** A rank of the last node's. */
function victimOf(directory: string): number {
  const ranks = ranksOf(directory);
  const elsewhere = ranks.filter(({ command }) => command.includes("--first"));
  return (elsewhere[0] ?? ranks[0])!.pid;
}

function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { childrenOf, n2uq, start } from "../helpers/cli.js";
import { apart, metrics, project, run, withoutRanks } from "../helpers/ranks.js";
import { missing, startCluster, until } from "./cluster.js";

const absent = withoutRanks === false ? missing() : withoutRanks;
if (absent !== null && process.env.N2UQ_REQUIRE_SLURM !== "1") {
  t.plan(0, `no ranks on Slurm here: ${absent}`);
  process.exit(0);
}

t.setTimeout(900_000);
const cluster = await startCluster();
t.teardown(() => cluster.stop());

t.test(
  "ranks on Slurm: a death is told, the same command goes on, and all is as in one process",
  async (t) => {
    const folder = project(t.testdir());
    writeFileSync(join(folder, "n2uq.config.yaml"), "slurm: { partition: low }\n");
    const settings = ["training.epochs=8", "devices=2"];
    const placed = ["--runs", "placed", "--runner", "slurm", "--retries", "0"];
    const sweep = [
      "sweep",
      "e.yaml",
      "--grid",
      "seed=0",
      ...settings.flatMap((one) => ["--set", one]),
      ...placed,
    ];

    const { done } = start(sweep, folder);
    const cell = () => readdirSync(join(folder, "placed")).find((name) => name.startsWith("shared-")) ?? "";
    const written = (file: string) => join(folder, "placed", cell(), file);
    await until("a checkpoint", () => existsSync(written("checkpoints/last.safetensors")));
    const [rank] = childrenOf(JSON.parse(readFileSync(written("lock"), "utf8")).pid);
    process.kill(rank!, "SIGKILL");
    t.equal((await done).code, 1);
    t.match(JSON.parse(readFileSync(written("failed.json"), "utf8")), {
      code: "N2UQ_RANKS_LOST",
      message: /rank 1 of 2 .*SIGKILL/,
    });

    const again = await n2uq(sweep, folder);
    t.equal(again.code, 0, again.stderr);
    t.match(readFileSync(written("environment.json"), "utf8"), "2 × CPU");
    t.match(await run(folder, "alone", "training.epochs=8", "devices=1"), { code: 0 });
    const difference = apart(metrics(folder, "placed"), metrics(folder, "alone"));
    t.ok(difference <= 1e-4, difference.toExponential(1));
  },
);

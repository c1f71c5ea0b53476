import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Test } from "tap";
import t from "tap";
import { n2uq, start } from "../helpers/cli.js";
import { call, missing, startCluster, until } from "./cluster.js";
import type { Seen } from "./project.js";
import { beginNow, Project } from "./project.js";

const absent = missing();
if (absent !== null && process.env.N2UQ_REQUIRE_SLURM !== "1") {
  t.plan(0, `no Slurm here: ${absent}`);
  process.exit(0);
}

if (absent !== null) throw new Error(`these tests must run here: ${absent}`);

// More than the other files have: a busy machine takes long for many processes one after another.
t.setTimeout(900_000);
const cluster = await startCluster();
t.teardown(() => cluster.stop());

const root = t.testdir();
const project = (name: string, from?: Project, config?: string) =>
  new Project(join(root, name)).write(config, from);
const isRequeued =
  (times: number) =>
  ({ status: { scheduler } }: Seen) =>
    scheduler?.live === true && scheduler.restarts === times && scheduler.reason === "BeginTime";

/** The results of the same cells in processes of this machine. */
const local = await project("local");
t.equal((await n2uq(local.sweep("2,3"), local.folder)).code, 0);

async function sameAsLocal(t: Test, placed: Project): Promise<void> {
  for (const name of await placed.names())
    t.same(await placed.outcome(name), await local.outcome(name), name);
  t.same(await placed.runTwice(), [], "nothing ran twice");
}

t.test(
  "a sweep is one array after that of its shared cells, with the results of a local sweep",
  async (t) => {
    const placed = await project("it's 100 %j of $HOME, attached");
    const { code, stdout, stderr } = await n2uq(
      placed.sweep("2,3", "--runner", "slurm", "--jobs", "2"),
      placed.folder,
    );
    t.equal(code, 0, stderr);
    t.match(stdout, /job array \d+ with 1 of them\n.*job array \d+ with 2 of them, after \d+/);
    t.match(stdout, /✔ tiny bits=3 [\s\S]* 3\/3 runs/);
    await sameAsLocal(t, placed);
    const again = await n2uq(placed.sweep("2,3", "--runner", "slurm"), placed.folder);
    t.equal(again.code, 0, again.stderr);
    t.notMatch(again.stdout, "job array", "what is done is not submitted");
  },
);

t.test("a drained node, a cell on hold, a cell cancelled before it began, a detached client", async (t) => {
  const placed = await project("drained", local);
  call("scontrol", "update", `NodeName=${cluster.node}`, "State=DRAIN", "Reason=test");
  const detached = await n2uq(placed.sweep("2,3", "--runner", "slurm", "--detach"), placed.folder);
  t.equal(detached.code, 0, detached.stderr);
  const first = await placed.until("2", "waiting for the node", ({ status }) =>
    /DOWN|DRAINED|Resources/.test(status.scheduler?.reason ?? ""),
  );
  t.equal(first.status.state, "queued");
  const twice = await n2uq(placed.sweep("2,3", "--runner", "slurm", "--detach"), placed.folder);
  t.notMatch(twice.stdout, "job array", "what is queued is not submitted again");

  const second = (await placed.status())["3"]!;
  call("scontrol", "hold", second.status.scheduler!.job);
  await placed.until("3", "held", ({ status: { scheduler } }) => scheduler?.reason === "held");
  t.match((await n2uq(["status"], placed.folder)).stdout, /bits=3 +held/);
  const cancelled = await n2uq(["cancel", "--yes", "--cell", second.hash.slice(0, 8)], placed.folder);
  t.match(cancelled.stdout, /^cancelled tiny bits=3/);
  t.equal((await placed.status())["3"]?.status.state, "cancelled");
  t.equal((await placed.status())["2"]?.status.state, "queued", "the other one still waits");

  const follow = start(["status", "--follow"], placed.folder);
  call("scontrol", "update", `NodeName=${cluster.node}`, "State=RESUME");
  const followed = await follow.done;
  t.equal(followed.code, 0, "follow ends when nothing is left in the queue");
  t.match(followed.stdout, /2 done · 1 cancelled/);

  const client = start(placed.sweep("2,3", "--runner", "slurm"), placed.folder);
  await placed.until("3", "running", ({ status: { state } }) => state === "running");
  client.child.kill("SIGINT");
  const interrupted = await client.done;
  t.equal(interrupted.code, 130, "Ctrl-C leaves the jobs to Slurm");
  t.match(interrupted.stderr, /detached: 2 of 3 cells are done/);
  t.match(interrupted.stderr, /n2uq status .* --follow/);
  t.equal((await n2uq(["status", "--follow"], placed.folder)).code, 0);
  await sameAsLocal(t, placed);
});

t.test(
  "a stopped cell is requeued and resumes; a cell cancelled while it runs is finished later",
  async (t) => {
    const placed = await project("signalled", local);
    await n2uq(placed.sweep("2,3", "--runner", "slurm", "--detach"), placed.folder);
    const { "2": first, "3": second } = (await placed.status()) as { "2": Seen; "3": Seen };
    await placed.untilUnderWay(first);
    call("scancel", "--signal=USR1", "--batch", first.status.scheduler!.job);
    await placed.untilUnderWay(second);
    call("scancel", second.status.scheduler!.job);
    const requeued = await placed.until("2", "requeued", isRequeued(1));
    t.equal(requeued.status.state, "interrupted", "it has its checkpoint");
    t.match((await n2uq(["status"], placed.folder)).stdout, /bits=2 +requeued 1× \(BeginTime\)/);
    await placed.until(
      "3",
      "cancelled",
      ({ status: { state, scheduler } }) => state === "cancelled" && scheduler?.live === false,
    );
    await beginNow(requeued);

    const client = start(placed.sweep("2,3", "--runner", "slurm"), placed.folder);
    await placed.until("3", "placed again", ({ status: { scheduler } }) => scheduler?.live === true);
    client.child.kill("SIGKILL");
    const followed = await n2uq(["status", "--follow"], placed.folder);
    t.equal(followed.code, 0);
    t.match(followed.stdout, /3 runs · 3 done/);
    for (const { directory } of [first, second]) {
      const starts = await placed.events(directory, "start");
      t.equal(starts.length, 2, `${directory} ran in two sittings`);
      t.ok(Number(starts[1]?.resumedFrom) > 0, "the second one went on from the checkpoint");
    }
    await sameAsLocal(t, placed);
  },
);

t.test("a requeued or preempted cell resumes later", async (t) => {
  const placed = await project("preempted", local);
  await n2uq(placed.sweep("2", "--runner", "slurm", "--detach"), placed.folder);
  const cell = (await placed.status())["2"]!;
  await placed.untilUnderWay(cell);
  const urgent = call(
    "sbatch",
    "--parsable",
    "--partition=high",
    "--exclusive",
    "--output=/dev/null",
    "--wrap=sleep 600",
  );
  t.teardown(() => call("scancel", urgent));
  const preempted = await placed.until("2", "preempted", isRequeued(1));
  t.equal(preempted.status.state, "interrupted");
  call("scancel", urgent);
  await beginNow(preempted);
  await until("it runs again", async () => (await placed.events(cell.directory, "start")).length === 2);
  call("scontrol", "requeue", cell.status.scheduler!.job);
  await beginNow(await placed.until("2", "requeued by hand", isRequeued(2)));
  t.equal((await n2uq(["status", "--follow"], placed.folder)).code, 0);
  t.equal((await placed.events(cell.directory, "start")).length, 3);
  await sameAsLocal(t, placed);
});

t.test("a cell that fails is tried again, and what needs it is never begun", async (t) => {
  const placed = await project("failing", local);
  const impossible = ["--set", "training.maxLoss=1.0e-6"];
  await n2uq(placed.sweep("2", "--runner", "slurm", "--detach", ...impossible), placed.folder);
  await beginNow(await placed.until("2", "requeued", isRequeued(1)));
  const failed = await placed.until(
    "2",
    "failed",
    ({ status: { state, scheduler } }) => state === "failed" && scheduler?.live === false,
  );
  t.match(failed.status.failure?.message, /above training.maxLoss/);
  t.equal((await placed.events(failed.directory, "failed")).length, 2, "one retry is the default");

  const broken = await project("broken");
  const file = join(broken.folder, "teacher.yaml");
  await writeFile(file, (await readFile(file, "utf8")).replace("steps: 6", "steps: 6, maxLoss: 1.0e-6"));
  const attached = await n2uq(broken.sweep("2", "--runner", "slurm", "--retries", "0"), broken.folder);
  t.equal(attached.code, 1);
  t.match(attached.stderr, /✖ tiny-teacher .*above training.maxLoss/);
  t.match(attached.stderr, /✖ tiny bits=2 .*not started/);
  t.match(attached.stderr, /1 of 2 cells failed; 1 more depend on them/);
});

t.test("the reason of a pending job is Slurm's text", async (t) => {
  const nowhere = await project("nowhere", local, "slurm: { partition: nowhere }");
  const refused = await n2uq(nowhere.sweep("2", "--runner", "slurm"), nowhere.folder);
  t.equal(refused.code, 2);
  t.match(refused.stderr, /Slurm rejected sbatch: invalid partition specified: nowhere/);
  const reserved = await project("reserved", local, "slurm: { options: ['--array=0-9'] }");
  t.match(
    (await n2uq(reserved.sweep("2", "--runner", "slurm"), reserved.folder)).stderr,
    /--array=0-9 is set by the runner/,
  );
  t.match((await n2uq(reserved.sweep("2", "--detach"), reserved.folder)).stderr, /--detach needs Slurm/);

  const path = process.env.PATH;
  const empty = join(root, "empty");
  await mkdir(empty);
  process.env.PATH = empty;
  t.teardown(() => {
    process.env.PATH = path;
  });
  const without = await n2uq(nowhere.sweep("2", "--runner", "slurm"), nowhere.folder);
  t.equal(without.code, 3);
  t.match(without.stderr, /the Slurm command sbatch is not installed[\s\S]*--runner local/);
  const attached = join(root, "it's 100 %j of $HOME, attached");
  const status = await n2uq(["status"], attached);
  t.equal(status.code, 0);
  t.match(status.stdout, /3 done[\s\S]*Shown from files only: the Slurm command squeue is not installed/);
});

import { spawn } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { n2uq, root } from "../helpers/cli.js";
import { disturb, outcome, wait } from "../helpers/killing.js";
import { killMoments } from "../helpers/killSeed.js";

// Dozens of processes, one after another: a busy machine takes long for them.
t.setTimeout(900_000);

const parts = join(root, "test", "fixtures", "sweeps", "parts");

const ARGUMENTS = ["sweep", "student.yaml", "--grid", "bits=2,3", "--grid", "method=n2uq,lsq", "--jobs", "2"];

function project(folder: string): string {
  cpSync(parts, folder, { recursive: true });
  return folder;
}

t.test(
  "a sweep whose cells or parent are killed at random has the same results, each cell once",
  async (t) => {
    const folder = t.testdir({ whole: {}, killed: {} });
    const whole = project(join(folder, "whole"));
    const killed = project(join(folder, "killed"));
    const undisturbed = await n2uq(ARGUMENTS, whole);
    t.equal(undisturbed.code, 0, undisturbed.stderr);
    t.match(undisturbed.stdout, "5 runs · 5 done");

    const next = killMoments();
    for (const what of ["parent", "worker", "all"] as const) {
      const cells = 1 + Math.floor(2 * next());
      await disturb(what, ARGUMENTS, { cwd: killed, runs: join(killed, "runs"), cells, ms: 1000 * next() });
    }
    const last = await n2uq(ARGUMENTS, killed);
    t.equal(last.code, 0, last.stderr);
    t.same(outcome(join(killed, "runs")), outcome(join(whole, "runs")));
    const again = await n2uq([...ARGUMENTS, "--json"], killed);
    t.notMatch(again.stdout, '"type":"started"', "nothing is run twice");
    const renamed = await n2uq(
      ["sweep", "student.yaml", "--set", "name=other", "--grid", "bits=2,3", "--json"],
      killed,
    );
    t.notMatch(renamed.stdout, '"type":"started"', "not even under another name from another sweep");

    const status = JSON.parse((await n2uq(["status", "--json"], killed)).stdout);
    t.equal(status.counts.done, status.cells.length);
    const list = JSON.parse((await n2uq(["runs", "--where", "method=n2uq,bits=3", "--json"], killed)).stdout);
    t.same(
      list.map(({ method, bits }: { method: string; bits: object }) => [method, bits]),
      [["n2uq", { weights: 3, activations: 3 }]],
    );
  },
);

t.test(
  "a failed cell is retried, reported with its log, and blocks only cells that depend on it",
  async (t) => {
    const folder = project(t.testdir());
    const teacher = readFileSync(join(folder, "teacher.yaml"), "utf8");
    writeFileSync(join(folder, "teacher.yaml"), teacher.replace("lr: 1.0e-2", "lr: 1.0e+20"));
    const args = ["sweep", "student.yaml", "--grid", "bits=2,3", "--jobs", "2"];
    const { code, stdout, stderr } = await n2uq(args, folder);
    t.equal(code, 1);
    t.equal(stderr.match(/✖ tiny-teacher .*: the loss/g)?.length, 2, "one retry");
    t.match(stderr, /log: runs\/tiny-teacher-[0-9a-f]{8}\/worker\.log/);
    t.equal(stderr.match(/not started, because [0-9a-f]{8} failed/g)?.length, 2);
    t.match(stderr, "N2UQ_SWEEP_FAILED");
    t.match(stdout, "3 runs · 1 failed · 2 queued");

    writeFileSync(join(folder, "teacher.yaml"), teacher);
    const again = await n2uq(args, folder);
    t.equal(again.code, 0, "a mended teacher is another cell, and the queued ones need it");
  },
);

t.test(
  "what was queued does not change when files are edited; a damaged result is named and counted",
  async (t) => {
    const folder = project(t.testdir());
    const args = ["sweep", "student.yaml", "--grid", "bits=2,3", "--jobs", "1"];
    const { child, ended, text } = (() => {
      const child = spawn(process.execPath, [join(root, "bin", "n2uq.js"), ...args], { cwd: folder });
      let seen = "";
      child.stdout.on("data", (chunk) => {
        seen += chunk;
      });
      return { child, ended: new Promise((resolve) => child.on("close", resolve)), text: () => seen };
    })();
    while (child.exitCode === null && !text().includes("▶")) await wait(20);
    for (const file of ["student.yaml", "teacher.yaml"]) writeFileSync(join(folder, file), "name: edited\n");
    t.equal(await ended, 0);
    cpSync(parts, folder, { recursive: true });
    const plan = JSON.parse((await n2uq([...args, "--dry-run", "--json"], folder)).stdout);
    t.ok(plan.cells.every(({ state }: { state: string }) => state === "done"));

    const [, damaged] = plan.cells as { directory: string; hash: string }[];
    writeFileSync(join(folder, damaged!.directory, "result.json"), '{"format":1');
    const [, , newer] = plan.cells as { directory: string }[];
    writeFileSync(join(folder, newer!.directory, "result.json"), '{"format":7}');
    const status = await n2uq(["status"], folder);
    t.match(status.stdout, "1 done · 2 unreadable");
    t.match(status.stdout, "result.json is damaged: it is not JSON");
    t.match(status.stdout, "result.json is damaged: its format is 7; this version reads 1");
    const sweep = await n2uq(args, folder);
    t.equal(sweep.code, 1);
    t.match(sweep.stderr, "result.json is damaged: it is not JSON");
    rmSync(join(folder, damaged!.directory, "result.json"));
    rmSync(join(folder, newer!.directory, "result.json"));
    t.equal((await n2uq(args, folder)).code, 0, "removed, they are written anew from the last checkpoint");
  },
);

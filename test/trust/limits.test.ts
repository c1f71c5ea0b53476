import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { command, n2uq, root, start } from "../helpers/cli.js";

const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;

function project(t: Test): string {
  const folder = t.testdir({ disk: {}, "n2uq.config.yaml": "runs: ./runs\n" });
  cpSync(join(root, "test", "fixtures", "trust", "tiny.yaml"), join(folder, "tiny.yaml"));
  return folder;
}

function shell(script: string, cwd: string, prefix: readonly string[] = []) {
  const env = { ...process.env, N2UQ: command, NODE: process.execPath, NO_COLOR: "1" };
  // The test runner sets NODE_OPTIONS for all child processes, which opens additional files.
  const [program = "", ...args] = [...prefix, "bash", "-c", `unset NODE_OPTIONS; ${script}`];
  return spawnSync(program, args, { cwd, env, encoding: "utf8", timeout: 200_000 });
}

t.test("D8: a low limit on open files is the reported reason", { timeout: 200_000 }, async (t) => {
  const folder = project(t);
  for (const limit of [24, 36, 40]) {
    const { status, stderr, stdout } = shell(`ulimit -n ${limit}; "$NODE" "$N2UQ" run tiny.yaml`, folder);
    t.match(
      { status, stderr },
      { status: 3, stderr: /N2UQ_MACHINE_LIMIT.*(EMFILE|too many open files)/ },
      `${limit}`,
    );
    t.notMatch(stdout + stderr, crash);
  }
});

t.test("D8: a low limit on address space is the reported reason", { timeout: 200_000 }, async (t) => {
  const folder = project(t);
  const wasm = shell('ulimit -v 4000000; "$NODE" "$N2UQ" run tiny.yaml --engine wasm', folder);
  t.equal(wasm.status, 3);
  t.match(wasm.stderr, /N2UQ_ENGINE_UNAVAILABLE.*WebAssembly's memory/);
  t.match(wasm.stderr, "ulimit -v");
  t.notMatch(wasm.stdout + wasm.stderr, crash);
  const threads = 'ulimit -v 13500000; OMP_NUM_THREADS=8 "$NODE" "$N2UQ" run tiny.yaml --engine wasm';
  const { status, stdout, stderr } = shell(threads, folder);
  t.equal(status, 0, stderr);
  t.match(stdout, "CPU (1 thread, SIMD)", "with no space for the workers of eight threads");
});

t.test(
  "D8: a cell whose parent died before it listened stops with its checkpoint",
  { timeout: 200_000 },
  async (t) => {
    const folder = project(t);
    const run = start(["run", "tiny.yaml", "--set", "training.steps=100000", "--json"], folder);
    await new Promise((resolve) =>
      run.child.stdout?.on("data", (chunk) => /"step":1,/.test(String(chunk)) && resolve(0)),
    );
    run.child.kill("SIGTERM");
    await run.done;
    const [name = ""] = readdirSync(join(folder, "runs")).filter((one) => one.startsWith("tiny-"));
    const directory = join(folder, "runs", name);
    writeFileSync(
      join(folder, "orphan.mjs"),
      `import { fork } from "node:child_process";
const child = fork(process.argv[2], ["cell", process.argv[3], "--models", "models"], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
process.stdout.write(String(child.pid), () => process.kill(process.pid, "SIGKILL"));
`,
    );
    const { stdout } = spawnSync(process.execPath, ["orphan.mjs", command, directory], {
      cwd: folder,
      encoding: "utf8",
    });
    const pid = Number(stdout);
    const isAlive = () => {
      try {
        return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
      } catch {
        return false;
      }
    };
    const starts = () => readFileSync(join(directory, "events.log"), "utf8").split("\n");
    for (let i = 0; i < 600 && isAlive(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
    const left = isAlive();
    if (left) process.kill(pid, "SIGKILL");
    t.notOk(left, "it stops");
    t.match(starts().at(-2), "interrupted");
  },
);

t.test(
  "D8: a disk that becomes read-only or full in the middle of a run leaves its checkpoint intact",
  { timeout: 300_000 },
  async (t) => {
    const folder = project(t);
    const own = ["unshare", "-rm"];
    if (shell("mount -t tmpfs tmpfs disk", folder, own).status !== 0)
      return t.pass("skipped: this machine allows no file system of one's own (unshare -rm)");
    const script = `
mount -t tmpfs -o size=2m tmpfs disk
run() { "$NODE" "$N2UQ" run tiny.yaml --set training.steps=60 --runs disk/runs "$@" 2>&1; echo "exit $?"; }
"$NODE" "$N2UQ" run tiny.yaml --set training.steps=60 --runs disk/runs --json > log 2>&1 &
until grep -q '"type":"checkpoint"' log; do sleep 0.1; kill -0 $! || exit 1; done
FAULT
wait $!; echo "first $?"; cat log | tail -2
REPAIR
echo == again; run; echo == result; cat disk/runs/tiny-*/result.json
`;
    const undisturbed = await n2uq(["run", "tiny.yaml", "--set", "training.steps=60"], folder);
    t.equal(undisturbed.code, 0);
    const [name = ""] = readdirSync(join(folder, "runs"));
    const wanted = JSON.parse(readFileSync(join(folder, "runs", name, "result.json"), "utf8")).weights;
    const faults = [
      ["mount -o remount,ro disk", "mount -o remount,rw disk", "EROFS"],
      ["dd if=/dev/zero of=disk/rest bs=1k 2>/dev/null", "rm disk/rest", "ENOSPC"],
    ] as const;
    for (const [fault, repair, errno] of faults) {
      const { stdout } = shell(script.replace("FAULT", fault).replace("REPAIR", repair), folder, own);
      const [first = "", rest = ""] = stdout.split("== again");
      t.match(first, "first 1");
      t.match(first, new RegExp(`"code":"N2UQ_RUN_WRITE_FAILED".*${errno}`));
      t.match(rest, /resumed from step [1-9]/);
      t.match(rest, `"weights": "${wanted}"`);
      t.notMatch(stdout, crash);
    }
  },
);

import { spawn, spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { command, root, start } from "../helpers/cli.js";

const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;

function project(t: Test): string {
  const folder = t.testdir({ "n2uq.config.yaml": "runs: ./runs\n" });
  cpSync(join(root, "test", "fixtures", "trust", "tiny.yaml"), join(folder, "tiny.yaml"));
  return folder;
}

function shell(script: string, cwd: string) {
  const env = { ...process.env, N2UQ: command, NODE: process.execPath, NO_COLOR: "1" };
  return spawnSync("bash", ["-c", script], { cwd, env, encoding: "utf8", timeout: 100_000 });
}

/** What a run's log says happened, the last thing last. */
function logged(folder: string): string[] {
  const runs = join(folder, "runs");
  const [directory = ""] = readdirSync(runs).filter((name) => name.startsWith("tiny-"));
  const lines = readFileSync(join(runs, directory, "events.log"), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => line.split(" ")[1] ?? "");
}

const long = "tiny.yaml --set training.steps=100000 --set training.checkpoint.everyEpochs=1000000";

t.test(
  "B1: a reader that leaves ends a command without a stack trace, and training with its checkpoint",
  { timeout: 200_000 },
  async (t) => {
    const folder = project(t);
    const shown = shell(`"$NODE" "$N2UQ" --help | true; echo "code \${PIPESTATUS[0]}"`, folder);
    t.match(shown.stdout, /code (141|0)/);
    t.notMatch(shown.stderr, crash);
    const train = shell(
      `"$NODE" "$N2UQ" run ${long} --json | head -2 >/dev/null; echo "code \${PIPESTATUS[0]}"`,
      folder,
    );
    t.match(train.stdout, "code 130");
    t.match(train.stderr + train.stdout, /^((?!\s+at ).)*$/m);
    t.notMatch(train.stderr, crash);
    t.same(logged(folder).slice(-2), ["checkpoint", "interrupted"]);
  },
);

t.test("B1: standard output on a full disk is a coded error", async (t) => {
  const { status, stderr } = shell('"$NODE" "$N2UQ" runs >/dev/full', project(t));
  t.equal(status, 2);
  t.match(stderr, /N2UQ_CLI_WRITE_FAILED.*standard output.*ENOSPC/);
  t.notMatch(stderr, crash);
});

for (const signal of ["SIGHUP", "SIGQUIT"] as const) {
  t.test(`B1: ${signal} makes training write its checkpoint and stop`, { timeout: 100_000 }, async (t) => {
    const folder = project(t);
    const { child, done } = start(["run", ...long.split(" "), "--json"], folder);
    await new Promise((resolve) =>
      child.stdout?.on("data", (chunk) => /"step":2,/.test(String(chunk)) && resolve(0)),
    );
    child.kill(signal);
    const { code, stdout, stderr } = await done;
    t.equal(code, 130);
    t.match(stdout, '"code":"N2UQ_TRAIN_INTERRUPTED"');
    t.same(logged(folder).slice(-2), ["checkpoint", "interrupted"]);
    t.notMatch(stderr, crash);
  });
}

t.test(
  "B1: training whose output is a file continues when its terminal closes",
  { timeout: 100_000 },
  async (t) => {
    const folder = project(t);
    const script = `exec "$NODE" "$N2UQ" run tiny.yaml --set training.steps=40 --json >log 2>&1`;
    const env = { ...process.env, N2UQ: command, NODE: process.execPath };
    const child = spawn("bash", ["-c", script], { cwd: folder, env, stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
    const log = () => {
      try {
        return readFileSync(join(folder, "log"), "utf8");
      } catch {
        return "";
      }
    };
    while (!log().includes('"step":2,')) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill("SIGHUP");
    t.equal(await ended, 0);
    t.match(log(), '"type":"done"');
  },
);

t.test("B1: a terminal that closes leaves a checkpoint", { timeout: 100_000 }, async (t) => {
  const folder = project(t);
  const python = spawnSync("python3", ["-c", "import pty"]);
  if (python.status !== 0) return t.pass("skipped: this machine has no python3 to open a terminal with");
  const script = `
import glob, os, pty, select, sys
pid, terminal = pty.fork()
if pid == 0:
    os.environ.pop("CI", None)
    os.environ["TERM"] = "xterm"
    os.execvp(sys.argv[1], sys.argv[1:])
while not any(os.path.getsize(file) > 0 for file in glob.glob("runs/*/metrics.jsonl")):
    if select.select([terminal], [], [], 0.1)[0]:
        os.read(terminal, 1000)
os.close(terminal)
print("code", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
  const args = ["-c", script, process.execPath, command, "run", ...long.split(" ")];
  const { stdout, stderr } = spawnSync("python3", args, { cwd: folder, encoding: "utf8", timeout: 90_000 });
  t.match(stdout, "code 130", stderr);
  t.same(logged(folder).slice(-2), ["checkpoint", "interrupted"]);
});

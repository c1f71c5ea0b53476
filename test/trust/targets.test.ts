import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import t from "tap";
import { command, n2uq, root, start } from "../helpers/cli.js";

const build = dirname(dirname(command));
const fixtures = join(root, "test", "fixtures", "trust");
const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;

/**
 * Runs in a separate mount namespace with a read-only and a full disk; without them if the machine does not
 * support it.
 */
const disks = `
mount -t tmpfs -o size=4m tmpfs read-only && cp -r runs read-only/runs && mount -o remount,ro read-only || exit 9
mount -t tmpfs -o size=16k tmpfs full || exit 9
dd if=/dev/zero of=full/rest bs=1k 2>/dev/null
touch device && mount --bind /dev/full device || exit 9
ulimit -v 16000000; exec node "$@"
`;
const can = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

/** Mounted, so that no command can replace this machine's own; given to what writes alone, since reading it has no end. */
const DEVICE = "device";
const WRITES = ["out", "predictions"];

interface Case {
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
}

interface Answer {
  readonly code: number;
  readonly said: string;
}

/** No word leaves this machine: every address is one that nobody listens on. */
const nowhere = "http://127.0.0.1:9/";
const offline = { npm_config_registry: nowhere, npm_config_fetch_retries: "0", N2UQ_WEIGHTS_MIRROR: nowhere };

async function answersTo(folder: string, cases: readonly Case[]): Promise<Answer[]> {
  const line = [join(fixtures, "drive.mjs"), build];
  const [program, ...args] = can
    ? ["unshare", "-rm", "bash", "-c", disks, "bash", ...line]
    : [process.execPath, ...line];
  const child = spawn(program ?? "", args, {
    cwd: folder,
    env: { ...process.env, ...offline, NO_COLOR: "1", CI: "1", N2UQ_CACHE: join(folder, "cache") },
    stdio: ["pipe", "inherit", "inherit", "pipe"],
  });
  let text = "";
  child.stdio[3]?.on("data", (chunk) => {
    text += chunk;
  });
  child.stdin?.on("error", () => {});
  child.stdin?.end(cases.map((one) => JSON.stringify(one)).join("\n"));
  await new Promise((resolve) => child.on("close", resolve));
  return text
    .split("\n")
    .filter(Boolean)
    .map((one) => JSON.parse(one) as Answer);
}

/** What each command does by itself, quickly and without a network. */
const samples: Readonly<Record<string, readonly string[]>> = {
  run: ["tiny.yaml", "--set", "seed=7"],
  plan: ["tiny.yaml"],
  validate: ["tiny.yaml"],
  evaluate: ["tiny.yaml"],
  sweep: ["tiny.yaml", "--dry-run"],
  status: ["tiny"],
  cancel: ["tiny"],
  runs: [],
  table: ["table.yaml"],
  search: ["search.yaml"],
  report: [],
  compare: ["tiny", "tiny"],
  doctor: [],
  "data list": [],
  "data fetch": ["mnist"],
  "data verify": ["mnist"],
  "data path": ["mnist"],
  "weights list": [],
  "weights inspect": ["weights.safetensors"],
  "weights convert": ["weights.safetensors", "out.safetensors"],
  "weights verify": ["weights.safetensors"],
  "weights pull": ["torchvision:resnet18"],
  "engine list": [],
  "engine install": ["tensorflow", "--from", "nothing.tgz"],
  "engine remove": ["tensorflow"],
  schema: [],
  init: ["new"],
};

const targets = ["file.txt", "file.txt/x", "circle", "dangling", "foreign", "nowhere/deep/x"];
if (can) targets.push("read-only", "read-only/runs", "read-only/x", "full", "full/x", DEVICE);

/** The commands that a help text lists. */
function listed(help: string): string[] {
  const [, commands = ""] = help.split(/^Commands:$/m);
  return [...commands.matchAll(/^ {2}([a-z]+) /gm)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "help");
}

async function leaves(folder: string): Promise<{ words: string[]; help: string }[]> {
  const helpOf = (words: readonly string[]) => ({ args: [...words, "--help"] });
  const [top] = await answersTo(folder, [helpOf([])]);
  const names = listed(top?.said ?? "");
  const helps = await answersTo(
    folder,
    names.map((name) => helpOf([name])),
  );
  const groups = names.flatMap((name, i) => listed(helps[i]?.said ?? "").map((sub) => [name, sub]));
  const inGroups = await answersTo(folder, groups.map(helpOf));
  return [
    ...names.map((name, i) => ({ words: [name], help: helps[i]?.said ?? "" })),
    ...groups.map((words, i) => ({ words, help: inGroups[i]?.said ?? "" })),
  ].filter(({ help }) => listed(help).length === 0);
}

/** A command line for each place where the command takes a file or folder, with the target there. */
function linesFor(words: readonly string[], help: string, target: string): string[][] {
  const sample = samples[words.join(" ")] ?? [];
  const options = [...help.matchAll(/^ {2}--([a-z]+) <(?:file|folder|path)>/gm)];
  const [, usage = ""] = /^Usage: n2uq (.*)$/m.exec(help) ?? [];
  const places = [...usage.matchAll(/[[<]([a-z]+)(?:\.\.\.)?[\]>]/g)].map(([, name]) => name);
  const own = places.filter((name) => name !== "options");
  const isMeant = (name = "") => target !== DEVICE || WRITES.includes(name);
  return [
    ...options
      .filter(([, name]) => isMeant(name))
      .map(([, name = ""]) => [...words, ...sample, `--${name}`, target]),
    ...own.flatMap((name, at) =>
      isMeant(name) && ["file", "files", "folder", "in", "out"].includes(name ?? "")
        ? [[...words, ...sample.slice(0, at), target, ...sample.slice(at + 1)]]
        : [],
    ),
  ];
}

t.test(
  "B2: every command meets every target with a coded error, or does its work",
  { timeout: 400_000 },
  async (t) => {
    const folder = t.testdir({
      "file.txt": "not a folder",
      foreign: { "result.json": "[1, 2]", "n-12345678": { "result.json": "{" }, lock: "" },
      "read-only": {},
      full: {},
      "n2uq.config.yaml": "runs: ./runs\n",
    });
    const base = "base: ./tiny.yaml\n";
    cpSync(join(fixtures, "tiny.yaml"), join(folder, "tiny.yaml"));
    const table =
      "table: { title: T, columns: [{ label: W2, where: { bits: 2 } }], rows: [{ label: R, where: { method: n2uq } }] }\n";
    writeFileSync(join(folder, "table.yaml"), `${base}grid: { bits: [2] }\n${table}`);
    writeFileSync(
      join(folder, "search.yaml"),
      `${base}search: { budget: { averageWeightBits: 2.5 }, candidates: [2, 3], holdout: 8 }\n`,
    );
    symlinkSync("circle", join(folder, "circle"));
    symlinkSync("nothing/there", join(folder, "dangling"));
    mkdirSync(join(folder, "runs"));
    const made = await n2uq(["run", "tiny.yaml"], folder);
    t.equal(made.code, 0, made.stderr);
    const [, run = ""] = /^(runs\/tiny-[0-9a-f]{8})$/m.exec(made.stdout) ?? [];
    cpSync(join(folder, run, "checkpoints", "best.safetensors"), join(folder, "weights.safetensors"));

    const all = await leaves(folder);
    t.ok(all.length >= Object.keys(samples).length, `${all.length} commands were found`);
    const unknown = all.map(({ words }) => words.join(" ")).filter((name) => !(name in samples));
    t.same(unknown, [], "a new command needs a line among the samples");
    const cases: Case[] = all
      .flatMap(({ words, help }) => targets.flatMap((to) => linesFor(words, help, to)))
      .map((args) => ({ args }));
    const writable = can ? "read-only" : "file.txt";
    for (const { words } of all) {
      const args = [...words, ...(samples[words.join(" ")] ?? [])];
      cases.push({ args, env: { N2UQ_CACHE: writable, N2UQ_ENGINES: writable } });
    }
    if (can) cases.push({ args: ["report", "--out", "full/own.html"] });
    const answers = await answersTo(folder, cases);
    t.equal(
      answers.length,
      cases.length,
      `the last one answered was ${cases[answers.length - 1]?.args.join(" ")}`,
    );
    const wrong = answers.flatMap(({ code, said }, i) => {
      // `data verify` and `data path` answer with their exit code.
      const coded = code === 0 || said.includes("error") || (code === 3 && said.includes("mnist"));
      return crash.test(said) || !coded ? [`${cases[i]?.args.join(" ")}: ${code} ${said.slice(0, 600)}`] : [];
    });
    t.same(wrong, []);
    const answerTo = (...args: string[]) =>
      answers[cases.findIndex((one) => one.args.join() === args.join())];
    if (!can)
      return t.pass("skipped: read-only and full disks (this machine allows no file system of one's own)");
    t.match(answerTo("report", "--out", "read-only/x"), { code: 2, said: /N2UQ_CLI_WRITE_FAILED.*EROFS/s });
    t.match(answerTo("report", "--out", "full/own.html"), {
      code: 2,
      said: /N2UQ_CLI_WRITE_FAILED.*ENOSPC/s,
    });
    t.match(answerTo("init", "read-only/x"), { code: 2, said: /N2UQ_FILE_UNUSABLE.*EROFS/s });
    t.match(answerTo("runs", "--runs", "read-only/runs"), { code: 0, said: /tiny-[0-9a-f]{8} +done/ });
    t.match(answerTo("evaluate", "tiny.yaml", "--runs", "read-only/runs"), { code: 0, said: "top-1" });
  },
);

t.test(
  "B2: a finished run in a read-only folder is read, and an unfinished one is an error",
  { timeout: 100_000 },
  async (t) => {
    if (!can) return t.pass("skipped: this machine allows no file system of one's own (unshare -rm)");
    const folder = t.testdir({ "read-only": {}, full: {}, "n2uq.config.yaml": "runs: ./runs\n" });
    cpSync(join(fixtures, "tiny.yaml"), join(folder, "tiny.yaml"));
    t.equal((await n2uq(["run", "tiny.yaml"], folder)).code, 0);
    const [again, other] = await answersTo(folder, [
      { args: ["run", "tiny.yaml", "--runs", "read-only/runs"] },
      { args: ["run", "tiny.yaml", "--set", "seed=1", "--runs", "read-only/runs"] },
    ]);
    t.match(again, { code: 0, said: "done before" });
    t.match(other, { code: 1, said: /N2UQ_RUN_WRITE_FAILED.*EROFS/s });
  },
);

t.test(
  "B2: devices are written as they are, and /proc makes no command wait for ever",
  { timeout: 60_000 },
  async (t) => {
    const folder = t.testdir({ "n2uq.config.yaml": "runs: ./runs\n" });
    cpSync(join(fixtures, "tiny.yaml"), join(folder, "tiny.yaml"));
    const { child, done } = start(["init", "/proc/n2uq-test"], folder);
    const killer = setTimeout(() => child.kill("SIGKILL"), 15_000);
    const { code, stderr } = await done;
    clearTimeout(killer);
    t.equal(code, 2);
    t.match(stderr, /N2UQ_FILE_UNUSABLE.*\/proc\/n2uq-test/);
  },
);

t.test(
  "B2: a run directory that is renamed under a run ends it with a coded error",
  { timeout: 100_000 },
  async (t) => {
    const folder = t.testdir({ "n2uq.config.yaml": "runs: ./runs\n" });
    cpSync(join(fixtures, "tiny.yaml"), join(folder, "tiny.yaml"));
    const run = start(["run", "tiny.yaml", "--set", "training.steps=4000", "--json"], folder);
    const first = await new Promise<string>((resolve) => {
      run.child.stdout?.on("data", (chunk: Buffer) => {
        const [, directory] = /"directory":"([^"]+)"/.exec(String(chunk)) ?? [];
        if (directory !== undefined) resolve(directory);
      });
    });
    spawnSync("mv", [first, join(folder, "moved")]);
    const { code, stdout, stderr } = await run.done;
    t.equal(code, 1);
    t.match(stdout, '"code":"N2UQ_RUN_GONE"');
    t.notMatch(stdout + stderr, crash);
  },
);

t.test("B2: a device in place of a file is an error, not read endlessly", { timeout: 100_000 }, async (t) => {
  const script = `ulimit -v 4000000; exec "${process.execPath}" "${command}" validate /dev/zero`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], {
    encoding: "utf8",
    timeout: 60_000,
  });
  t.equal(status, 2);
  t.match(stdout + stderr, "/dev/zero");
  t.notMatch(stdout + stderr, crash);
});

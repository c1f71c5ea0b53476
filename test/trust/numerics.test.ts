import type { ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import t from "tap";
import { childrenOf, n2uq, start } from "../helpers/cli.js";

const INTERNAL = /N2UQ_INTERNAL|node:internal|^\s+at /m;

const EXPERIMENT = `
name: tiny
architecture: { family: stages, stem: { kernel: 3, stride: 1, channels: 4 }, classes: 4, stages: [{ block: basic, channels: 4, blocks: 1 }] }
data: { dataset: synthetic, synthetic: { classes: 4, imageSize: [8, 8], channels: 3, trainSize: 40, testSize: 16 } }
quantization: { method: none }
training: { epochs: 2, batchSize: 8, optimizer: { kind: sgd, lr: 0.05 }, schedule: { kind: constant } }
engine: wasm
`;

/** One stride after the other, down to a map of 1×1. */
const NARROW = EXPERIMENT.replace(
  /stages: \[.*\] \}/,
  "stages: [{ block: basic, channels: 4, blocks: 1, stride: 2 }, { block: basic, channels: 4, blocks: 1, stride: 2 }, { block: basic, channels: 4, blocks: 1, stride: 2 }] }",
);

function write(folder: string, text = EXPERIMENT): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "e.yaml"), text);
  // A separate project, because this repository's runs are elsewhere.
  writeFileSync(join(folder, "n2uq.config.yaml"), "experiment: e.yaml\n");
  return folder;
}

async function run(folder: string, ...settings: string[]) {
  const found = await n2uq(["run", "e.yaml", ...settings.flatMap((one) => ["--set", one])], folder, engines);
  t.notMatch(`${found.stdout}${found.stderr}`, INTERNAL);
  return found;
}

/** The only run directory of a folder. */
function runIn(folder: string): string {
  const [name = ""] = readdirSync(join(folder, "runs")).filter((one) => /-[0-9a-f]{8}$/.test(one));
  return join(folder, "runs", name);
}

const read = (directory: string, name: string) => JSON.parse(readFileSync(join(directory, name), "utf8"));

// The tests of the torch engine look for it where the user has it, or in N2UQ_TEST_ENGINES.
const { N2UQ_TEST_ENGINES, N2UQ_REQUIRE_TORCH } = process.env;
const engines = { N2UQ_ENGINES: N2UQ_TEST_ENGINES };
const doctor = await n2uq(["doctor", "--json"], undefined, engines);
const torch = JSON.parse(doctor.stdout).engines?.find(({ name }: { name: string }) => name === "torch");
const withoutTorch =
  torch?.available === true || N2UQ_REQUIRE_TORCH === "1" ? false : `no torch engine: ${torch?.reason}`;

t.test("A10: sums are float32 where products are bfloat16", { skip: withoutTorch }, async (t) => {
  const quantized = "quantization={method: lsq, bits: 2}";
  const still = ["training.optimizer.lr=1e-30", "training.steps=2", quantized, "engine=torch"];
  const steps: Record<string, number[]> = {};
  const base = t.testdir();
  for (const precision of ["float32", "bfloat16"]) {
    const folder = write(join(base, precision));
    t.equal((await run(folder, ...still, `training.precision=${precision}`)).code, 0);
    // LSQ's first step sizes are 2·mean|w|/√Qp of weights that no product has touched.
    steps[precision] = weightSteps(join(runIn(folder), "checkpoints", "last.safetensors"));
  }
  t.ok(steps.float32!.length > 0);
  t.same(steps.bfloat16, steps.float32);
});

t.test("A11: BatchNorm over one value is an error at its place, before anything runs", async (t) => {
  const folder = write(t.testdir(), NARROW);
  const args = ["e.yaml", "--set", "training.batchSize=1"];
  const plan = await n2uq(["plan", ...args], folder);
  t.equal(plan.code, 2);
  t.match(plan.stderr, /N2UQ_TRAIN_ONE_VALUE.*more than 1 value per channel when training/s);
  t.match(plan.stderr, /batchSize/);
  t.notMatch(plan.stderr, INTERNAL);
  const { code, stderr } = await run(folder, "training.batchSize=1");
  t.equal(code, 2);
  t.match(stderr, /N2UQ_TRAIN_ONE_VALUE/);
  const larger = await n2uq(["plan", ...args, "--set", "data.synthetic.imageSize=[16, 16]"], folder);
  t.equal(larger.code, 0, "one image on a larger map is enough");
});

t.test(
  "A12: a record says on how many threads and which processor it was made; compare shows it",
  async (t) => {
    const folder = write(t.testdir());
    t.equal((await run(folder)).code, 0);
    const one = runIn(folder);
    const result = read(one, "result.json");
    const { machine, engine } = result.environment;
    t.match(machine, { threads: 1, ranks: 1, processor: /\w/ });
    t.ok(Array.isArray(machine?.instructions));
    t.match(engine, { version: /\d/ });
    const other = join(folder, "elsewhere", one.split("/").at(-1)!);
    cpSync(one, other, { recursive: true });
    result.environment.machine = { ...machine, threads: 4 };
    writeFileSync(join(other, "result.json"), JSON.stringify(result));
    const { code, stdout, stderr } = await n2uq(["compare", one, other], folder);
    t.equal(code, 0);
    t.match(stdout, /threads +1 +4/);
    t.notMatch(`${stdout}${stderr}`, INTERNAL);
    t.notMatch(
      (await n2uq(["compare", one, one], folder)).stdout,
      /threads/,
      "what is the same is not shown",
    );
  },
);

t.test(
  "A13: a quantizer whose step or clip falls to zero is reported once, counted and marked",
  async (t) => {
    const base = t.testdir();
    for (const [method, parameter] of [
      ["lsq", "step"],
      ["pact", "clip_val"],
      ["n2uq", "scale2"],
    ] as const) {
      const folder = write(join(base, method));
      // With lr·weightDecay = 2 a step takes a parameter to its own negative.
      const groups = `training.optimizer.groups=[{match: "*quan1.${parameter}", lrScale: 20, weightDecay: 2}]`;
      const set = [`quantization={method: ${method}, bits: 2}`, groups, "training.stopOnNaN=false"];
      const { code, stdout, stderr } = await run(folder, ...set);
      t.equal(code, 0, stderr);
      const told = `${stdout}${stderr}`.match(/dead layer/g) ?? [];
      t.equal(told.length, 1, `${method}: one warning`);
      const { deadLayers } = read(runIn(folder), "result.json");
      const dead = deadLayers?.find((one: { parameter: string | null }) => one.parameter === parameter);
      t.match(dead, { layer: /quan1/, parameter, firstStep: Number, atEnd: Boolean });
      t.ok(dead?.steps > 0, `${method}: its steps are counted`);
      if (method !== "lsq") continue;
      t.match((await n2uq(["runs"], folder)).stdout, /dead layer/);
      t.equal((await n2uq(["report"], folder)).code, 0);
      const page = readdirSync(folder, { recursive: true })
        .map(String)
        .find((name) => name.endsWith(".html"));
      t.match(readFileSync(join(folder, page!), "utf8"), /dead layer/);
    }
  },
);

t.test(
  "D12: ranks on one machine listen only on loopback; an idle connection does not block them",
  { skip: withoutTorch },
  async (t) => {
    const folder = write(t.testdir());
    const set = ["engine=torch", "devices=2", "training.syncBatchNorm=true", "training.epochs=30"];
    const args = ["run", "e.yaml", ...set.flatMap((one) => ["--set", one])];
    const { child, done } = start(args, folder, { ...engines, TMPDIR: folder });
    const held: ReturnType<typeof connect>[] = [];
    const everywhere = new Set<string>();
    const modes = new Set<string>();
    let ended = false;
    done.then(() => {
      ended = true;
    });
    const patience = setTimeout(() => endAll(child), 120_000);
    while (!ended) {
      for (const pid of [child.pid!, ...ranksOf(child.pid!)]) {
        for (const { address, port } of listening(pid)) {
          if (!address.startsWith("127.")) everywhere.add(`${address}:${port}`);
          const socket = connect({ host: "127.0.0.1", port }).on("error", () => {});
          socket.write("x");
          held.push(socket);
        }
      }
      for (const name of readdirSync(folder).filter((one) => one.startsWith("n2uq-ranks-"))) {
        const mode = modeOf(join(folder, name));
        if (mode !== null) modes.add(mode);
      }
      await new Promise((next) => setTimeout(next, 50));
    }
    const { code, stderr, stdout } = await done;
    clearTimeout(patience);
    for (const socket of held) socket.destroy();
    t.equal(code, 0, stderr);
    t.notMatch(`${stdout}${stderr}`, INTERNAL);
    t.same([...everywhere], [], "no port that other machines reach");
    t.same([...modes], ["700"], "they met in a private folder");
    t.same(
      readdirSync(folder).filter((name) => name.startsWith("n2uq-ranks-")),
      [],
      "which is removed",
    );
  },
);

t.test(
  "D12: SIGTERM while a rank does not come ends the run within seconds",
  { skip: withoutTorch },
  async (t) => {
    const folder = write(t.testdir());
    const args = ["run", "e.yaml", "--set", "engine=torch", "--set", "devices=2"];
    const { child, done } = start(args, folder, { ...engines, TMPDIR: folder });
    let [rank] = [0];
    while (rank === 0) {
      [rank = 0] = ranksOf(child.pid!);
      await new Promise((next) => setTimeout(next, 2));
    }
    process.kill(rank, "SIGSTOP");
    await new Promise((next) => setTimeout(next, 4000));
    child.kill("SIGTERM");
    const patience = setTimeout(() => endAll(child), 60_000);
    const { code, signal, stderr } = await done;
    clearTimeout(patience);
    t.equal(signal, null);
    t.equal(code, 130);
    t.match(stderr, /N2UQ_RANKS_INTERRUPTED/);
    t.notMatch(stderr, INTERNAL);
  },
);

/** The values of weight quantizers' steps in a checkpoint. */
function weightSteps(file: string): number[] {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
    string,
    { data_offsets?: [number, number] }
  >;
  return Object.entries(header)
    .filter(([name]) => /conv\d\.step$/.test(name) && !name.startsWith("optimizer."))
    .map(([, { data_offsets: [from] = [0, 0] }]) => bytes.readFloatLE(8 + length + from));
}

/** Ends a run and its ranks, whatever they wait for. */
function endAll(child: ChildProcess): void {
  for (const pid of [...ranksOf(child.pid!), child.pid!]) process.kill(pid, "SIGKILL");
}

/** The other ranks that a process started. */
function ranksOf(pid: number): number[] {
  try {
    return childrenOf(pid).filter((child) =>
      readFileSync(`/proc/${child}/cmdline`, "utf8").split("\0").includes("rank"),
    );
  } catch {
    return [];
  }
}

/** The TCP sockets on which a process listens, over IPv4 and IPv6. */
function listening(pid: number): { address: string; port: number }[] {
  try {
    const own = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => socketOf(`/proc/${pid}/fd/${fd}`)));
    return ["tcp", "tcp6"].flatMap((table) =>
      readFileSync(`/proc/${pid}/net/${table}`, "utf8")
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
        .filter((fields) => fields[3] === "0A" && own.has(fields[9] ?? ""))
        .map(([, local = ""]) => {
          const [hex = "", port = ""] = local.split(":");
          const loopback = table === "tcp" ? hex.endsWith("7F") : hex === "00000000000000000000000001000000";
          return { address: loopback ? "127.0.0.1" : hex, port: Number.parseInt(port, 16) };
        }),
    );
  } catch {
    return [];
  }
}

function socketOf(link: string): string[] {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.slice(1) ?? [];
  } catch {
    return [];
  }
}

function modeOf(folder: string): string | null {
  try {
    return (statSync(folder).mode & 0o777).toString(8);
  } catch {
    return null;
  }
}

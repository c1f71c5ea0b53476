import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { childrenOf, n2uq, root, start } from "../helpers/cli.js";
import { wait } from "../helpers/killing.js";
import { apart, metrics, project, withoutRanks } from "../helpers/ranks.js";

// The path of ids, communicators, collectives and errors through a stand-in for NCCL's library, which adds up
// values in the CPU's memory, and two processes whose GPUs are emulated.

const WITHIN = 1e-4;

/** A new folder for the calls of one run. Its path must fit into a socket's address. */
function folderOfCalls(): string {
  const folder = mkdtempSync(join(tmpdir(), "nccl-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The calls of each process, rank 0's first. */
function callsIn(folder: string): string[][] {
  const files = readdirSync(folder).filter((name) => name.startsWith("calls-"));
  const all = files.map((name) => readFileSync(join(folder, name), "utf8").trim().split("\n"));
  return all.sort((a, b) => b.indexOf("ncclGetUniqueId") - a.indexOf("ncclGetUniqueId"));
}

let built: string | undefined;

/** The stand-in's file. */
function library(): string {
  if (built !== undefined) return built;
  built = join(folderOfCalls(), "libnccl.so");
  const source = join(root, "test", "engines", "nccl", "library.cpp");
  execFileSync("g++", ["-std=c++17", "-O1", "-shared", "-fPIC", "-pthread", source, "-o", built]);
  return built;
}

const variables = (calls: string, nccl = library()) => ({
  N2UQ_EMULATE_GPU: "1",
  N2UQ_NCCL_LIBRARY: nccl,
  N2UQ_TEST_NCCL: calls,
});
const command = (runs: string, ...settings: string[]) => [
  ...["run", "e.yaml", "--runs", runs],
  ...["training.steps=4", "devices=2", ...settings].flatMap((setting) => ["--set", setting]),
];

t.test("two ranks over NCCL train as one process and as Gloo", { skip: withoutRanks }, async (t) => {
  const folder = project(t.testdir());
  for (const [name, ...settings] of [
    ["full precision"],
    ["n2uq", "quantization.method=n2uq", "bits=2", "training.optimizer={ kind: adam, lr: 0.001 }"],
  ] as const) {
    const [calls, none] = [folderOfCalls(), folderOfCalls()];
    for (const [runs, given, environment] of [
      ["alone", ["devices=1"], variables(none)],
      ["gloo", [], variables(none, "none")],
      ["nccl", [], variables(calls)],
    ] as const) {
      const { code, stderr } = await n2uq(
        command(`${name}-${runs}`, ...settings, ...given),
        folder,
        environment,
      );
      t.equal(code, 0, `${name}, ${runs}: ${stderr}`);
    }
    const [alone, gloo, nccl] = ["alone", "gloo", "nccl"].map((runs) => metrics(folder, `${name}-${runs}`));
    t.ok(apart(nccl!, alone!) <= WITHIN, `${name}: ${apart(nccl!, alone!).toExponential(1)}`);
    t.equal(apart(nccl!, gloo!), 0, "a sum of two values is the same everywhere");
    t.same(callsIn(none), [], "one process and Gloo do not call NCCL");
    const ranks = callsIn(calls);
    t.same(
      ranks.map((all) => all.find((line) => line.startsWith("ncclCommInitRank"))),
      ["ncclCommInitRank 0 of 2", "ncclCommInitRank 1 of 2"],
    );
    const collectives = ranks.map((all) => all.filter((line) => / of type /.test(line)));
    t.same(collectives[0], collectives[1], "the same collectives in the same order");
    t.equal(collectives[0]!.filter((line) => line.startsWith("ncclBroadcast")).length, 1);
    t.ok(collectives[0]!.length > 20, "gradients, and the statistics of every BatchNorm");
    t.same(
      ranks.map((all) => all.at(-1)),
      ["ncclCommDestroy", "ncclCommDestroy"],
    );
  }
});

t.test("a rank that dies, or that does not answer in time, is lost", { skip: withoutRanks }, async (t) => {
  for (const [signal, reason] of [
    ["SIGKILL", /rank 1 of 2 .*SIGKILL/],
    ["SIGSTOP", /another rank .*no answer within 10\.0+ s/],
  ] as const) {
    const folder = project(t.testdir({ [signal]: {} }));
    writeFileSync(join(folder, "n2uq.config.yaml"), "engines: { torch: { rankTimeout: 10 } }\n");
    const calls = folderOfCalls();
    const args = command(signal, "training.steps=2000");
    const { child, done } = start(args, folder, variables(calls));
    while (callsIn(calls).filter((all) => all.length > 100).length < 2) {
      if (child.exitCode !== null) return t.fail((await done).stderr);
      await wait(20);
    }
    const [other] = childrenOf(child.pid!);
    process.kill(other!, signal);
    const { code, stderr } = await done;
    t.equal(code, 1);
    t.match(stderr, /N2UQ_RANKS_LOST/);
    t.match(stderr, reason);
    t.equal(callsIn(calls)[0]!.at(-1), "ncclCommAbort", "NCCL's kernels would wait forever");
  }
});

t.test("NCCL's own errors end the run with their text", { skip: withoutRanks }, async (t) => {
  const folder = project(t.testdir());
  for (const name of ["ncclCommInitRank", "ncclAllReduce", "ncclBroadcast"]) {
    const environment = { ...variables(folderOfCalls()), N2UQ_TEST_NCCL_FAILS: name };
    const { code, stderr } = await n2uq(command(name), folder, environment);
    t.equal(code, 1, name);
    t.match(stderr, new RegExp(`N2UQ_RANKS_LOST.*${name}: unhandled cuda error`, "s"));
  }
  const { code, stderr } = await n2uq(command("missing"), folder, variables(folderOfCalls(), "/no/nccl.so"));
  t.not(code, 0);
  // Every rank fails; the first one to end is reported.
  t.match(stderr, /(N2UQ_ENGINE_UNAVAILABLE|the engine torch cannot run).*\/no\/nccl\.so/s);
});

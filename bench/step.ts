import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { engines, selectEngine } from "../src/engines/engines.js";
import { setEngineOptions } from "../src/engines/options.js";
import type { EngineName } from "../src/engines/types.js";
import type { StepCase } from "./stepCases.js";
import { allCases, batchOf, exportCase, graphOf, parseCase } from "./stepCases.js";
import type { Conditions } from "./stepConditions.js";
import { codeDigest, machine, revision } from "./stepConditions.js";
import type { Comparison, PeerName } from "./stepPeers.js";
import { comparisonsOf, PYTHON, parsePeer, peers, SCRIPT } from "./stepPeers.js";
import { reportColumns, tableOf } from "./stepReport.js";
import { resultsFile } from "./stepResults.js";
import { measureMissing } from "./stepRun.js";
import type { Figures, Side } from "./stepSide.js";
import { inTurns, startSide } from "./stepSide.js";
import { repeatedStep } from "./trainingStep.js";

/**
 * One training step (forward, cross entropy, backward, Adam) on our engines, compared with each peer
 * (`PEERS=compiled,brevitas`; stepPeers.ts): the same network in PyTorch (bench/step.py) from the same weights
 * on the same images, or without quantizers or with N2UQ on our engine. Each side of a comparison is a separate
 * process; the two sides alternate, and no other comparison runs at the same time. Results are kept in a file
 * (stepResults.ts) and not measured again while their conditions hold; `--fresh` measures them again.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const DEVICE = process.env.DEVICE ?? "cpu";
setEngineOptions({ torch: { device: DEVICE } });
const THIS = fileURLToPath(import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { fresh: { type: "boolean", default: false } },
});
const [role, name = "", ...rest] = positionals;
if (role === "ours") await answer(parseCase(name), rest[0] as EngineName);
else if (role === "export") await exportFrom(parseCase(name), rest);
else if (role === "describe") await describe(name as EngineName);
else await compare();

/** In the child process: one step per line. */
async function answer(stepCase: StepCase, engine: EngineName): Promise<void> {
  const precision = process.env.PRECISION === "bfloat16" ? "bfloat16" : "float32";
  const { version, capabilities } = await engines[engine].load(precision);
  const step = repeatedStep(graphOf(stepCase), batchOf(stepCase));
  console.log(`ready ${capabilities.threads} ${capabilities.gpu ? "cuda" : "cpu"} ${engine} ${version}`);
  for await (const _ of createInterface({ input: process.stdin })) {
    const start = performance.now();
    const loss = step.run();
    console.log(`${performance.now() - start} ${loss}`);
  }
}

/** In a child process: writes the weights and the images of our step for bench/step.py. */
async function exportFrom(stepCase: StepCase, [engine, folder = ""]: readonly string[]): Promise<void> {
  await engines[engine as EngineName].load();
  await exportCase(folder, stepCase, batchOf(stepCase));
}

type Engine = Pick<Conditions, "engineVersion" | "threads" | "device">;

/** In a child process, so that the threads of an engine do not remain in this one. */
async function describe(engine: EngineName): Promise<void> {
  const { version, capabilities } = await engines[engine].load();
  const { threads, gpu } = capabilities;
  const described: Engine = { engineVersion: version, threads, device: gpu ? "cuda" : "cpu" };
  console.log(JSON.stringify(described));
}

async function compare(): Promise<void> {
  const cases = listed("CASES", allCases).map(parseCase);
  const comparisons = comparisonsOf(cases, listed("PEERS", Object.keys(peers)).map(parsePeer));
  const names = listed("ENGINES", [(await selectEngine()).name]) as EngineName[];
  for (const engine of names) await selectEngine(engine);
  const versions = versionsOf(comparisons);
  const fixed = { code: codeDigest(), rounds: ROUNDS, ...machine() };
  for (const engine of names) {
    const described: Engine = JSON.parse(ourselves(["describe", engine]));
    const { results, failed } = await measureMissing(comparisons, {
      file: resultsFile(),
      revision: revision(),
      fresh: values.fresh,
      conditionsOf: ({ stepCase, peer }) => ({
        ...fixed,
        engine,
        ...described,
        peerVersion: versions.get(peer) ?? `${engine} ${described.engineVersion}`,
        batch: batchOf(stepCase),
      }),
      measure: (comparison) => measure(comparison, engine),
      report: (line) => console.error(line),
    });
    const load = loadavg().map((mean) => mean.toFixed(1));
    console.log(`\nA training step on ${engine}; load ${load.join(", ")}; docs/engines.md has the method.\n`);
    console.log(tableOf(results, reportColumns));
    if (failed > 0) process.exitCode = 1;
  }
}

/** The comma-separated values of a variable. */
function listed(variable: string, otherwise: readonly string[]): readonly string[] {
  return process.env[variable]?.split(",") ?? otherwise;
}

/** The versions that each peer in Python uses. @throws Error if it is not installed */
function versionsOf(comparisons: readonly Comparison[]): ReadonlyMap<PeerName, string> {
  const names = new Set(
    comparisons.map(({ peer }) => peer).filter((peer) => peers[peer].program === "python"),
  );
  return new Map(
    [...names].map((peer) => {
      try {
        return [peer, execFileSync(PYTHON, [SCRIPT, "version", peer], { encoding: "utf8" }).trim()];
      } catch {
        throw new Error(`${PYTHON} lacks what ${peer} needs: \`npm run peers\` installs it (N2UQ_PYTHON)`);
      }
    }),
  );
}

/** Runs this script in a role and returns its output. */
function ourselves(args: readonly string[]): string {
  return execFileSync(process.execPath, [...process.execArgv, THIS, ...args], {
    encoding: "utf8",
    env: environment(process.env.THREADS),
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Both sides of a comparison, with the same number of threads. @throws Error if a process ends early */
async function measure(
  { stepCase, peer, counterpart }: Comparison,
  engine: EngineName,
): Promise<readonly [Figures, Figures]> {
  const { program, precision } = peers[peer];
  const what = `${stepCase.name}, ${peer}`;
  const ours = () => startOurs(stepCase.name, engine, precision);
  if (program === "n2uq") return figures(what, ours, () => startOurs(counterpart.name, engine, precision));
  const folder = mkdtempSync(join(tmpdir(), "n2uq-step-"));
  try {
    ourselves(["export", counterpart.name, engine, folder]);
    return await figures(what, ours, ({ threads, device }) => {
      const args = [SCRIPT, "step", counterpart.name, folder, String(threads), device, peer];
      return startSide(PYTHON, args, environment(threads));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function figures(
  what: string,
  startOurs: () => Promise<Side>,
  startPeer: (ours: Side) => Promise<Side>,
): Promise<readonly [Figures, Figures]> {
  const sides: Side[] = [];
  try {
    sides.push(await startOurs());
    sides.push(await startPeer(sides[0] as Side));
    const [ours, theirs] = (await inTurns(sides, ROUNDS)) as [Figures, Figures];
    const losses = [ours, theirs].map((side) => side.losses.map((loss) => loss.toFixed(4)).join(" → "));
    const times = [ours, theirs].map((side) => side.times.map((ms) => ms.toFixed(0)).join(" "));
    const libraries = sides.map(
      ({ library, device, threads }) => `${library} (${device}, ${threads} threads)`,
    );
    console.error(`${what}: ${libraries.join(", ")}; ${times.join(", ")} ms; losses ${losses.join(", ")}`);
    return [ours, theirs];
  } finally {
    for (const side of sides) side.end();
  }
}

function startOurs(name: string, engine: EngineName, precision: string): Promise<Side> {
  const env = { ...environment(process.env.THREADS), PRECISION: precision };
  return startSide(process.execPath, [...process.execArgv, THIS, "ours", name, engine], env);
}

/** The number of threads for libtorch, PyTorch and libtensorflow; undefined: their default. */
function environment(threads: number | string | undefined): NodeJS.ProcessEnv {
  if (threads === undefined) return process.env;
  const count = String(threads);
  return { ...process.env, OMP_NUM_THREADS: count, TF_NUM_INTRAOP_THREADS: count };
}

/**
 * npm run fuzz -- TARGET [--minutes 10] [--seed N] [--only INPUT]
 *
 * Reads generated inputs in a separate process. Prints the number of inputs, the CPU time of the slowest
 * input, the peak memory, and every finding: an error without a code, an input that takes more than 2 s of
 * CPU or more than 512 MB, a crash, or no answer. An input that took too much is read again in a new process,
 * and only this measurement counts. Input number N depends only on the seed and N, so `--seed S --only N`
 * repeats it.
 */
import { fork } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { N2uqError, N2uqErrors } from "../../src/errors.js";
import { stream } from "../../src/random.js";
import type { FuzzTarget } from "./target.js";

const MOST_CPU_MS = 2000;
const MOST_BYTES = 512 * 2 ** 20;
const SILENT_MS = 60_000;
const MOST_FINDINGS = 20;

interface Outcome {
  readonly index: number;
  readonly label: string;
  readonly cpuMs: number;
  readonly bytes: number;
  /** The code of the error, or null if the input was read. */
  readonly code: string | null;
  readonly finding: string | null;
  /** Whether the finding is its time or memory, which earlier inputs may have caused. */
  readonly isSuspect: boolean;
}

type Message = { readonly type: "begin"; readonly index: number } | ({ readonly type: "end" } & Outcome);

const here = fileURLToPath(import.meta.url);
const known = readdirSync(new URL("./targets", import.meta.url))
  .filter((name) => name.endsWith(".js"))
  .map((name) => name.slice(0, -3))
  .sort();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    only: { type: "string" },
    child: { type: "string" },
    from: { type: "string", default: "0" },
  },
});

async function targetOf(name: string): Promise<FuzzTarget> {
  return ((await import(`./targets/${name}.js`)) as { target: FuzzTarget }).target;
}

/** In the reading process: reads input after input; sends a message before each input. */
async function readInputs(name: string, folder: string): Promise<void> {
  const target = await targetOf(name);
  await target.prepare?.(folder);
  const only = values.only === undefined ? null : Number(values.only);
  for (let index = only ?? Number(values.from); only === null || index === only; index += 1) {
    process.send?.({ type: "begin", index } satisfies Message);
    const outcome = await readOne(target, index, folder);
    await new Promise<void>((resolve) => {
      process.send?.({ type: "end", ...outcome } satisfies Message, undefined, undefined, () => resolve());
    });
    // The memory that it holds would also count for later inputs.
    if (outcome.isSuspect) break;
  }
  process.disconnect?.();
  process.exit();
}

async function readOne(target: FuzzTarget, index: number, folder: string): Promise<Outcome> {
  const input = await target.input(stream(Number(values.seed), `fuzz/${index}`), folder);
  const before = process.cpuUsage();
  let [code, finding]: [string | null, string | null] = [null, null];
  try {
    await input.run();
  } catch (error) {
    code = codeOf(error);
    if (code === null) finding = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const { user, system } = process.cpuUsage(before);
  const [cpuMs, bytes] = [(user + system) / 1000, process.memoryUsage.rss()];
  const isSuspect = finding === null && (cpuMs > MOST_CPU_MS || bytes > MOST_BYTES);
  if (isSuspect)
    finding =
      cpuMs > MOST_CPU_MS ? `took ${Math.round(cpuMs)} ms of CPU` : `the process holds ${megabytes(bytes)}`;
  if (finding !== null) writeFileSync(join(folder, "..", `finding-${index}`), input.content);
  return { index, label: input.label, cpuMs, bytes, code, finding, isSuspect };
}

function codeOf(error: unknown): string | null {
  if (error instanceof N2uqErrors) return error.errors.map(codeOf).find((code) => code !== null) ?? null;
  return error instanceof N2uqError && error.code !== "N2UQ_INTERNAL" ? error.code : null;
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MB`;

/** In the watching process: starts readers until the time is over, and skips an input that ended a reader. */
async function watch(name: string): Promise<void> {
  const until = Date.now() + Number(values.minutes) * 60_000;
  const work = mkdtempSync(join(tmpdir(), `n2uq-fuzz-${name}-`));
  const codes = new Map<string, number>();
  const findings: string[] = [];
  let [inputs, slowest, peak, next] = [0, 0, 0, 0];
  const suspects: Outcome[] = [];
  let cleared = 0;
  const hear = (outcome: Outcome) => {
    if (outcome.isSuspect) {
      suspects.push(outcome);
      return;
    }
    count(outcome);
  };
  const count = (outcome: Outcome) => {
    inputs += 1;
    slowest = Math.max(slowest, outcome.cpuMs);
    peak = Math.max(peak, outcome.bytes);
    const code = outcome.code ?? (outcome.finding === null ? "read" : "finding");
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (outcome.finding !== null) tell(outcome.index, outcome.label, outcome.finding);
  };
  const tell = (index: number, label: string, text: string) => {
    findings.push(text);
    const file = join(work, `finding-${index}`);
    // A reader that was killed has not saved the input.
    const again = existsSync(file) ? `saved as ${file}` : `repeat with --seed ${values.seed} --only ${index}`;
    console.log(`finding: input ${index} (${label}): ${text}\n  ${again}`);
  };
  console.log(`fuzz ${name}, seed ${values.seed}, ${values.minutes} minutes`);
  while (Date.now() < until && findings.length < MOST_FINDINGS) {
    const ended = await oneReader(name, work, next, until, values.only, hear);
    next = ended.next;
    for (const suspect of suspects.splice(0)) {
      const again: Outcome[] = [];
      const { crash } = await oneReader(name, work, suspect.index, Infinity, String(suspect.index), (one) =>
        again.push(one),
      );
      const [alone = suspect] = again;
      count(alone);
      if (crash !== null) tell(suspect.index, suspect.label, crash);
      if (alone.finding === null) cleared += 1;
    }
    if (ended.crash !== null) tell(next - 1, "the reader ended", ended.crash);
    if (values.only !== undefined) break;
  }
  for (const [code, count] of [...codes].sort()) console.log(`  ${String(count).padStart(8)}  ${code}`);
  if (cleared > 0) console.log(`${cleared} inputs took too much only after other inputs`);
  console.log(
    `${inputs} inputs, slowest ${slowest.toFixed(0)} ms of CPU, peak ${megabytes(peak)}, ${findings.length} findings`,
  );
  if (findings.length === 0) rmSync(work, { recursive: true, force: true });
  process.exitCode = findings.length > 0 || inputs === 0 ? 1 : 0;
}

/** @returns the number of the next input, and how the reader ended if it ended unexpectedly */
function oneReader(
  name: string,
  work: string,
  from: number,
  until: number,
  onlyInput: string | undefined,
  hear: (outcome: Outcome) => void,
) {
  const folder = join(work, "input");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const only = onlyInput === undefined ? [] : ["--only", onlyInput];
  const child = fork(here, ["--child", name, "--seed", values.seed, "--from", String(from), ...only], {
    env: { ...process.env, N2UQ_FUZZ_FOLDER: folder },
    execArgv: ["--max-old-space-size=1024"],
  });
  return new Promise<{ next: number; crash: string | null }>((resolve) => {
    let next = from;
    let crash: string | null = null;
    let running = false;
    const silence = () => {
      crash = `no answer for ${SILENT_MS / 1000} s`;
      child.kill("SIGKILL");
    };
    let timer = setTimeout(silence, SILENT_MS);
    child.on("message", (message: Message) => {
      clearTimeout(timer);
      timer = setTimeout(silence, SILENT_MS);
      running = message.type === "begin";
      if (message.type === "begin") next = message.index + 1;
      else hear(message);
      if (message.type === "end" && Date.now() > until) {
        running = false;
        child.kill("SIGKILL");
      }
    });
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      const asked = Date.now() > until && crash === null;
      if (running && !asked) crash ??= signal === null ? `exit ${code}` : `signal ${signal}`;
      resolve({ next, crash });
    });
  });
}

const [name = ""] = positionals;
if (values.child !== undefined) await readInputs(values.child, process.env.N2UQ_FUZZ_FOLDER ?? "");
else if (known.includes(name)) await watch(name);
else {
  console.error(
    `usage: npm run fuzz -- TARGET [--minutes 10] [--seed N] [--only INPUT]\ntargets: ${known.join(", ")}`,
  );
  process.exitCode = 2;
}

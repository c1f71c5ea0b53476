import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { root } from "./files.js";

const loader = fileURLToPath(new URL("../source/register.js", import.meta.url));
const together = fileURLToPath(new URL("together.js", import.meta.url));
/** Maximum number of files of several folders that share a process. */
const MOST_TOGETHER = 8;

/**
 * The environment of a unit test: installed engines are found only if `engines` is set, and libtorch has one
 * thread, because two tests run at the same time.
 */
export function unitEnvironment({ engines = false } = {}) {
  const { N2UQ_TEST_ENGINES, ...rest } = process.env;
  const env = { ...rest, N2UQ_ENGINES: "none", OMP_NUM_THREADS: "1", TAP: "1" };
  if (engines) return N2UQ_TEST_ENGINES === undefined ? env : { ...env, N2UQ_TEST_ENGINES };
  const required = Object.keys(env).filter((name) => name.startsWith("N2UQ_REQUIRE_"));
  return { ...env, ...Object.fromEntries(required.map((name) => [name, "0"])), N2UQ_TEST_ENGINES: "none" };
}

/**
 * Runs one test file from source in a separate process.
 *
 * @param {string} file from the root of the repository
 * @param {{ env: NodeJS.ProcessEnv, timeoutMs: number, cpuSeconds?: number, signal?: AbortSignal }} options
 * `cpuSeconds` limits the CPU time, which does not depend on other work on the machine
 * @returns {Promise<{ tap: string, stderr: string, ok: boolean, expired: boolean, ms: number }>} `tap` is its
 * output
 */
export async function runFile(file, options) {
  let tap = "";
  const ended = await runScript(file, options, (text) => {
    tap += text;
  });
  return { tap, ...ended };
}

/**
 * Runs test files one after the other in one process, which loads and compiles shared modules only once.
 *
 * @param {readonly string[]} files
 * @param {Parameters<typeof runFile>[1]} options `timeoutMs` per file
 * @param {(file: string, result: Awaited<ReturnType<typeof runFile>>) => void} onResult called for each file, as soon as it ends
 */
export async function runTogether(files, options, onResult) {
  const [waiting, split] = [new Set(files), splitter()];
  const results = [];
  const env = { ...options.env, N2UQ_TEST_FILES: JSON.stringify(files) };
  const timeoutMs = options.timeoutMs * files.length;
  const { ok, ...ended } = await runScript(together, { ...options, env, timeoutMs }, (text) => {
    for (const { file, ...result } of split.take(text)) {
      waiting.delete(file);
      // The stderr output of a failure is complete only when the process has ended.
      if (result.ok) onResult(file, { ...result, stderr: "", expired: false });
      else results.push([file, result]);
    }
  });
  if (options.signal?.aborted) return;
  for (const [file, result] of results) onResult(file, { ...result, stderr: ended.stderr, expired: false });
  const rest = split.rest();
  for (const file of waiting) {
    const began = rest.includes(`# Subtest: ${file}\n`);
    const why = began ? ended.stderr : "did not run: a file before it ended the process\n";
    onResult(file, {
      ...ended,
      tap: began ? rest : "",
      stderr: why,
      ok: false,
      expired: ended.expired && began,
    });
  }
  // The failure was after the last test.
  if (!ok && waiting.size === 0 && results.length === 0) onResult(files.at(-1), { ...ended, tap: "", ok });
}

/** Splits the output of together.js into that of its files. */
function splitter() {
  let [held, inner] = ["", []];
  return {
    take(text) {
      const found = [];
      const lines = (held + text).split("\n");
      held = lines.pop();
      for (const line of lines) {
        const end = /^(not )?ok \d+ - (\S+) # time=([\d.]+)ms/.exec(line);
        if (end === null) inner.push(line.replace(/^ {4}/, ""));
        else {
          const [, not, file, ms] = end;
          found.push({ file, tap: inner.join("\n"), ok: not === undefined, ms: Number(ms) });
          inner = [];
        }
      }
      return found;
    },
    rest: () => [...inner, held].join("\n"),
  };
}

/** Runs a script from source; resolves when it has ended and its output is complete. */
function runScript(script, { env, timeoutMs, cpuSeconds, signal }, onOutput) {
  const began = performance.now();
  const node = [process.execPath, "--import", loader, script];
  const limited = ["/bin/sh", "-c", `ulimit -t ${cpuSeconds}; exec "$@"`, "sh", ...node];
  const [command, ...args] = cpuSeconds === undefined || process.platform === "win32" ? node : limited;
  const child = spawn(command, args, {
    cwd: root,
    // Otherwise tap would end a test after 30 s.
    env: { ...env, TAP_TIMEOUT: String(Math.ceil(timeoutMs / 1000)) },
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    killSignal: "SIGKILL",
  });
  let [stderr, expired] = ["", false];
  child.stdout.setEncoding("utf8").on("data", onOutput);
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const timer = setTimeout(() => {
    expired = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  return new Promise((resolve) => {
    child.on("error", (error) => {
      stderr += `${error.message}\n`;
    });
    child.on("close", (code, ended) => {
      clearTimeout(timer);
      if (ended === "SIGXCPU") expired = true;
      resolve({ stderr, ok: code === 0, expired, ms: performance.now() - began });
    });
  });
}

/**
 * Runs files in parallel, neighboring files in one process.
 *
 * @param {readonly string[]} files in the order in which they begin
 * @param {{ jobs: number, env: NodeJS.ProcessEnv, timeoutMs: number, signal?: AbortSignal }} options
 * @param {(file: string, result: Awaited<ReturnType<typeof runFile>>) => void} onResult
 */
export async function runFiles(files, options, onResult) {
  const waiting = groups(files);
  const work = async () => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      await runGroup(group, options, onResult);
      if (options.signal?.aborted) return;
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
}

async function runGroup(group, options, onResult) {
  if (group.length > 1) return runTogether(group, options, onResult);
  const result = await runFile(group[0], options);
  if (!options.signal?.aborted) onResult(group[0], result);
}

/** Groups of files that share a process: those of one folder, or of several small neighboring folders. */
function groups(files) {
  const found = [];
  for (const folder of new Set(files.map(dirname))) {
    const own = files.filter((file) => dirname(file) === folder);
    const last = found.at(-1);
    if (last !== undefined && last.length + own.length <= MOST_TOGETHER) last.push(...own);
    else found.push(own);
  }
  return found;
}

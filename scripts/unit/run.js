import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { root } from "./files.js";

const loader = fileURLToPath(new URL("../source/register.js", import.meta.url));

/**
 * The environment of a unit test: no installed engine is found, unless `engines` is set, and libtorch has one thread, since two
 * tests run at a time.
 */
export function unitEnvironment({ engines = false } = {}) {
  const { N2UQ_TEST_ENGINES, ...rest } = process.env;
  const env = { ...rest, N2UQ_ENGINES: "none", OMP_NUM_THREADS: "1", TAP: "1" };
  if (engines) return N2UQ_TEST_ENGINES === undefined ? env : { ...env, N2UQ_TEST_ENGINES };
  const required = Object.keys(env).filter((name) => name.startsWith("N2UQ_REQUIRE_"));
  return { ...env, ...Object.fromEntries(required.map((name) => [name, "0"])), N2UQ_TEST_ENGINES: "none" };
}

/**
 * Runs one test file from source in a process of its own.
 *
 * @param {string} file from the root of the repository
 * @param {{ env: NodeJS.ProcessEnv, timeoutMs: number, signal?: AbortSignal }} options
 * @returns {Promise<{ tap: string, stderr: string, ok: boolean, expired: boolean, ms: number }>} `tap` is what it printed
 */
export function runFile(file, { env, timeoutMs, signal }) {
  const began = performance.now();
  const child = spawn(process.execPath, ["--import", loader, file], {
    cwd: root,
    // tap would end a test after 30 s of its own accord.
    env: { ...env, TAP_TIMEOUT: String(Math.ceil(timeoutMs / 1000)) },
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    killSignal: "SIGKILL",
  });
  let [tap, stderr, expired] = ["", "", false];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    tap += text;
  });
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
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ tap, stderr, ok: code === 0, expired, ms: performance.now() - began });
    });
  });
}

/**
 * Runs files side by side.
 *
 * @param {readonly string[]} files in the order in which they begin
 * @param {{ jobs: number, env: NodeJS.ProcessEnv, timeoutMs: number, signal?: AbortSignal }} options
 * @param {(file: string, result: Awaited<ReturnType<typeof runFile>>) => void} onResult
 */
export async function runFiles(files, options, onResult) {
  const waiting = [...files];
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runFile(file, options);
      if (options.signal?.aborted) return;
      onResult(file, result);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
}

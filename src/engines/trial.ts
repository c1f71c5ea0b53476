import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { orElse } from "../attempt.js";
import { temporaryName } from "../files/temporary.js";
import { makeFolder } from "../folders.js";
import { checkEnginesFolder, enginesFolder } from "./folder.js";

/** The answer of a native module, or the reason why it does not work. */
export type Probe =
  | {
      readonly works: true;
      readonly version: string;
      /** Whether it can compute on a GPU. */
      readonly gpu: boolean;
      /** Why it can't use the GPU that it finds. */
      readonly gpuFault?: string;
      /**
       * Environment variables that must be set before the module is loaded, so that it computes correctly.
       */
      readonly needs?: Readonly<Record<string, string>>;
    }
  | { readonly works: false; readonly reason: string };

type Answer = Omit<Extract<Probe, { works: true }>, "works">;

/** How to test a native module. */
export interface Trial {
  /**
   * JavaScript that opens the module `process.argv[1]`, computes something, and prints the JSON of an
   * `Answer` on its last line: `version`, `gpu`, and `needs` if variables must be set.
   */
  readonly script: string;
  readonly module: string;
  /** Environment variables that are added to those of this process. */
  readonly environment: Readonly<Record<string, string>>;
  /** The module's files; a cached success is tested again when one of them changes. */
  readonly files: readonly string[];
  /** Other environment variables that the result depends on. */
  readonly variables: readonly string[];
}

const run = promisify(execFile);
const known = new Map<string, Promise<Probe>>();

/**
 * Tests a native module in a separate process, because a broken module may crash. A success is cached on the
 * disk and is valid as long as the module's files and the environment are unchanged.
 */
export function attempt(trial: Trial): Promise<Probe> {
  const key = fingerprint(trial);
  const found = known.get(key) ?? savedProbe(key) ?? tried(trial, key);
  known.set(key, found);
  return found;
}

async function tried({ script, module, environment }: Trial, key: string): Promise<Probe> {
  try {
    const env = { ...process.env, ...environment, NODE_OPTIONS: "" };
    const { stdout } = await run(process.execPath, ["-e", script, module], { env, timeout: 120_000 });
    const answer = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Answer;
    remember(key, answer);
    return { works: true, ...answer };
  } catch (error) {
    return { works: false, reason: reasonOf(error as Failure) };
  }
}

interface Failure {
  readonly signal?: string | null;
  readonly killed?: boolean;
  readonly stderr?: string;
  readonly message: string;
}

function reasonOf({ signal, killed, stderr = "", message }: Failure): string {
  if (killed === true) return "it did not answer within two minutes";
  if (signal === "SIGILL") return "this processor lacks instructions that it was built for";
  if (typeof signal === "string") return `it crashes on loading (${signal})`;
  const said = /^(?:\w*Error): (.+)$/m.exec(stderr)?.[1] ?? stderr.trim().split("\n").at(-1);
  return said === undefined || said === "" ? message : said;
}

function fingerprint({ files, environment, variables }: Trial): string {
  const stamps = files.map((file) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    return [file, stat?.size, stat?.mtimeMs];
  });
  const settings = variables.map((name) => environment[name] ?? process.env[name]);
  const text = JSON.stringify([stamps, process.versions.node, ...settings]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function memoryFile(key: string): string {
  return join(enginesFolder(), "probes", `${key}.json`);
}

function savedProbe(key: string): Promise<Probe> | undefined {
  const text = orElse(() => readFileSync(memoryFile(key), "utf8"), "null");
  const answer = orElse(() => JSON.parse(text) as Answer | null, null);
  return answer === null ? undefined : Promise.resolve({ works: true, ...answer });
}

function remember(key: string, answer: object): void {
  try {
    checkEnginesFolder();
    makeFolder(join(enginesFolder(), "probes"));
    const unfinished = temporaryName(memoryFile(key));
    writeFileSync(unfinished, JSON.stringify(answer));
    renameSync(unfinished, memoryFile(key));
  } catch {
    // If the folder is not writable, the next process tests again.
  }
}

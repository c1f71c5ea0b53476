import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { enginesFolder } from "./folder.js";
import type { Library } from "./libraries.js";

/** What a library said of itself, or why it does not work. */
export type Probe =
  | { readonly works: true; readonly version: string; readonly gpu: boolean }
  | { readonly works: false; readonly reason: string };

const run = promisify(execFile);
const known = new Map<string, Promise<Probe>>();

/** Opens the native module and multiplies two numbers; a broken library may kill the process that does so. */
const SCRIPT = `
const b = require(process.argv[1]);
const two = b.createTensor([], b.TF_FLOAT, Float32Array.of(2));
const [{ id }] = b.executeOp("Mul", [{ name: "T", type: b.TF_ATTR_TYPE, value: b.TF_FLOAT }], [two, two], 1);
if (b.tensorDataSync(id)[0] !== 4) throw new Error("2 x 2 is not 4");
console.log("\\n" + JSON.stringify({ version: b.TF_Version, gpu: b.isUsingGpuDevice() }));
`;

/**
 * Tries a library in a process of its own, under the environment that it would be loaded in. What works is remembered on the
 * disk for as long as its files and that environment stay the same.
 */
export function probe(library: Library, environment: Readonly<Record<string, string>>): Promise<Probe> {
  const key = fingerprint(library, environment);
  const found = known.get(key) ?? remembered(key) ?? tried(library, environment, key);
  known.set(key, found);
  return found;
}

async function tried({ binding }: Library, environment: Readonly<Record<string, string>>, key: string) {
  try {
    const env = { ...process.env, ...environment, NODE_OPTIONS: "" };
    const { stdout } = await run(process.execPath, ["-e", SCRIPT, binding], { env, timeout: 120_000 });
    const answer = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as { version: string; gpu: boolean };
    remember(key, answer);
    return { works: true, ...answer } as const;
  } catch (error) {
    return { works: false, reason: reasonOf(error as Failure) } as const;
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

/** Changes when the library's files, Node.js or the choice of devices do. */
function fingerprint({ folder, binding }: Library, environment: Readonly<Record<string, string>>): string {
  const shared = join(folder, "deps", "lib");
  const files = [binding, ...list(shared).map((name) => join(shared, name))];
  const stamps = files.map((file) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    return [file, stat?.size, stat?.mtimeMs];
  });
  const devices = environment.CUDA_VISIBLE_DEVICES ?? process.env.CUDA_VISIBLE_DEVICES;
  const path = process.env.LD_LIBRARY_PATH;
  const text = JSON.stringify([stamps, process.versions.node, devices, path]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function memoryFile(key: string): string {
  return join(enginesFolder(), "probes", `${key}.json`);
}

function remembered(key: string): Promise<Probe> | undefined {
  try {
    const answer = JSON.parse(readFileSync(memoryFile(key), "utf8")) as { version: string; gpu: boolean };
    return Promise.resolve({ works: true, ...answer });
  } catch {
    return undefined;
  }
}

function remember(key: string, answer: object): void {
  try {
    mkdirSync(join(enginesFolder(), "probes"), { recursive: true });
    const unfinished = `${memoryFile(key)}.${process.pid}`;
    writeFileSync(unfinished, JSON.stringify(answer));
    renameSync(unfinished, memoryFile(key));
  } catch {
    // A folder that cannot be written only costs another try next time.
  }
}

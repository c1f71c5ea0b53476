import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { orElse } from "../attempt.js";
import { N2uqError } from "../errors.js";
import { plainFault } from "./plain.js";
import { readText } from "./read.js";
import { childOf, fromValue, type Tree } from "./tree.js";
import { readYaml } from "./yaml.js";

const CODE = [".js", ".mjs", ".cjs"];
const TEXT = [".yaml", ".yml", ".json"];
/** Config formats of other tools, which are not supported. */
const OTHERS = [".ts", ".mts", ".cts", ".toml", ".json5", ".jsonc", ".ini", ".py"];

const READ = [...TEXT, ...CODE].map((end) => `n2uq.config${end}`);
const PLACES = [...READ, ".n2uqrc", ...TEXT.map((end) => `.n2uqrc${end}`)];
const REFUSED = [
  "n2uq.config",
  ...OTHERS.map((end) => `n2uq.config${end}`),
  ...[...CODE, ...OTHERS].map((end) => `.n2uqrc${end}`),
];

/** A project config that was found. */
export interface FoundConfig {
  /** Absolute path. */
  readonly file: string;
  readonly tree: Tree;
}

/**
 * Finds the project's config in `cwd` or its parents, up to the nearest package.json. Opens only files whose
 * name is that of a config of n2uq, and reads only the key `n2uq` of package.json. @throws N2uqError or
 * N2uqErrors N2UQ_CONFIG_PROJECT_KIND, _TWO_PROJECTS, _CODE, N2UQ_CONFIG_*
 */
export async function findConfig(cwd: string): Promise<FoundConfig | undefined> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const names = filesIn(folder);
    const refused = names.find((name) => isRefused(name));
    if (refused !== undefined) throw notOurs(join(folder, refused));
    const isPackage = names.includes("package.json");
    const packaged = isPackage ? packageConfig(join(folder, "package.json"), cwd) : undefined;
    const found = names.filter((name) => PLACES.includes(name));
    const all = [...found, ...(packaged === undefined ? [] : ["package.json"])];
    if (all.length > 1) throw two(folder, all);
    if (packaged !== undefined) return packaged;
    const [name] = found;
    if (name !== undefined) return readConfig(join(folder, name), cwd);
    if (isPackage || dirname(folder) === folder) return undefined;
  }
}

/** Whether a file name is a misspelled or unsupported config name, such as `N2UQ.config.yaml`. */
function isRefused(name: string): boolean {
  const lower = name.toLowerCase();
  return REFUSED.includes(lower) || (PLACES.includes(lower) && !PLACES.includes(name));
}

/** Names of the files and links in a folder. A folder with a config's name belongs to another tool. */
function filesIn(folder: string): string[] {
  const known = /^(\.n2uqrc|n2uq\.config|package\.json$)/i;
  const names: string[] = orElse(() => readdirSync(folder), []);
  return names.filter((name) => known.test(name) && !isOther(join(folder, name))).sort();
}

/**
 * True for folders, pipes and devices, which are skipped. False for a dangling link, because an unreadable
 * config must be reported.
 */
function isOther(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile();
}

/** Reads a config file. @throws as `findConfig` */
export async function readConfig(file: string, cwd: string): Promise<FoundConfig> {
  if (isRefused(basename(file))) throw notOurs(file);
  if (CODE.includes(extname(file))) return { file, tree: await runCode(file, cwd) };
  return {
    file,
    tree: readYaml(await readText(file, cwd), { kind: "project", file, label: labelOf(file, cwd) }),
  };
}

function labelOf(file: string, cwd: string) {
  return (line?: number) => `${relative(cwd, file)}${line === undefined ? "" : `:${line}`}`;
}

/** Reads the key `n2uq` of a package.json; invalid package.json files are ignored. */
function packageConfig(file: string, cwd: string): FoundConfig | undefined {
  try {
    const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("n2uq" in value)) return undefined;
    return { file, tree: placed(file, text, cwd) ?? fromValue(value.n2uq, originOf(file, cwd)) };
  } catch {
    return undefined;
  }
}

/** Parses with line numbers; undefined if n2uq rejects another part of the file, such as a duplicate key. */
function placed(file: string, text: string, cwd: string): Tree | undefined {
  return orElse(
    () => childOf(readYaml(text, { kind: "project", file, label: labelOf(file, cwd) }), "n2uq"),
    undefined,
  );
}

function originOf(file: string, cwd: string) {
  return { kind: "project", file, label: labelOf(file, cwd)() } as const;
}

async function runCode(file: string, cwd: string): Promise<Tree> {
  const module: { default?: unknown } = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw notLoaded(file, reason, cause);
  });
  const value = module.default;
  const fault = value === undefined ? "it has no default export" : plainFault(value);
  if (fault !== undefined) throw notLoaded(file, fault);
  return fromValue(JSON.parse(JSON.stringify(value)), originOf(file, cwd));
}

function notLoaded(file: string, reason: string, cause?: unknown): N2uqError {
  return new N2uqError("N2UQ_CONFIG_CODE", { reason }, { cause, location: { file } });
}

function notOurs(file: string): N2uqError {
  const known = READ.join(", ");
  return new N2uqError("N2UQ_CONFIG_PROJECT_KIND", { file: basename(file), known }, { location: { file } });
}

function two(folder: string, names: readonly string[]): N2uqError {
  const files = names.join(" and ");
  const location = { file: join(folder, names[0] ?? "") };
  return new N2uqError("N2UQ_CONFIG_TWO_PROJECTS", { files }, { location });
}

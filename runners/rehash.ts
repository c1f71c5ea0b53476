import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { orElse } from "../src/attempt.js";
import { type LoadOptions, loadExperiment } from "../src/config/load.js";
import { N2uqError, N2uqErrors } from "../src/errors.js";
import { namesIn } from "../src/files/names.js";
import { experimentHash, isProvisional } from "../src/resolve/hash.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import { IDENTITY, type RunIdentity, readIdentity, recordedHash } from "../src/runs/identity.js";
import { holderOf } from "../src/runs/lock.js";
import { readTextFile } from "../src/runs/runFiles.js";
import { runNames } from "../src/runs/runIndex.js";
import { writeAtomic } from "../src/weights/atomic.js";
import { Contents } from "./content.js";
import { identityOf } from "./identity.js";
import { Resolver } from "./resolve.js";
import { resolvedYaml } from "./result.js";
import { knownSweeps, type Ledger, sweepHash } from "./sweep/ledger.js";

/** A run directory with a new hash. */
export interface Rehashed {
  readonly from: string;
  readonly to: string;
}

export interface RehashOutcome {
  readonly moved: readonly Rehashed[];
  /** Unchanged run directories, with the reason. */
  readonly kept: readonly { readonly directory: string; readonly reason: string }[];
}

interface Plan {
  readonly name: string;
  readonly old: string;
  readonly hash: string;
  readonly to: string;
  readonly resolved: ResolvedExperiment;
  readonly identity: RunIdentity;
}

/** Pending renames; the next call finishes them first. */
const JOURNAL = "rehash.json";

/**
 * Gives run directories of another version this version's hashes: reads each experiment, drops values without
 * effect, and renames the directory. Keeps results, weights and checkpoints. An interrupted call can be
 * repeated. @throws N2uqError N2UQ_RUN_LOCKED if a run is running
 */
export async function rehashRuns(runs: string, models: string, options: LoadOptions): Promise<RehashOutcome> {
  finishRenames(runs);
  const kept: { directory: string; reason: string }[] = [];
  const plans: Plan[] = [];
  const resolver = new Resolver({ ...options, readsOnly: true, leavesOut: true });
  const contents = new Contents(models);
  for (const name of runNames(runs)) {
    const directory = join(runs, name);
    const holder = holderOf(directory);
    if (holder !== null)
      throw new N2uqError("N2UQ_RUN_LOCKED", { directory, ...holder, file: join(directory, "lock") });
    const found = await planOf(directory, resolver, contents, options);
    if (typeof found === "string") kept.push({ directory: name, reason: found });
    else plans.push(found);
  }
  const changed = plans.filter(
    ({ old, hash, name }) => old !== hash || readIdentity(join(runs, name)) === null,
  );
  const hashes = new Map(changed.map(({ old, hash }) => [old, hash]));
  const places = new Map(changed.map(({ hash, to }) => [hash, join(runs, to)]));
  const directories = {
    directory: (name: string, hash: string) => places.get(hash) ?? join(runs, `${name}-${hash.slice(0, 8)}`),
  };
  for (const plan of changed) await rewrite(join(runs, plan.name), plan, hashes, directories);
  const moves = [
    ...changed.map(({ name, to }) => [name, to]),
    ...(await rewriteLedgers(runs, hashes, new Map(changed.map(({ name, to }) => [name, to])))),
  ];
  await writeAtomic(join(runs, JOURNAL), [JSON.stringify(moves)]);
  finishRenames(runs);
  const moved = changed.filter(({ name, to }) => name !== to).map(({ name, to }) => ({ from: name, to }));
  return { moved, kept };
}

/** The new name of a run directory, or the reason why it is kept. */
async function planOf(
  directory: string,
  resolver: Resolver,
  contents: Contents,
  options: LoadOptions,
): Promise<Plan | string> {
  const file = join(directory, "resolved.yaml");
  const known = recordedHash(directory);
  if (known === null || !existsSync(file)) return "it has no resolved.yaml that names its hash";
  try {
    const { resolved } = await resolver.resolve(await loadExperiment(file, { ...options, leavesOut: true }));
    if (isProvisional(resolved)) return "its data or weights can't be read on this machine";
    const name = basename(directory);
    const hash = experimentHash(resolved);
    const identity = await identityOf({ contents }, resolved);
    const to = `${name.slice(0, -9)}-${hash.slice(0, 8)}`;
    return { name, old: known.hash, hash, to, resolved, identity };
  } catch (error) {
    if (error instanceof N2uqError || error instanceof N2uqErrors)
      return error.message.replaceAll("\n", "; ");
    throw error;
  }
}

/** Rewrites the small files in place. Checkpoints keep their hash, which is recorded as a former one. */
async function rewrite(
  directory: string,
  { old, hash, resolved, identity }: Plan,
  hashes: ReadonlyMap<string, string>,
  directories: Parameters<typeof resolvedYaml>[0]["directories"],
): Promise<void> {
  const formerly = [
    ...new Set([...(readIdentity(directory)?.formerly ?? []), ...(old === hash ? [] : [old])]),
  ];
  for (const name of ["result.json", "start.json", "analysis.json"]) {
    const file = join(directory, name);
    if (!existsSync(file)) continue;
    const text = replaced(readFileSync(file, "utf8"), hashes);
    const isResult = name === "result.json" && !text.includes('"recipe"');
    const recipe = `"hash": "${hash}",\n  "recipe": "${identity.recipe}"`;
    await writeAtomic(file, [isResult ? text.replace(`"hash": "${hash}"`, recipe) : text]);
  }
  await writeAtomic(join(directory, "resolved.yaml"), [resolvedYaml({ directories }, resolved)]);
  await writeAtomic(join(directory, IDENTITY), [`${JSON.stringify({ ...identity, formerly }, null, 1)}\n`]);
}

/**
 * Updates sweeps, which name their cells by hash and directory. @returns the folders to rename, relative to
 * `runs`
 */
async function rewriteLedgers(
  runs: string,
  hashes: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, string>,
): Promise<string[][]> {
  const moves: string[][] = [];
  for (const { folder } of knownSweeps(runs).sweeps) {
    const file = join(folder, "sweep.json");
    const text = replaced(readFileSync(file, "utf8"), hashes);
    const ledger = JSON.parse(text) as Ledger;
    const cells = ledger.cells.map((cell) => ({
      ...cell,
      directory: names.get(cell.directory) ?? cell.directory,
    }));
    const hash = sweepHash(ledger.name, cells);
    if (hash === ledger.hash) continue;
    await writeAtomic(file, [`${JSON.stringify({ ...ledger, hash, cells }, null, 1)}\n`]);
    const name = basename(folder);
    moves.push([join("sweeps", name), join("sweeps", `${name.slice(0, -9)}-${hash.slice(0, 8)}`)]);
  }
  return moves;
}

function replaced(text: string, hashes: ReadonlyMap<string, string>): string {
  return text.replace(/"[0-9a-f]{64}"/g, (quoted) => {
    const hash = hashes.get(quoted.slice(1, -1));
    return hash === undefined ? quoted : `"${hash}"`;
  });
}

function finishRenames(runs: string): void {
  const journal = join(runs, JOURNAL);
  if (!existsSync(journal)) return;
  for (const [from = "", to = ""] of movesIn(journal)) {
    if (from === to || !existsSync(join(runs, from)) || namesIn(join(runs, to)).length > 0) continue;
    renameSync(join(runs, from), join(runs, to));
  }
  rmSync(journal);
}

/** @throws N2uqError N2UQ_RUN_CORRUPT */
function movesIn(file: string): readonly (readonly string[])[] {
  const text = readTextFile(file);
  const found: unknown = text.state === "read" ? orElse(() => JSON.parse(text.value), null) : null;
  if (Array.isArray(found) && found.every(isMove)) return found;
  throw new N2uqError("N2UQ_RUN_CORRUPT", { file, reason: "it is not a list of directories to rename" });
}

function isMove(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.every((name) => typeof name === "string" && !name.split("/").includes(".."))
  );
}

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { N2uqError } from "../../src/errors.js";
import { packageVersion } from "../../src/package.js";
import type { SweepSpec } from "../../src/sweep/types.js";
import { writeAtomic } from "../../src/weights/atomic.js";
import type { RunStatus } from "../state.js";
import { statusOf } from "../state.js";
import type { Cell } from "./cells.js";

/** What a sweep remembers of a cell; everything else is in the cell's run directory. */
export interface LedgerCell
  extends Pick<Cell, "hash" | "name" | "values" | "needs" | "nodes" | "shared" | "bitOps" | "steps"> {
  /** Name of its run directory. */
  readonly directory: string;
}

/** `runs/sweeps/<name>-<hash8>/sweep.json`: which cells a sweep has. How they stand is read from their run directories. */
export interface Ledger {
  readonly format: 1;
  readonly name: string;
  readonly hash: string;
  /** The sweep file, relative to the runs folder. */
  readonly file: string | null;
  readonly n2uq: string;
  /** ISO time of its first start. */
  readonly created: string;
  readonly cells: readonly LedgerCell[];
}

/** A ledger where it lies, and how its cells stand. */
export interface SweepStatus {
  readonly ledger: Ledger;
  /** Absolute. */
  readonly folder: string;
  readonly cells: readonly (LedgerCell & { readonly status: RunStatus })[];
}

const FOLDER = "sweeps";
const FILE = "sweep.json";

/** Writes the ledger of a sweep; the same cells under the same name are the same sweep. */
export async function writeLedger(
  runs: string,
  { name, file }: Pick<SweepSpec, "name" | "file">,
  cells: readonly Cell[],
): Promise<{ ledger: Ledger; folder: string }> {
  const hash = createHash("sha256")
    .update(JSON.stringify([name, cells.map((cell) => cell.hash).sort()]))
    .digest("hex");
  const folder = join(runs, FOLDER, `${name}-${hash.slice(0, 8)}`);
  const path = join(folder, FILE);
  if (existsSync(path)) return { ledger: readLedger(folder), folder };
  const ledger: Ledger = {
    format: 1,
    name,
    hash,
    file: file === undefined ? null : relative(runs, file),
    n2uq: packageVersion(),
    created: new Date().toISOString(),
    cells: cells.map(({ resolved: _, experiment: __, begun: ___, directory, ...cell }) => ({
      ...cell,
      directory: basename(directory),
    })),
  };
  await mkdir(folder, { recursive: true });
  await writeAtomic(path, [`${JSON.stringify(ledger, null, 1)}\n`]);
  return { ledger, folder };
}

/**
 * A sweep by its name, its folder's name or a prefix of it; the latest of several, and the latest of all where none is named.
 * @throws N2uqError N2UQ_SWEEP_UNKNOWN
 */
export function findSweep(runs: string, name: string | undefined): string {
  const folders = sweepFolders(runs);
  const matching = folders.filter(
    (folder) => name === undefined || basename(folder).startsWith(basename(name)),
  );
  const found = matching.at(-1);
  if (found !== undefined) return found;
  const known = folders.map((folder) => basename(folder)).join(", ") || "none";
  throw new N2uqError("N2UQ_SWEEP_UNKNOWN", { name: name ?? "", folder: join(runs, FOLDER), known });
}

/** Folders of all sweeps, the latest last. */
export function sweepFolders(runs: string): string[] {
  const root = join(runs, FOLDER);
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .map((name) => join(root, name))
    .filter((folder) => existsSync(join(folder, FILE)))
    .map((folder) => ({ folder, time: statSync(folder).mtimeMs }))
    .sort((a, b) => a.time - b.time)
    .map(({ folder }) => folder);
}

/** @throws N2uqError N2UQ_RUN_CORRUPT */
export function readLedger(folder: string): Ledger {
  const file = join(folder, FILE);
  try {
    const ledger = JSON.parse(readFileSync(file, "utf8")) as Ledger;
    if (ledger.format === 1) return ledger;
    throw new RangeError(`its format is ${ledger.format}, this version reads 1`);
  } catch (cause) {
    throw new N2uqError("N2UQ_RUN_CORRUPT", { file, reason: (cause as Error).message }, { cause });
  }
}

/** How every cell of a sweep stands, from files alone. */
export function sweepStatus(runs: string, folder: string): SweepStatus {
  const ledger = readLedger(folder);
  const cells = ledger.cells.map((cell) => ({ ...cell, status: statusOf(join(runs, cell.directory)) }));
  return { ledger, folder, cells };
}

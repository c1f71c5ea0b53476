import { createHash } from "node:crypto";
import { basename, join, relative } from "node:path";
import { N2uqError } from "../../src/errors.js";
import { namesIn } from "../../src/files/names.js";
import { makeFolder } from "../../src/folders.js";
import { packageVersion } from "../../src/package.js";
import type { Restored } from "../../src/runs/record.js";
import { type FileRead, readRunFile } from "../../src/runs/runFiles.js";
import { RunRecords } from "../../src/runs/runRecords.js";
import { type RunStatus, statusOf } from "../../src/runs/state.js";
import type { SkippedRun } from "../../src/runs/summary.js";
import type * as file from "../../src/schema/generated/run.js";
import type { SweepSpec } from "../../src/sweep/types.js";
import { writeAtomic } from "../../src/weights/atomic.js";
import type { Cell } from "./cells.js";

/**
 * `runs/sweeps/<name>-<hash8>/sweep.json`: the cells of a sweep. Their states are read from their run
 * directories.
 */
export interface Ledger extends Restored<Omit<file.Ledger, "cells">> {
  readonly cells: readonly LedgerCell[];
}

/** A sweep's record of a cell; everything else is in the cell's run directory. */
export type LedgerCell = Restored<Required<file.Ledger["cells"][number]>>;

/** A sweep with a readable ledger. */
export interface KnownSweep {
  /** Absolute path. */
  readonly folder: string;
  readonly ledger: Ledger;
}

/** A sweep, and the status of its cells. */
export interface SweepStatus extends KnownSweep {
  readonly cells: readonly (LedgerCell & { readonly status: RunStatus })[];
}

const FOLDER = "sweeps";
const FILE = "sweep.json";

/**
 * Writes the ledger of a sweep. Two sweeps with the same name and the same cells have one ledger. Rewrites a
 * damaged ledger.
 */
export async function writeLedger(
  runs: string,
  { name, file }: Pick<SweepSpec, "name" | "file">,
  cells: readonly Cell[],
): Promise<KnownSweep> {
  const hash = sweepHash(name, cells);
  const folder = join(runs, FOLDER, `${name}-${hash.slice(0, 8)}`);
  const path = join(folder, FILE);
  const known = ledgerIn(folder);
  if (known.state === "read") return { ledger: known.value, folder };
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
  makeFolder(folder);
  await writeAtomic(path, [`${JSON.stringify(ledger, null, 1)}\n`]);
  return { ledger, folder };
}

/** A sweep's identity: its name and its cells. */
export function sweepHash(name: string, cells: readonly Pick<LedgerCell, "hash">[]): string {
  const hashes = cells.map(({ hash }) => hash).sort();
  return createHash("sha256")
    .update(JSON.stringify([name, hashes]))
    .digest("hex");
}

/** The sweeps of a folder, the latest last, and the sweeps with a damaged ledger. */
export interface KnownSweeps {
  readonly sweeps: readonly KnownSweep[];
  readonly skipped: readonly SkippedRun[];
}

/** All sweeps of a folder by the time in their ledgers, which copying does not change. */
export function knownSweeps(runs: string): KnownSweeps {
  const sweeps: KnownSweep[] = [];
  const skipped: SkippedRun[] = [];
  for (const name of namesIn(join(runs, FOLDER))) {
    const folder = join(runs, FOLDER, name);
    const read = ledgerIn(folder);
    if (read.state === "read") sweeps.push({ folder, ledger: read.value });
    if (read.state === "damaged")
      skipped.push({ directory: folder, reason: `${FILE} is damaged: ${read.reason}` });
  }
  const time = ({ ledger }: KnownSweep) => Date.parse(ledger.created);
  sweeps.sort((a, b) => time(a) - time(b) || (a.folder < b.folder ? -1 : 1));
  return { sweeps, skipped };
}

/**
 * The sweeps that match a name, the latest last; all sweeps if the name is undefined. An exact folder name or
 * sweep name takes precedence over prefixes. @throws N2uqError N2UQ_SWEEP_UNKNOWN; N2UQ_RUN_CORRUPT if only
 * damaged ones match
 */
export function findSweeps(runs: string, name: string | undefined): KnownSweeps {
  const all = knownSweeps(runs);
  const asked = name === undefined ? "" : basename(name);
  const isFolder = (folder: string) => basename(folder) === asked;
  const begins = (folder: string) => basename(folder).startsWith(asked);
  const tiers: readonly ((sweep: KnownSweep) => boolean)[] = [
    ({ folder }) => isFolder(folder),
    ({ ledger }) => ledger.name === asked,
    ({ folder }) => begins(folder),
  ];
  const sweeps = tiers.map((tier) => all.sweeps.filter(tier)).find((found) => found.length > 0);
  const skipped = all.skipped.filter(({ directory }) => begins(directory));
  if (sweeps !== undefined && !skipped.some(({ directory }) => isFolder(directory)))
    return { sweeps, skipped };
  const [damaged] = skipped;
  if (damaged !== undefined)
    throw new N2uqError("N2UQ_SWEEP_DAMAGED", { sweep: basename(damaged.directory), reason: damaged.reason });
  const known = all.sweeps.map(({ folder }) => basename(folder)).join(", ") || "none";
  throw new N2uqError("N2UQ_SWEEP_UNKNOWN", { name: name ?? "", folder: join(runs, FOLDER), known });
}

function ledgerIn(folder: string): FileRead<Ledger> {
  const read = readRunFile(join(folder, FILE), "ledger");
  if (read.state !== "read") return read;
  const cells = read.value.cells.map((cell) => ({ nodes: 1, ...cell }));
  return { state: "read", value: { ...read.value, cells } };
}

/** @throws N2uqError N2UQ_SWEEP_DAMAGED */
function readLedger(folder: string): Ledger {
  const read = ledgerIn(folder);
  if (read.state === "read") return read.value;
  const reason = read.state === "absent" ? `it has no ${FILE}` : `${FILE} is damaged: ${read.reason}`;
  throw new N2uqError("N2UQ_SWEEP_DAMAGED", { sweep: basename(folder), reason });
}

/** The status of every cell of a sweep, from files only. */
export function sweepStatus(runs: string, folder: string): SweepStatus {
  const ledger = readLedger(folder);
  const records = new RunRecords(runs);
  const cells = ledger.cells.map((cell) => ({
    ...cell,
    status: statusOf(join(runs, cell.directory), records),
  }));
  records.save();
  return { ledger, folder, cells };
}

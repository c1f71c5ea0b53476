import type { LoadOptions } from "../src/config/load.js";
import { readSweep } from "../src/sweep/read.js";
import { candidatesOf } from "./searchCandidates.js";
import { resolveCells } from "./sweep/cells.js";
import { fillTable } from "./table.js";

/**
 * Checks a sweep, a search or a table, and every cell of it. @returns a short description of the file @throws
 * N2uqError or N2uqErrors, located
 */
export async function validateCells(
  file: string,
  kind: string,
  load: LoadOptions,
  runs: string,
): Promise<string> {
  const cwd = load.cwd ?? process.cwd();
  const flags = { profile: load.profiles ?? [], set: load.set ?? [] };
  const options = { ...load, cwd, readsOnly: true };
  const spec = await readSweep([file], flags, cwd);
  const { cells } = await resolveCells(spec, options, runs);
  const own = cells.filter(({ shared }) => !shared);
  if (spec.search !== undefined) for (const { resolved } of own) candidatesOf(resolved, spec.search);
  if (kind !== "table") return `${kind}, ${own.length} ${own.length === 1 ? "cell" : "cells"}`;
  const { rows } = await fillTable(file, flags, options, runs);
  return `table, ${rows.length} rows, ${own.length} cells`;
}

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveCells } from "../../runners/sweep/cells.js";
import type { SweepFlags } from "../../src/sweep/read.js";
import { readSweep } from "../../src/sweep/read.js";
import { runRecord } from "./records.js";
import { root } from "./root.js";

export const fixtures = join(root, "test", "fixtures", "tables");

/** The run directory of the cell with these axis values. */
export async function directories(file: string, runs: string, flags: SweepFlags = {}) {
  const { cells } = await resolveCells(await readSweep([file], flags, fixtures), { cwd: fixtures }, runs);
  return (wanted: Record<string, string>) => {
    const cell = cells.find(({ values }) =>
      Object.entries(wanted).every(([key, value]) => values[key] === value),
    );
    if (cell === undefined) throw new Error(`no cell has ${JSON.stringify(wanted)}`);
    return cell;
  };
}

/** Writes a finished run. */
export async function finish(
  { directory, hash }: { directory: string; hash: string },
  top1: number,
  top5 = 99,
) {
  await mkdir(directory, { recursive: true });
  const record = runRecord({ hash, best: { epoch: 1, loss: 1, top1, top5 } });
  await writeFile(join(directory, "result.json"), JSON.stringify(record));
}

/** Writes six runs with results and states; test/fixtures/tables/table.* is their table, computed by hand. */
export async function someRuns(runs: string): Promise<void> {
  const cell = await directories("table.yaml", runs);
  for (const [seed, top1] of [60, 62, 64].entries()) {
    await finish(cell({ method: "n2uq", bits: "2", seed: String(seed) }), top1);
  }
  await finish(cell({ method: "n2uq", bits: "4", seed: "0" }), 70.5);
  await finish(cell({ method: "n2uq", bits: "4", seed: "2" }), 71.5);
  const running = cell({ method: "n2uq", bits: "4", seed: "1" }).directory;
  await mkdir(running, { recursive: true });
  const progress = { step: 7, totalSteps: 16, loss: 1, secondsLeft: 1 };
  const lock = { pid: 1, host: "elsewhere", began: null, beat: new Date().toISOString(), progress };
  await writeFile(join(running, "lock"), JSON.stringify(lock));
  const failed = cell({ method: "lsq", bits: "2", seed: "1" }).directory;
  await mkdir(failed, { recursive: true });
  await writeFile(join(failed, "failed.json"), JSON.stringify({ code: "X", message: "x", time: "" }));
}

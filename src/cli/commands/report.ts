import { basename, relative, resolve } from "node:path";
import open from "open";
import { writeReport } from "../../../runners/report.js";
import { openFolders } from "../options.js";
import type { Output } from "../output.js";

export interface ReportOptions {
  readonly runs?: string;
  readonly out?: string;
  readonly open?: boolean;
}

const MOST_SKIPPED = 12;

/** `n2uq report`: finished runs, sweeps and tables as one HTML file. */
export async function report(
  asked: readonly string[],
  options: ReportOptions,
  output: Output,
): Promise<void> {
  const target = resolve(options.out ?? "report.html");
  const { project, cwd, runs: folder } = await openFolders(options);
  const { file, runs, skipped } = await writeReport({ project, cwd, runs: folder }, asked, target);
  if (skipped.length > 0) output.line(`${skipped.length} not shown:`);
  for (const { directory, reason } of skipped.slice(0, MOST_SKIPPED))
    output.line(`  ${basename(directory)}: ${reason}`);
  if (skipped.length > MOST_SKIPPED) output.line(`  and ${skipped.length - MOST_SKIPPED} more`);
  const shown = relative(process.cwd(), file) || file;
  output.result(`${shown}: ${runs.length === 1 ? "1 run" : `${runs.length} runs`}`, { file, runs, skipped });
  if (options.open === true) await open(file);
}

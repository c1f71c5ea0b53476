import { basename, relative } from "node:path";
import open from "open";
import type { RunChoice } from "../../runners/chooseRuns.js";
import { MOST_DETAILED, writeReport } from "../../runners/report.js";
import { userPath } from "../../src/userPath.js";
import { openFolders } from "../options.js";
import type { Output } from "../output.js";

export interface ReportOptions extends RunChoice {
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
  const target = userPath(options.out ?? "report.html");
  const { project, cwd, runs: folder } = await openFolders(options);
  const written = await writeReport({ project, cwd, runs: folder }, asked, target, options);
  const { file, runs, detailed, skipped } = written;
  if (skipped.length > 0) output.line(`${skipped.length} not shown:`);
  for (const { directory, reason } of skipped.slice(0, MOST_SKIPPED))
    output.line(`  ${basename(directory)}: ${reason}`);
  if (skipped.length > MOST_SKIPPED) output.line(`  and ${skipped.length - MOST_SKIPPED} more`);
  const shown = relative(process.cwd(), file) || file;
  output.result(`${shown}: ${runs.length === 1 ? "1 run" : `${runs.length} runs`}`, written);
  if (!detailed) {
    output.line(
      `More than ${MOST_DETAILED} runs are in the overview alone. For charts of each run, report fewer of`,
    );
    output.line("them: name runs, or choose with --where, --sort and --limit.");
  }
  if (options.open === true) await open(file);
}

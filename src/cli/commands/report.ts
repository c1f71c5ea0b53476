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

/** `n2uq report`: finished runs as one HTML file. */
export async function report(
  asked: readonly string[],
  options: ReportOptions,
  output: Output,
): Promise<void> {
  const target = resolve(options.out ?? "report.html");
  const { file, runs, skipped } = await writeReport((await openFolders(options)).runs, asked, target);
  if (skipped.length > 0) output.line(`${skipped.length} not shown:`);
  for (const { directory, reason } of skipped) output.line(`  ${basename(directory)}: ${reason}`);
  const shown = relative(process.cwd(), file) || file;
  output.result(`${shown}: ${runs.length === 1 ? "1 run" : `${runs.length} runs`}`, { file, runs, skipped });
  if (options.open === true) await open(file);
}

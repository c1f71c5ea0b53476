import { basename, relative } from "node:path";
import open from "open";
import { MOST_DETAILED, writeReport } from "../../runners/report.js";
import { userPath } from "../../src/userPath.js";
import { command, flag, text } from "../command.js";
import { choosingOptions, openFolders, runsOptions } from "../options.js";

const MOST_SKIPPED = 12;

/** `n2uq report`: finished runs, sweeps and tables as one HTML file. */
export const report = command({
  options: {
    ...choosingOptions,
    out: text("<file>", "file to write", { default: "report.html" }),
    open: flag("open it in the browser"),
    ...runsOptions,
  },
  examples: [
    "report",
    "report quickstart --open",
    "report --where method=n2uq,bits=2 --sort top1 --limit 20",
    "report runs/quickstart-1a2b3c4d --out quickstart.html",
    "report experiments/tables/cifar10.yaml",
  ],
  async run(options, output, asked: readonly string[]) {
    const target = userPath(options.out);
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
        `The report is only an overview, because it has more than ${MOST_DETAILED} runs. For charts of`,
      );
      output.line("each run, report fewer: give names of runs, or use --where, --sort and --limit.");
    }
    if (options.open === true) await open(file);
  },
});

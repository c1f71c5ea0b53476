import type { Command } from "commander";
import { choosing, examples, quietly } from "./commandParts.js";
import type { CompareOptions } from "./commands/compare.js";
import type { ReportOptions } from "./commands/report.js";
import type { OutputOptions } from "./output.js";
import { Output } from "./output.js";

/** What draws charts is loaded by these commands alone. */
export function addReportCommands(program: Command): void {
  choosing(
    quietly(program.command("report [what...]").description("show runs, sweeps or tables as one HTML file")),
  )
    .option("--out <file>", "file to write", "report.html")
    .option("--open", "open it in the browser")
    .option("--runs <folder>", "folder of the run directories")
    .addHelpText(
      "after",
      examples(
        "report",
        "report quickstart --open",
        "report --where method=n2uq,bits=2 --sort top1 --limit 20",
        "report runs/quickstart-1a2b3c4d --out quickstart.html",
        "report experiments/tables/cifar10.yaml",
      ),
    )
    .action(async (what: string[], options: ReportOptions & OutputOptions) => {
      const { report } = await import("./commands/report.js");
      await report(what, options, new Output(options));
    });
  quietly(
    program.command("compare <a> <b>").description("show in what two runs differ, and what they came to"),
  )
    .option("--runs <folder>", "folder of the run directories")
    .addHelpText(
      "after",
      examples(
        "compare quickstart quickstart-teacher",
        "compare 1a2b3c4d 5e6f7a8b --json",
        "compare experiments/quickstart.yaml runs/quickstart-5e6f7a8b/",
      ),
    )
    .action(async (a: string, b: string, options: CompareOptions & OutputOptions) => {
      const { compare } = await import("./commands/compare.js");
      await compare(a, b, options, new Output(options));
    });
}

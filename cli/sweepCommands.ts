import type { Command } from "commander";
import { Option } from "commander";
import { tableFormats } from "../src/report/tables/formats.js";
import { choosing, examples, experimentCommand, integer, quietly, repeated } from "./commandParts.js";
import type { CancelOptions } from "./commands/cancel.js";
import type { RankOptions } from "./commands/rank.js";
import type { RunsOptions } from "./commands/runs.js";
import type { SearchOptions } from "./commands/search.js";
import type { StatusOptions } from "./commands/status.js";
import type { SweepOptions } from "./commands/sweep.js";
import type { TableOptions } from "./commands/table.js";
import type { OutputOptions } from "./output.js";
import { Output } from "./output.js";

const MOST_JOBS = 1024;
const MOST_RETRIES = 100;

/** What runs and shows many experiments. */
export function addSweepCommands(program: Command, exit: { code: number }): void {
  experimentCommand(
    program,
    "sweep [files...]",
    "run a grid of experiments: a sweep file, or experiments and axes",
  )
    .addOption(
      repeated("--grid <path=values>", "an axis: bits=2,3,4 or seed=0..4; axes are combined (repeatable)"),
    )
    .addOption(
      repeated("--zip <path=values>", "an axis that goes together with the other zipped ones (repeatable)"),
    )
    .addOption(
      repeated("--exclude <path=value,…>", "leave out the cells that have all these values (repeatable)"),
    )
    .option("--seeds <seeds>", "repetitions: how many, 0,1,2 or 0..4")
    .option("--dry-run", "show every cell, its cost and whether it is done; run nothing")
    .addOption(
      new Option("--runner <where>", "processes of this machine, or job arrays of Slurm")
        .choices(["local", "slurm"])
        .default("local"),
    )
    .option("--detach", "with --runner slurm: submit, and do not wait")
    .addOption(
      integer("--jobs <n>", "cells at a time (default: from cores and memory; Slurm's to say)", 1, MOST_JOBS),
    )
    .addOption(
      integer("--retries <n>", "how often a failed cell is tried again (default: 1)", 0, MOST_RETRIES),
    )
    .option("--fail-fast", "start nothing more after the first failure")
    .addOption(
      new Option("--only <which>", "only cells that failed, or that are missing").choices([
        "failed",
        "missing",
      ]),
    )
    .addHelpText(
      "after",
      examples(
        "sweep experiments/quickstart.yaml --grid bits=2,3,4 --grid method=n2uq,lsq --jobs 2",
        "sweep experiments/quickstart.yaml --zip weights=2,4 --zip activations=3,3 --seeds 3",
        "sweep 'experiments/res18-*.yaml' --profile smoke --dry-run",
        "sweep experiments/tables/cifar10.yaml --runner slurm --detach",
      ),
    )
    .action(async (files: string[], options: SweepOptions & OutputOptions) => {
      const { sweep } = await import("./commands/sweep.js");
      exit.code = await sweep(files, options, new Output(options));
    });

  quietly(program.command("status [sweep]").description("show how a sweep stands, whoever runs it"))
    .option("--follow", "go on until nothing is left to do")
    .option("--all", "show every cell of a large sweep")
    .option("--runs <folder>", "folder of the run directories")
    .action(async (name: string | undefined, options: StatusOptions & OutputOptions) => {
      const { status } = await import("./commands/status.js");
      exit.code = await status(name, options, new Output(options));
    });

  quietly(program.command("cancel [sweep]").description("take a sweep, or one cell of it, from Slurm"))
    .option("--cell <hash>", "only the cell whose hash begins so")
    .option("--yes", "do not ask, where the name leaves more than one sweep to choose from")
    .option("--runs <folder>", "folder of the run directories")
    .action(async (name: string | undefined, options: CancelOptions & OutputOptions) => {
      const { cancel } = await import("./commands/cancel.js");
      exit.code = await cancel(name, options, new Output(options));
    });

  choosing(
    quietly(program.command("runs [names...]").description("list, filter, sort and remove run directories")),
  )
    .option("--remove", "remove the runs that are listed")
    .option("--rehash", "give the runs of an older version the hashes of this one")
    .option("--yes", "really remove them")
    .option("--runs <folder>", "folder of the run directories")
    .addHelpText(
      "after",
      examples("runs --where method=n2uq,bits=2 --sort top1", "runs tiny- --remove --yes"),
    )
    .action(async (names: string[], options: RunsOptions & OutputOptions) => {
      const { runs } = await import("./commands/runs.js");
      await runs(names, options, new Output(options));
    });

  experimentCommand(
    program,
    "table <file>",
    "print a results table, from run directories and published values",
  )
    .addOption(
      new Option("--format <name>", "how it is printed (default: markdown)").choices(
        Object.keys(tableFormats),
      ),
    )
    .option("--out <file>", "write it to a file")
    .addHelpText(
      "after",
      examples(
        "table experiments/tables/cifar10.yaml",
        "table experiments/tables/resnet.yaml --format latex --out resnet.tex",
        "table experiments/tables/resnet.yaml --profile smoke",
      ),
    )
    .action(async (file: string, options: TableOptions & OutputOptions) => {
      const { table } = await import("./commands/table.js");
      await table(file, options, new Output(options));
    });

  experimentCommand(
    program,
    "search <file>",
    "choose bits for each layer under a budget, as a new experiment",
  )
    .option("--out <file>", "the experiment to write (default: the search's name in the current folder)")
    .addHelpText("after", examples("search experiments/searches/quickstart-w2.5.yaml --out mixed.yaml"))
    .action(async (file: string, options: SearchOptions & OutputOptions) => {
      const { search } = await import("./commands/search.js");
      await search(file, options, new Output(options));
    });

  program
    .command("rank <directory>", { hidden: true })
    .requiredOption("--models <folder>")
    .option("--rank <number>", "", Number)
    .option("--first <number>", "", Number)
    .requiredOption("--world <number>", "", Number)
    .requiredOption("--meeting <host:port>")
    .action(async (directory: string, options: RankOptions) => {
      const { rank } = await import("./commands/rank.js");
      await rank(directory, options);
    });

  program
    .command("cell <directory>", { hidden: true })
    .requiredOption("--models <folder>")
    .action(async (directory: string, { models }: { models: string }) => {
      const { cell } = await import("./commands/cell.js");
      exit.code = await cell(directory, models);
    });
}

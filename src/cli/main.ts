import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { RUN_SORTS } from "../../runners/runs.js";
import { packageVersion } from "../package.js";
import { tableFormats } from "../report/tables/formats.js";
import { cell } from "./commands/cell.js";
import * as data from "./commands/data.js";
import { doctor } from "./commands/doctor.js";
import type { EvaluateOptions } from "./commands/evaluate.js";
import { evaluate } from "./commands/evaluate.js";
import type { InitOptions } from "./commands/init.js";
import { init } from "./commands/init.js";
import type { PlanOptions } from "./commands/plan.js";
import { plan } from "./commands/plan.js";
import type { RunOptions } from "./commands/run.js";
import { run } from "./commands/run.js";
import type { RunsOptions } from "./commands/runs.js";
import { runs } from "./commands/runs.js";
import type { StatusOptions } from "./commands/status.js";
import { status } from "./commands/status.js";
import type { SweepOptions } from "./commands/sweep.js";
import { sweep } from "./commands/sweep.js";
import type { TableOptions } from "./commands/table.js";
import { table } from "./commands/table.js";
import { validate } from "./commands/validate.js";
import { fail } from "./failures.js";
import type { ExperimentOptions } from "./options.js";
import type { OutputOptions } from "./output.js";
import { Output } from "./output.js";

/** Runs one command line and returns its exit code: 0 done, 1 failed, 2 wrong input, 3 something missing, 130 interrupted. */
export async function main(argv: readonly string[]): Promise<number> {
  const exit = { code: 0 };
  const program = createProgram(exit);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return fail(error, new Output({ json: argv.includes("--json") }));
  }
  return exit.code;
}

function createProgram(exit: { code: number }): Command {
  const program = new Command("n2uq")
    .description(
      "Declarative experiments for Nonuniform-to-Uniform Quantization: YAML in, a trained network out.",
    )
    .version(packageVersion())
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true });

  experimentCommand(program, "run [file]", "train an experiment, and first the ones that it refers to")
    .option("--fresh", "start over instead of resuming or reusing the result")
    .addHelpText(
      "after",
      examples(
        "run experiments/quickstart.yaml",
        "run experiments/res18-w2a2.yaml --profile smoke",
        "run experiments/quickstart.yaml --set bits=3 --set training.seed=1",
      ),
    )
    .action((file: string | undefined, options: RunOptions & OutputOptions) =>
      run(file, options, new Output(options)),
    );

  experimentCommand(program, "plan [file]", "show the network that an experiment means, without training it")
    .option("--sources", "show where every value came from")
    .option("--all", "show every node, not only layers with weights")
    .addHelpText(
      "after",
      examples(
        "plan experiments/quickstart.yaml",
        "plan experiments/quickstart.yaml --sources",
        "plan experiments/mbv2-w4a4.yaml --json",
      ),
    )
    .action((file: string | undefined, options: PlanOptions & OutputOptions) =>
      plan(file, options, new Output(options)),
    );

  experimentCommand(program, "validate [files...]", "check experiments and show every error")
    .addHelpText("after", examples("validate experiments/*.yaml"))
    .action(async (files: string[], options: ExperimentOptions & OutputOptions) => {
      exit.code = await validate(files, options, new Output(options));
    });

  experimentCommand(
    program,
    "evaluate [file]",
    "measure a finished run, or a weights file, on the validation images",
  )
    .option("--weights <file>", "a safetensors file instead of the run's best weights")
    .addHelpText(
      "after",
      examples(
        "evaluate experiments/quickstart.yaml",
        "evaluate experiments/quickstart.yaml --weights my.safetensors --json",
      ),
    )
    .action((file: string | undefined, options: EvaluateOptions & OutputOptions) =>
      evaluate(file, options, new Output(options)),
    );

  addSweepCommands(program, exit);

  quietly(
    program.command("doctor").description("show engines, data sets and versions, and what is missing"),
  ).action(async (options: OutputOptions) => {
    exit.code = await doctor(new Output(options));
  });

  addDataCommands(program, exit);

  quietly(program.command("init [folder]").description("write a commented experiment and a project config"))
    .option("--force", "overwrite files that are there")
    .action((folder: string | undefined, options: InitOptions & OutputOptions) =>
      init(folder ?? ".", options, new Output(options)),
    );

  return program;
}

function addSweepCommands(program: Command, exit: { code: number }): void {
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
    .addOption(integer("--jobs <n>", "processes at a time (default: from cores and memory)", 1))
    .addOption(integer("--retries <n>", "how often a failed cell is tried again (default: 1)", 0))
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
      ),
    )
    .action(async (files: string[], options: SweepOptions & OutputOptions) => {
      exit.code = await sweep(files, options, new Output(options));
    });

  quietly(program.command("status [sweep]").description("show how a sweep stands, from its files alone"))
    .option("--follow", "go on until nothing is left to do")
    .option("--all", "show every cell of a large sweep")
    .option("--runs <folder>", "folder of the run directories")
    .action(async (name: string | undefined, options: StatusOptions & OutputOptions) => {
      exit.code = await status(name, options, new Output(options));
    });

  quietly(program.command("runs [names...]").description("list, filter, sort and remove run directories"))
    .addOption(
      repeated("--where <key=value,…>", "only runs with these values: method=n2uq,bits=2 or state=done"),
    )
    .addOption(new Option("--sort <key>", "order of the list").choices(RUN_SORTS).default("name"))
    .option("--remove", "remove the runs that are listed")
    .option("--yes", "really remove them")
    .option("--runs <folder>", "folder of the run directories")
    .addHelpText(
      "after",
      examples("runs --where method=n2uq,bits=2 --sort top1", "runs tiny- --remove --yes"),
    )
    .action((names: string[], options: RunsOptions & OutputOptions) =>
      runs(names, options, new Output(options)),
    );

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
    .action((file: string, options: TableOptions & OutputOptions) =>
      table(file, options, new Output(options)),
    );

  program
    .command("cell <directory>", { hidden: true })
    .requiredOption("--models <folder>")
    .action(async (directory: string, { models }: { models: string }) => {
      exit.code = await cell(directory, models);
    });
}

function integer(flags: string, description: string, least: number): Option {
  return new Option(flags, description).argParser((text: string) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be an integer of at least ${least}.`);
  });
}

function addDataCommands(program: Command, exit: { code: number }): void {
  const group = program.command("data").description("list, fetch and check data sets");
  quietly(group.command("list").description("list the data sets")).action((options: OutputOptions) =>
    data.list(new Output(options)),
  );
  quietly(group.command("fetch <names...>").description("download data sets into the cache")).action(
    (names: string[], options: OutputOptions) => data.fetch(names, new Output(options)),
  );
  quietly(
    group.command("verify <names...>").description("compare the cached files with their checksums"),
  ).action(async (names: string[], options: OutputOptions) => {
    exit.code = await data.verify(names, new Output(options));
  });
  quietly(group.command("path <name>").description("show where a data set lies")).action(
    async (name: string, options: OutputOptions) => {
      exit.code = await data.path(name, new Output(options));
    },
  );
}

/** A command that takes an experiment and the options that change it. */
function experimentCommand(program: Command, usage: string, description: string): Command {
  return quietly(program.command(usage).description(description))
    .addOption(
      repeated("--profile <name>", "overlay: smoke, cifar10, one of the project's, or a file (repeatable)"),
    )
    .addOption(repeated("--set <path=value>", "set a value by short name or path (repeatable)"))
    .option("--engine <name>", "engine to run on: wasm or cpu")
    .option("--runs <folder>", "folder of the run directories");
}

function quietly(command: Command): Command {
  return command
    .addOption(new Option("--json", "one JSON value a line").conflicts("quiet"))
    .option("--quiet", "print errors only");
}

function repeated(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, sofar: string[] | undefined) => [
    ...(sofar ?? []),
    value,
  ]);
}

function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  n2uq ${line}`).join("\n")}`;
}

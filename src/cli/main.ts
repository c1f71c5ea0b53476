import { Command, CommanderError, Option } from "commander";
import { packageVersion } from "../package.js";
import type { CompareOptions } from "./commands/compare.js";
import * as data from "./commands/data.js";
import { doctor } from "./commands/doctor.js";
import type { EvaluateOptions } from "./commands/evaluate.js";
import { evaluate } from "./commands/evaluate.js";
import type { InitOptions } from "./commands/init.js";
import { init } from "./commands/init.js";
import type { PlanOptions } from "./commands/plan.js";
import { plan } from "./commands/plan.js";
import type { ReportOptions } from "./commands/report.js";
import type { RunOptions } from "./commands/run.js";
import { run } from "./commands/run.js";
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

  addReportCommands(program);

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

/** What draws charts is loaded by these commands alone. */
function addReportCommands(program: Command): void {
  quietly(program.command("report [runs...]").description("show finished runs as one HTML file"))
    .option("--out <file>", "file to write", "report.html")
    .option("--open", "open it in the browser")
    .option("--runs <folder>", "folder of the run directories")
    .addHelpText(
      "after",
      examples("report", "report quickstart --open", "report runs/quickstart-1a2b3c4d --out quickstart.html"),
    )
    .action(async (runs: string[], options: ReportOptions & OutputOptions) => {
      const { report } = await import("./commands/report.js");
      await report(runs, options, new Output(options));
    });
  quietly(
    program.command("compare <a> <b>").description("show in what two runs differ, and what they came to"),
  )
    .option("--runs <folder>", "folder of the run directories")
    .addHelpText(
      "after",
      examples("compare quickstart quickstart-teacher", "compare 1a2b3c4d 5e6f7a8b --json"),
    )
    .action(async (a: string, b: string, options: CompareOptions & OutputOptions) => {
      const { compare } = await import("./commands/compare.js");
      await compare(a, b, options, new Output(options));
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

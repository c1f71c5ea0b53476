import { Command, CommanderError } from "commander";
import { packageVersion } from "../src/package.js";
import { examples, experimentCommand, quietly } from "./commandParts.js";
import type { EvaluateOptions } from "./commands/evaluate.js";
import type { InitOptions } from "./commands/init.js";
import type { PlanOptions } from "./commands/plan.js";
import type { RunOptions } from "./commands/run.js";
import { addEngineCommands } from "./engineCommands.js";
import { fail } from "./failures.js";
import type { ExperimentOptions } from "./options.js";
import type { OutputOptions } from "./output.js";
import { Output } from "./output.js";
import { addReportCommands } from "./reportCommands.js";
import { addSweepCommands } from "./sweepCommands.js";
import { checkArguments, usageError } from "./usage.js";
import { addWeightsCommands } from "./weightsCommands.js";

/** Runs one command line and returns its exit code: 0 done, 1 failed, 2 wrong input, 3 something missing, 130 interrupted. */
export async function main(argv: readonly string[]): Promise<number> {
  const exit = { code: 0 };
  const program = createProgram(exit);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    const output = new Output({ json: argv.includes("--json") });
    if (!(error instanceof CommanderError)) return fail(error, output);
    if (error.exitCode === 0) return 0;
    // Without a command commander has shown the help.
    return error.code === "commander.help" ? 2 : fail(usageError(error, argv), output);
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
    .configureOutput({ outputError: () => {} })
    .hook("preAction", (_program, command) => checkArguments(command))
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
    .action(async (file: string | undefined, options: RunOptions & OutputOptions) => {
      const { run } = await import("./commands/run.js");
      await run(file, options, new Output(options));
    });

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
    .action(async (file: string | undefined, options: PlanOptions & OutputOptions) => {
      const { plan } = await import("./commands/plan.js");
      await plan(file, options, new Output(options));
    });

  experimentCommand(program, "validate [files...]", "check experiments and show every error")
    .addHelpText("after", examples("validate experiments/*.yaml"))
    .action(async (files: string[], options: ExperimentOptions & OutputOptions) => {
      const { validate } = await import("./commands/validate.js");
      exit.code = await validate(files, options, new Output(options));
    });

  experimentCommand(
    program,
    "evaluate [file]",
    "measure a finished run, or a weights file, on the validation images",
  )
    .option("--weights <file>", "a weights file or named source instead of the run's best weights")
    .option("--predictions <file>", "write a CSV with each image's path, label and five likeliest classes")
    .addHelpText(
      "after",
      examples(
        "evaluate experiments/quickstart.yaml",
        "evaluate experiments/quickstart.yaml --weights my.safetensors --json",
        "evaluate experiments/quickstart.yaml --predictions predictions.csv",
      ),
    )
    .action(async (file: string | undefined, options: EvaluateOptions & OutputOptions) => {
      const { evaluate } = await import("./commands/evaluate.js");
      await evaluate(file, options, new Output(options));
    });

  addSweepCommands(program, exit);
  addReportCommands(program);

  quietly(
    program.command("doctor").description("show engines, data sets and versions, and what is missing"),
  ).action(async (options: OutputOptions) => {
    const { doctor } = await import("./commands/doctor.js");
    exit.code = await doctor(new Output(options));
  });

  addDataCommands(program, exit);
  addWeightsCommands(program, exit);
  addEngineCommands(program);

  quietly(program.command("init [folder]").description("write a commented experiment and a project config"))
    .option("--force", "overwrite files that are there")
    .action(async (folder: string | undefined, options: InitOptions & OutputOptions) => {
      const { init } = await import("./commands/init.js");
      await init(folder ?? ".", options, new Output(options));
    });

  allowExcess(program);
  return program;
}

/** `checkArguments` says more of an argument too many than commander. */
function allowExcess(command: Command): void {
  command.allowExcessArguments();
  for (const one of command.commands) allowExcess(one);
}

function addDataCommands(program: Command, exit: { code: number }): void {
  const group = program.command("data").description("list, fetch and check data sets");
  quietly(group.command("list").description("list the data sets")).action(async (options: OutputOptions) => {
    const data = await import("./commands/data.js");
    await data.list(new Output(options));
  });
  quietly(group.command("fetch <names...>").description("download data sets into the cache")).action(
    async (names: string[], options: OutputOptions) => {
      const data = await import("./commands/data.js");
      await data.fetch(names, new Output(options));
    },
  );
  quietly(
    group.command("verify <names...>").description("compare the cached files with their checksums"),
  ).action(async (names: string[], options: OutputOptions) => {
    const data = await import("./commands/data.js");
    exit.code = await data.verify(names, new Output(options));
  });
  quietly(group.command("path <name>").description("show where a data set lies")).action(
    async (name: string, options: OutputOptions) => {
      const data = await import("./commands/data.js");
      exit.code = await data.path(name, new Output(options));
    },
  );
}

import { Command as Commander, CommanderError } from "commander";
import { packageVersion } from "../src/package.js";
import { checkArguments } from "./arguments.js";
import { addOptions, outputOptions } from "./command.js";
import { type CommandLine, commands, groups } from "./commands.js";
import { fail } from "./failures.js";
import { Output } from "./output.js";

/**
 * Runs one command line and returns its exit code: 0 done, 1 failed, 2 invalid input, 3 something missing,
 * 130 interrupted.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const exit = { code: 0 };
  const program = createProgram(exit);
  try {
    await program.parseAsync(withHelpFlag(argv));
  } catch (error) {
    const output = new Output({ json: argv.includes("--json") });
    if (!(error instanceof CommanderError)) return fail(error, output);
    if (error.exitCode === 0) return 0;
    // If no command was given, commander has already shown the help.
    if (error.code === "commander.help") return 2;
    const { usageError } = await import("./usage.js");
    return fail(usageError(error, argv), output);
  }
  return exit.code;
}

/** `n2uq help run` → `n2uq run --help`, which loads the command's options. */
function withHelpFlag(argv: readonly string[]): string[] {
  const at = argv[2] !== undefined && Object.hasOwn(groups, argv[2]) ? 3 : 2;
  if (argv[at] !== "help" || argv.length === at + 1) return [...argv];
  return [...argv.slice(0, at), ...argv.slice(at + 1), "--help"];
}

function createProgram(exit: { code: number }): Commander {
  const program = new Commander("n2uq")
    .description(
      "Declarative experiments for Nonuniform-to-Uniform Quantization: YAML in, a trained network out.",
    )
    .version(packageVersion())
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: () => {} })
    .hook("preAction", (_program, command) => checkArguments(command))
    .configureHelp({ showGlobalOptions: true });
  const loads = new Map<Commander, () => Promise<void>>();
  const loadOptions = (_parent: Commander, child: Commander) => loads.get(child)?.();
  program.hook("preSubcommand", loadOptions);
  for (const line of commands) {
    const [, group, usage = ""] = /^(?:(\w+) )?(\w+(?: [<[].*)?)$/.exec(line.usage) ?? [];
    const parent = group === undefined ? program : groupOf(program, group, loadOptions);
    const command = parent.command(usage, { hidden: line.hidden }).description(line.summary);
    // `checkArguments` gives a better message about excess arguments than commander.
    command.allowExcessArguments();
    if (!line.hidden) addOptions(command, { options: outputOptions });
    loads.set(command, () => complete(command, line, exit));
  }
  return program;
}

/** The parent command of two-word commands. */
function groupOf(
  program: Commander,
  name: string,
  loadOptions: (parent: Commander, child: Commander) => Promise<void> | undefined,
): Commander {
  const known = program.commands.find((command) => command.name() === name);
  if (known !== undefined) return known;
  const group = program.command(name).description(groups[name] ?? "");
  return group.allowExcessArguments().hook("preSubcommand", loadOptions);
}

/** Loads the requested command and adds its options and implementation. */
async function complete(command: Commander, line: CommandLine, exit: { code: number }): Promise<void> {
  const record = await line.load();
  addOptions(command, record);
  command.action(async () => {
    const options = command.opts();
    // The arguments match the usage, which the type of `line` in commands.ts checks.
    const args = command.processedArgs as never;
    const code = await record.run(options, new Output(options), ...args);
    exit.code = typeof code === "number" ? code : 0;
  });
}

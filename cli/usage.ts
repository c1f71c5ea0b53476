import type { Command, CommanderError } from "commander";
import { N2uqError } from "../src/errors.js";
import { experimentPaths, formatPath, shortNames } from "../src/schema/paths.js";

/** Words of other tools for our commands. */
const COMMANDS: Readonly<Record<string, string>> = {
  check: "validate",
  dry_run: "plan",
  eval: "evaluate",
  fit: "run",
  info: "plan",
  install: "engine install",
  lint: "validate",
  list: "runs",
  ls: "runs",
  new: "init",
  predict: "evaluate",
  resume: "run",
  show: "plan",
  start: "run",
  summary: "plan",
  test: "evaluate",
  train: "run",
  val: "evaluate",
};

/** Dashes that a word processor puts in place of hyphens. */
const DASHES = /^[\u2010-\u2015\u2212]/;

/**
 * Checks what stands behind a command beside its options, before the command does anything.
 * @throws N2uqError N2UQ_CLI_ARGUMENT
 */
export function checkArguments(command: Command): void {
  const takes = command.registeredArguments;
  const isOpen = takes.at(-1)?.variadic ?? false;
  const path = pathOf(command);
  for (const [index, argument] of command.args.entries()) {
    const fault = faultOf(argument, command);
    if (fault !== undefined)
      throw new N2uqError("N2UQ_CLI_ARGUMENT", { argument, command: path }, { hint: fault });
    if (index < takes.length || isOpen) continue;
    const count = takes.length === 1 ? "one argument" : `${takes.length} arguments`;
    const most = takes.length === 0 ? "no argument" : count;
    const several = /\.ya?ml$/.test(argument) ? " `n2uq sweep` and `n2uq validate` take several files." : "";
    const hint = `\`n2uq ${path}\` takes ${most} beside its options.${several}`;
    throw new N2uqError("N2UQ_CLI_ARGUMENT", { argument, command: path }, { hint });
  }
}

function faultOf(argument: string, command: Command): string | undefined {
  if (DASHES.test(argument)) {
    return `It begins with a dash that is not a hyphen: write \`${argument.replace(/^[\u2010-\u2015\u2212-]+/, "--")}\`.`;
  }
  const assigned = /^([A-Za-z][\w.[\]]*)\s*=/.exec(argument)?.[1];
  if (assigned === undefined) return undefined;
  const options = command.options.map(({ long }) => long);
  if (options.includes("--grid") && /=.*(,|\.\.)/.test(argument)) return `Write \`--grid ${argument}\`.`;
  if (options.includes("--set")) return `Write \`--set ${argument}\`.`;
  return options.includes("--where") ? `Write \`--where ${argument}\`.` : undefined;
}

/** commander's complaint as a coded error that says what to write. */
export function usageError(error: CommanderError, argv: readonly string[]): N2uqError {
  const [first = "", ...more] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = more.join(" ").replace(/^\((.*)\)$/, "$1");
  const quoted = /'([^']*)'/.exec(first)?.[1] ?? "";
  const hint = hintFor(error.code, quoted, argv) ?? suggestion;
  return new N2uqError("N2UQ_CLI_USAGE", { message: first.replace(/\.$/, "") }, hint === "" ? {} : { hint });
}

function hintFor(code: string, word: string, argv: readonly string[]): string | undefined {
  if (code === "commander.unknownCommand") {
    if (/\.ya?ml$/.test(word)) return `Name a command: \`n2uq run ${word}\`.`;
    const meant = COMMANDS[word.toLowerCase().replaceAll("-", "_")];
    return meant === undefined ? undefined : `Did you mean \`n2uq ${meant}\`?`;
  }
  if (code !== "commander.unknownOption") return undefined;
  const [flag = ""] = word.split("=");
  const name = flag.replace(/^-+/, "");
  if (/^-[a-z]{2,}/.test(word)) return `Options have two hyphens: \`--${name}\`.`;
  const path = settingOf(name);
  if (path === undefined) return argv.indexOf(word) === 2 ? "Options stand behind the command." : undefined;
  const value = word.includes("=") ? word.slice(word.indexOf("=") + 1) : argv[argv.indexOf(word) + 1];
  return `It is a value of the experiment: write \`--set ${path}=${value ?? "…"}\`.`;
}

/** `batch-size` → training.batchSize: a key of the experiment that was written as an option. */
function settingOf(name: string): string | undefined {
  const bare = (text: string) => text.toLowerCase().replaceAll(/[_-]/g, "");
  const short = [...shortNames.keys()].find((one) => bare(one) === bare(name));
  if (short !== undefined) return short;
  const path = experimentPaths.find(
    (keys) => bare(formatPath(keys)) === bare(name) || bare(keys.at(-1) ?? "") === bare(name),
  );
  return path === undefined ? undefined : formatPath(path);
}

function pathOf(command: Command): string {
  const parent = command.parent;
  return parent === null || parent.parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
}

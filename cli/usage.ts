import type { CommanderError } from "commander";
import { N2uqError } from "../src/errors.js";
import { experimentPaths, formatPath, shortNames } from "../src/schema/paths.js";

/** Names that other tools use, and the corresponding commands of n2uq. */
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

/** Converts a commander error to a coded error that says what to write. */
export function usageError(error: CommanderError, argv: readonly string[]): N2uqError {
  const [first = "", ...more] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = more.join(" ").replace(/^\((.*)\)$/, "$1");
  const quoted = /'([^']*)'/.exec(first)?.[1] ?? "";
  const hint = hintFor(error.code, quoted, argv) ?? suggestion;
  return new N2uqError("N2UQ_CLI_USAGE", { message: first.replace(/\.$/, "") }, hint === "" ? {} : { hint });
}

function hintFor(code: string, word: string, argv: readonly string[]): string | undefined {
  if (code === "commander.unknownCommand") {
    if (/\.ya?ml$/.test(word)) return `Write a command before the file: \`n2uq run ${word}\`.`;
    const meant = COMMANDS[word.toLowerCase().replaceAll("-", "_")];
    return meant === undefined ? undefined : `Did you mean \`n2uq ${meant}\`?`;
  }
  if (code !== "commander.unknownOption") return undefined;
  const [flag = ""] = word.split("=");
  const name = flag.replace(/^-+/, "");
  if (/^-[a-z]{2,}/.test(word)) return `Options have two hyphens: \`--${name}\`.`;
  const path = settingOf(name);
  if (path === undefined) return argv.indexOf(word) === 2 ? "Write options after the command." : undefined;
  const value = word.includes("=") ? word.slice(word.indexOf("=") + 1) : argv[argv.indexOf(word) + 1];
  return `It is a key of the experiment: write \`--set ${path}=${value ?? "…"}\`.`;
}

/** `batch-size` → training.batchSize: an experiment key that was written as an option. */
function settingOf(name: string): string | undefined {
  const bare = (text: string) => text.toLowerCase().replaceAll(/[_-]/g, "");
  const short = [...shortNames.keys()].find((one) => bare(one) === bare(name));
  if (short !== undefined) return short;
  const path = experimentPaths.find(
    (keys) => bare(formatPath(keys)) === bare(name) || bare(keys.at(-1) ?? "") === bare(name),
  );
  return path === undefined ? undefined : formatPath(path);
}

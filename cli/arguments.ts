import type { Command } from "commander";
import { N2uqError } from "../src/errors.js";

/** Dashes that word processors insert instead of hyphens. */
const DASHES = /^[\u2010-\u2015\u2212]/;

/** Checks a command's positional arguments before it runs. @throws N2uqError N2UQ_CLI_ARGUMENT */
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
    const hint = `\`n2uq ${path}\` takes ${most} besides its options.${several}`;
    throw new N2uqError("N2UQ_CLI_ARGUMENT", { argument, command: path }, { hint });
  }
}

function faultOf(argument: string, command: Command): string | undefined {
  if (DASHES.test(argument))
    return `It begins with a dash that is not a hyphen: write \`${argument.replace(/^[\u2010-\u2015\u2212-]+/, "--")}\`.`;
  const assigned = /^([A-Za-z][\w.[\]]*)\s*=/.exec(argument)?.[1];
  if (assigned === undefined) return undefined;
  const options = command.options.map(({ long }) => long);
  if (options.includes("--grid") && /=.*(,|\.\.)/.test(argument)) return `Write \`--grid ${argument}\`.`;
  if (options.includes("--set")) return `Write \`--set ${argument}\`.`;
  return options.includes("--where") ? `Write \`--where ${argument}\`.` : undefined;
}

function pathOf(command: Command): string {
  const parent = command.parent;
  return parent === null || parent.parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
}

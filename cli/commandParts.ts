import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { RUN_SORTS } from "../runners/chooseRuns.js";

/** A command that takes an experiment and the options that change it. */
export function experimentCommand(program: Command, usage: string, description: string): Command {
  return quietly(program.command(usage).description(description))
    .addOption(
      repeated("--profile <name>", "overlay: smoke, cifar10, one of the project's, or a file (repeatable)"),
    )
    .addOption(repeated("--set <path=value>", "set a value by short name or path (repeatable)"))
    .option("--engine <name>", "engine to run on: torch, tensorflow, wasm or cpu")
    .option("--runs <folder>", "folder of the run directories");
}

export function quietly(command: Command): Command {
  return command
    .addOption(new Option("--json", "one JSON value a line"))
    .option("--quiet", "print errors only; with --json, only the result and errors");
}

export function repeated(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, sofar: string[] | undefined) => [
    ...(sofar ?? []),
    value,
  ]);
}

/** A command that takes runs: which of them, in which order, how many. */
export function choosing(command: Command): Command {
  return command
    .addOption(
      repeated("--where <key=value,…>", "only runs with these values: method=n2uq,bits=2 or state=done"),
    )
    .addOption(new Option("--sort <key>", "order of the runs").choices(RUN_SORTS))
    .addOption(integer("--limit <n>", "only the first so many of them", 1, 1_000_000));
}

export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  n2uq ${line}`).join("\n")}`;
}

/** An option that takes an integer, written in decimal. */
export function integer(flags: string, description: string, least: number, most: number): Option {
  return new Option(flags, description).argParser((text: string) => {
    const value = Number(text);
    if (/^[+-]?\d+$/.test(text.trim()) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be an integer from ${least} to ${most}.`);
  });
}

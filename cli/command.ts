import { type Command as Commander, InvalidArgumentError, Option } from "commander";
import type { Output } from "./output.js";

/** An option in a command's record; its key is its name: `dryRun` is written `--dry-run`. */
export type OptionRecord = Flag | Text | List | Choice | Integer;

export interface Described {
  readonly description: string;
  /** The key of an option that cannot be combined with this one. */
  readonly conflicts?: string;
  /** Set if the command cannot run without the option. */
  readonly required?: true;
}

export interface Flag extends Described {
  readonly kind: "flag";
}

export interface Text extends Described {
  readonly kind: "text";
  /** The value's name in help: `<file>`. */
  readonly value: string;
  readonly default?: string;
}

export interface List extends Described {
  readonly kind: "list";
  readonly value: string;
}

export interface Choice<Name extends string = string> extends Described {
  readonly kind: "choice";
  readonly value: string;
  readonly choices: readonly Name[];
  readonly default?: Name;
}

export interface Integer extends Described {
  readonly kind: "integer";
  readonly value: string;
  readonly least: number;
  readonly most: number;
}

export type OptionTable = Readonly<Record<string, OptionRecord>>;

type ValueOf<One> = One extends Flag
  ? boolean
  : One extends List
    ? readonly string[]
    : One extends Integer
      ? number
      : One extends Choice<infer Name>
        ? Name
        : string;

/** Options that always have a value. */
type Given = { readonly required: true } | { readonly default: string };

/** The values of a table of options. */
export type Values<Options extends OptionTable> = {
  readonly [Name in keyof Options as Options[Name] extends Given ? Name : never]: ValueOf<Options[Name]>;
} & {
  readonly [Name in keyof Options as Options[Name] extends Given ? never : Name]?: ValueOf<Options[Name]>;
};

/**
 * A command: its options, examples and implementation. Its name, arguments and summary are in commands.ts.
 */
export interface Command<Options extends OptionTable, Arguments extends readonly unknown[]> {
  readonly options: Options;
  /** Command lines without the program's name. */
  readonly examples?: readonly string[];
  /** @returns the exit code if it is not 0 */
  run(options: Values<Options>, output: Output, ...args: Arguments): Promise<number> | Promise<void>;
}

/** Output options, common to all commands. */
export const outputOptions = {
  json: flag("one JSON value per line"),
  quiet: flag("print errors only; with --json, only the result and errors"),
};

/** Defines a command, with inferred types of its options. */
export function command<const Options extends OptionTable, Arguments extends readonly unknown[]>(
  record: Command<Options, Arguments>,
): Command<Options, Arguments> {
  return record;
}

export function flag(description: string): Flag {
  return { kind: "flag", description };
}

export function text<const More extends Partial<Text> = Record<never, never>>(
  value: string,
  description: string,
  more?: More,
): Text & More {
  return { kind: "text", value, description, ...more } as Text & More;
}

/** An option that may be repeated. */
export function list(value: string, description: string): List {
  return { kind: "list", value, description: `${description} (repeatable)` };
}

export function choice<
  const Name extends string,
  const More extends Partial<Choice<Name>> = Record<never, never>,
>(value: string, description: string, choices: readonly Name[], more?: More): Choice<Name> & More {
  return { kind: "choice", value, description, choices, ...more } as Choice<Name> & More;
}

/** An option that takes a decimal integer in [least, most]. */
export function integer<const More extends Partial<Integer> = Record<never, never>>(
  value: string,
  description: string,
  least: number,
  most: number,
  more?: More,
): Integer & More {
  return { kind: "integer", value, description, least, most, ...more } as Integer & More;
}

/** Adds the options and examples of a record to commander's command. */
export function addOptions(
  commander: Commander,
  { options, examples }: Pick<Command<OptionTable, never>, "options" | "examples">,
): void {
  for (const [name, record] of Object.entries(options)) commander.addOption(optionOf(name, record));
  if (examples === undefined) return;
  const lines = examples.map((example) => `\n  n2uq ${example}`);
  commander.addHelpText("after", `\nExamples:${lines.join("")}`);
}

/** `dryRun` → `--dry-run`. */
function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function optionOf(name: string, record: OptionRecord): Option {
  const flags = "value" in record ? `${flagOf(name)} ${record.value}` : flagOf(name);
  const option = new Option(flags, record.description).makeOptionMandatory(record.required === true);
  if (record.conflicts !== undefined) option.conflicts(record.conflicts);
  switch (record.kind) {
    case "flag":
      return option;
    case "text":
      return record.default === undefined ? option : option.default(record.default);
    case "list":
      return option.argParser((value, before: readonly string[] | undefined) => [...(before ?? []), value]);
    case "choice":
      option.choices(record.choices);
      return record.default === undefined ? option : option.default(record.default);
    case "integer":
      return option.argParser((value) => integerOf(value, record));
  }
}

function integerOf(value: string, { least, most }: Integer): number {
  const number = Number(value);
  if (/^[+-]?\d+$/.test(value.trim()) && number >= least && number <= most) return number;
  throw new InvalidArgumentError(`It must be an integer from ${least} to ${most}.`);
}

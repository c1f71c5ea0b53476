import type { Command, OptionTable } from "./command.js";

/** `<file>` is a string, `[file]` an optional string; `<names...>` and `[names...]` are lists of strings. */
type ArgumentsOf<Usage extends string> = Usage extends `${infer Word} ${infer Rest}`
  ? [...ArgumentOf<Word>, ...ArgumentsOf<Rest>]
  : ArgumentOf<Usage>;

type ArgumentOf<Word extends string> = Word extends `<${string}...>` | `[${string}...]`
  ? [string[]]
  : Word extends `<${string}>`
    ? [string]
    : Word extends `[${string}]`
      ? [string | undefined]
      : [];

/**
 * A line of the table for `n2uq --help`, and the module to load. Options and examples are in the command's
 * record.
 */
export interface CommandLine {
  /** The words of the command, then its arguments: `weights convert <in> <out>`. */
  readonly usage: string;
  readonly summary: string;
  /** A command that only n2uq itself starts. */
  readonly hidden: boolean;
  load(): Promise<Command<OptionTable, never>>;
}

/** `weights convert <in> <out>` → `convert`: the name under which a module exports the command. */
type NameOf<Usage extends string> = Usage extends `${infer Name} ${infer Rest}`
  ? Rest extends `<${string}` | `[${string}`
    ? Name
    : NameOf<Rest>
  : Usage;

/** @param hidden for n2uq's own processes */
function line<const Usage extends string>(
  usage: Usage,
  summary: string,
  module: () => Promise<Readonly<Record<NameOf<Usage>, Command<OptionTable, ArgumentsOf<Usage>>>>>,
  hidden = false,
): CommandLine {
  const name = usage
    .replace(/ [<[].*$/, "")
    .split(" ")
    .at(-1) as NameOf<Usage>;
  return { usage, summary, hidden, load: async () => (await module())[name] };
}

/** Summaries of the two-word commands, by their first word. */
export const groups: Readonly<Record<string, string>> = {
  data: "list, fetch and check data sets",
  weights: "inspect, convert, check and download weights",
  engine: "list, install and remove engines",
};

/** Modules of commands. Only the module of the requested command is loaded. */
const modules = {
  run: () => import("./commands/run.js"),
  plan: () => import("./commands/plan.js"),
  validate: () => import("./commands/validate.js"),
  evaluate: () => import("./commands/evaluate.js"),
  sweep: () => import("./commands/sweep.js"),
  status: () => import("./commands/status.js"),
  cancel: () => import("./commands/cancel.js"),
  runs: () => import("./commands/runs.js"),
  table: () => import("./commands/table.js"),
  search: () => import("./commands/search.js"),
  report: () => import("./commands/report.js"),
  compare: () => import("./commands/compare.js"),
  doctor: () => import("./commands/doctor.js"),
  schema: () => import("./commands/schema.js"),
  data: () => import("./commands/data.js"),
  weights: () => import("./commands/weights.js"),
  weightsVerify: () => import("./commands/weightsVerify.js"),
  engine: () => import("./commands/engine.js"),
  init: () => import("./commands/init.js"),
  rank: () => import("./commands/rank.js"),
  cell: () => import("./commands/cell.js"),
};

/** Every command, in the order of `n2uq --help`. */
export const commands: readonly CommandLine[] = [
  line("run [file]", "train an experiment, after the experiments that it needs", modules.run),
  line("plan [file]", "show the network of an experiment without training it", modules.plan),
  line("validate [files...]", "check experiments and show every error", modules.validate),
  line(
    "evaluate [file]",
    "evaluate a finished run or a weights file on the validation images",
    modules.evaluate,
  ),
  line("sweep [files...]", "run a grid of experiments: a sweep file, or experiments and axes", modules.sweep),
  line("status [sweep]", "show the progress of a sweep", modules.status),
  line("cancel [sweep]", "cancel the Slurm jobs of a sweep or of one of its cells", modules.cancel),
  line("runs [names...]", "list, filter, sort and remove run directories", modules.runs),
  line("table <file>", "print a results table, from run directories and published values", modules.table),
  line(
    "search <file>",
    "choose bits for each layer under a budget and write a new experiment",
    modules.search,
  ),
  line("report [what...]", "show runs, sweeps or tables as one HTML file", modules.report),
  line("compare <a> <b>", "show how the settings and results of two runs differ", modules.compare),
  line("doctor", "show engines, data sets and versions, and what is missing", modules.doctor),
  line("schema", "write the schemas of experiments and configs, with the project's plug-ins", modules.schema),
  line("data list", "list the data sets", modules.data),
  line("data fetch <names...>", "download data sets into the cache", modules.data),
  line("data verify <names...>", "compare the cached files with their checksums", modules.data),
  line("data path <name>", "show the folder of a data set", modules.data),
  line("weights list", "list pretrained weights and whether they are downloaded", modules.weights),
  line("weights inspect <file>", "show the contents of a safetensors or PyTorch file", modules.weights),
  line(
    "weights convert <in> <out>",
    "write weights as safetensors, with PyTorch's names and layouts",
    modules.weights,
  ),
  line(
    "weights verify <file>",
    "check a file's checksums, and whether it fits an experiment",
    modules.weightsVerify,
  ),
  line("weights pull <names...>", "download named weights into the models folder", modules.weights),
  line("engine list", "list the engines in the order of preference", modules.engine),
  line("engine install <name>", "install an engine's native library into your data folder", modules.engine),
  line("engine remove <name>", "remove an engine's installed library", modules.engine),
  line("init [folder]", "write a commented experiment and a project config", modules.init),
  line("rank <directory>", "", modules.rank, true),
  line("cell <directory>", "", modules.cell, true),
];

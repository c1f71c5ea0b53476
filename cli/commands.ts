import type { Command, OptionTable } from "./command.js";

/** `<file>` is a string, `[file]` an optional one, `<names...>` and `[names...]` are lists. */
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

function line<const Usage extends string>(
  usage: Usage,
  summary: string,
  load: () => Promise<Command<OptionTable, ArgumentsOf<Usage>>>,
): CommandLine {
  return { usage, summary, hidden: false, load };
}

/** A command for n2uq's own processes. */
function hidden<const Usage extends string>(
  usage: Usage,
  load: () => Promise<Command<OptionTable, ArgumentsOf<Usage>>>,
): CommandLine {
  return { usage, summary: "", hidden: true, load };
}

/** Summaries of the two-word commands, by their first word. */
export const groups: Readonly<Record<string, string>> = {
  data: "list, fetch and check data sets",
  weights: "inspect, convert, check and download weights",
  engine: "list, install and remove engines",
};

/** Every command, in the order of `n2uq --help`. Only the requested command is loaded. */
export const commands: readonly CommandLine[] = [
  line("run [file]", "train an experiment, after the experiments that it needs", async () => {
    return (await import("./commands/run.js")).run;
  }),
  line("plan [file]", "show the network of an experiment without training it", async () => {
    return (await import("./commands/plan.js")).plan;
  }),
  line("validate [files...]", "check experiments and show every error", async () => {
    return (await import("./commands/validate.js")).validate;
  }),
  line("evaluate [file]", "evaluate a finished run or a weights file on the validation images", async () => {
    return (await import("./commands/evaluate.js")).evaluate;
  }),
  line("sweep [files...]", "run a grid of experiments: a sweep file, or experiments and axes", async () => {
    return (await import("./commands/sweep.js")).sweep;
  }),
  line("status [sweep]", "show the progress of a sweep", async () => {
    return (await import("./commands/status.js")).status;
  }),
  line("cancel [sweep]", "cancel the Slurm jobs of a sweep or of one of its cells", async () => {
    return (await import("./commands/cancel.js")).cancel;
  }),
  line("runs [names...]", "list, filter, sort and remove run directories", async () => {
    return (await import("./commands/runs.js")).runs;
  }),
  line("table <file>", "print a results table, from run directories and published values", async () => {
    return (await import("./commands/table.js")).table;
  }),
  line("search <file>", "choose bits for each layer under a budget and write a new experiment", async () => {
    return (await import("./commands/search.js")).search;
  }),
  line("report [what...]", "show runs, sweeps or tables as one HTML file", async () => {
    return (await import("./commands/report.js")).report;
  }),
  line("compare <a> <b>", "show how the settings and results of two runs differ", async () => {
    return (await import("./commands/compare.js")).compare;
  }),
  line("doctor", "show engines, data sets and versions, and what is missing", async () => {
    return (await import("./commands/doctor.js")).doctor;
  }),
  line("schema", "write the schemas of experiments and configs, with the project's plug-ins", async () => {
    return (await import("./commands/schema.js")).schema;
  }),
  line("data list", "list the data sets", async () => (await import("./commands/data.js")).list),
  line("data fetch <names...>", "download data sets into the cache", async () => {
    return (await import("./commands/data.js")).fetch;
  }),
  line("data verify <names...>", "compare the cached files with their checksums", async () => {
    return (await import("./commands/data.js")).verify;
  }),
  line("data path <name>", "show the folder of a data set", async () => {
    return (await import("./commands/data.js")).path;
  }),
  line("weights list", "list pretrained weights and whether they are downloaded", async () => {
    return (await import("./commands/weights.js")).list;
  }),
  line("weights inspect <file>", "show the contents of a safetensors or PyTorch file", async () => {
    return (await import("./commands/weights.js")).inspect;
  }),
  line(
    "weights convert <in> <out>",
    "write weights as safetensors, with PyTorch's names and layouts",
    async () => {
      return (await import("./commands/weights.js")).convert;
    },
  ),
  line("weights verify <file>", "check a file's checksums, and whether it fits an experiment", async () => {
    return (await import("./commands/weightsVerify.js")).verify;
  }),
  line("weights pull <names...>", "download named weights into the models folder", async () => {
    return (await import("./commands/weights.js")).pull;
  }),
  line("engine list", "list the engines in the order of preference", async () => {
    return (await import("./commands/engine.js")).list;
  }),
  line("engine install <name>", "install an engine's native library into your data folder", async () => {
    return (await import("./commands/engine.js")).install;
  }),
  line("engine remove <name>", "remove an engine's installed library", async () => {
    return (await import("./commands/engine.js")).remove;
  }),
  line("init [folder]", "write a commented experiment and a project config", async () => {
    return (await import("./commands/init.js")).init;
  }),
  hidden("rank <directory>", async () => (await import("./commands/rank.js")).rank),
  hidden("cell <directory>", async () => (await import("./commands/cell.js")).cell),
];

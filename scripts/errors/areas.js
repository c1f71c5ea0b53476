/**
 * The sections of docs/errors.md, each with a title, a text about its errors, and prefixes of its codes. A
 * code belongs to the section with the longest matching prefix.
 */
export const areas = [
  {
    title: "Commands",
    text: "An argument, a flag or an output file of a command. `n2uq COMMAND --help` shows the arguments and options of a command.",
    codes: ["N2UQ_CLI_"],
  },
  {
    title: "Files of experiments and projects",
    text: "Reading, merging and checking YAML, before any value is interpreted. The error shows file, line and column. `n2uq validate` finds all errors of a file at once; `n2uq plan --sources` shows the origin of each value. See [README.md](../README.md) for the order in which values are merged.",
    codes: ["N2UQ_CONFIG_"],
  },
  {
    title: "Settings that contradict each other, or have no effect",
    text: "The file is valid, but its settings do not fit each other, the network or the data. A written setting without effect is an error, so that no run differs from what its file says.",
    codes: ["N2UQ_RESOLVE_", "N2UQ_RULE_"],
  },
  {
    title: "Networks",
    text: "The network can't be built: its size, its images or its batches. `n2uq plan` shows every layer.",
    codes: ["N2UQ_GRAPH_"],
  },
  {
    title: "Plug-ins",
    text: "See [plugins.md](plugins.md).",
    codes: ["N2UQ_PLUGIN_"],
  },
  {
    title: "Data sets",
    text: "See [data.md](data.md). `n2uq data list` shows the data sets and their folders, `n2uq data verify` checks the files.",
    codes: ["N2UQ_DATA_"],
  },
  {
    title: "Weights",
    text: "Reading, downloading and matching weights files: see [weights.md](weights.md). `n2uq weights inspect FILE` shows what a file contains.",
    codes: ["N2UQ_WEIGHTS_", "N2UQ_INIT_"],
  },
  {
    title: "Engines",
    text: "See [engines.md](engines.md). `n2uq doctor` shows which engines work on this machine.",
    codes: ["N2UQ_ENGINE_"],
  },
  {
    title: "Training and evaluation",
    text: "A run fails or stops while it computes. The last checkpoint stays; the same command resumes from it.",
    codes: ["N2UQ_TRAIN_", "N2UQ_EVALUATE_", "N2UQ_OUT_OF_MEMORY"],
  },
  {
    title: "Run directories and checkpoints",
    text: "See [runs.md](runs.md), [decisions/013-checkpoints.md](decisions/013-checkpoints.md) and [decisions/014-locks.md](decisions/014-locks.md).",
    codes: ["N2UQ_RUN_", "N2UQ_CHECKPOINT_"],
  },
  {
    title: "Several ranks",
    text: "A run that trains on several devices or machines: see [engines.md](engines.md) and [slurm.md](slurm.md).",
    codes: ["N2UQ_RANKS_"],
  },
  {
    title: "Sweeps",
    text: "See [sweeps.md](sweeps.md). `n2uq sweep --dry-run` shows the cells.",
    codes: ["N2UQ_SWEEP_"],
  },
  {
    title: "Search",
    text: "The bits of each layer under a budget: `n2uq search --help`.",
    codes: ["N2UQ_SEARCH_"],
  },
  {
    title: "Tables and reports",
    text: "See [tables.md](tables.md).",
    codes: ["N2UQ_TABLE_", "N2UQ_REPORT_"],
  },
  {
    title: "Slurm",
    text: "See [slurm.md](slurm.md).",
    codes: ["N2UQ_SLURM_", "N2UQ_CANCEL_"],
  },
  {
    title: "Paths, disks and this machine",
    text: "A path can't be read, or the operating system does not read or write a file.",
    codes: ["N2UQ_PATH_", "N2UQ_FILE_", "N2UQ_DISK_", "N2UQ_MACHINE_", "N2UQ_NO_HOME"],
  },
  {
    title: "Faults of n2uq",
    text: "No input should cause these.",
    codes: ["N2UQ_INTERNAL"],
  },
];

/**
 * Meanings of errors whose message depends on the case, and remedies of errors whose hint depends on the
 * case.
 */
export const explanations = {
  N2UQ_CLI_USAGE: { means: "A command, a flag or the value of a flag is not understood." },
  N2UQ_CONFIG_BAD_VALUE: {
    means: "A value is not one of the allowed ones; the message shows the value and what is allowed.",
    remedy: "Write an allowed value.",
  },
  N2UQ_CONFIG_KEY_NOT_ALLOWED: {
    means:
      "The key belongs to another part: an option of another method, model family, data set or optimizer.",
    remedy: "Remove the key, or choose a part that has it; the message names those.",
  },
  N2UQ_CONFIG_MISSING_KEY: {
    means: "A required key is missing; the message names it and its section.",
    remedy: "Add the key.",
  },
  N2UQ_CONFIG_UNKNOWN_KEY: {
    means: "There is no such key in this section.",
    remedy: "Correct the key; the hint shows the most similar one.",
  },
  N2UQ_DATA_SHARD_SAMPLE: { remedy: "The hint depends on the problem." },
  N2UQ_INTERNAL: { means: "n2uq has reached a state that it considers impossible." },
};

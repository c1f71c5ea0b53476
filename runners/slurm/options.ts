import { N2uqError } from "../../src/errors.js";
import type { SlurmResources } from "../../src/schema/generated/config.js";
import type { Submission } from "./jobs.js";

/** How to submit a sweep to Slurm. */
export interface SlurmOptions {
  /** The project config's `slurm`. */
  readonly resources: SlurmResources;
  /** Maximum number of concurrent elements of an array; default: no limit. */
  readonly jobs?: number;
  /** Submit only; do not wait. */
  readonly detach: boolean;
  readonly onSubmitted: (submission: Submission) => void;
}

/** Default of `slurm.signalSeconds`, as in the schema's description. */
const SIGNAL_SECONDS = 60;

/** sbatch options that the runner sets; overriding them would break status and requeueing. */
const RESERVED = [
  ...[
    "array",
    "dependency",
    "kill-on-invalid-dep",
    "requeue",
    "no-requeue",
    "signal",
    "parsable",
    "job-name",
  ],
  ...["nodes", "ntasks", "ntasks-per-node"],
  ...["output", "error", "open-mode", "chdir", "wrap", "wait", "test-only", "clusters", "export"],
];
const RESERVED_LETTERS = "adJoeDWMNn";

/** Converts the `slurm` section to sbatch arguments. @throws N2uqError N2UQ_SLURM_OPTION_RESERVED */
export function resourceArguments(resources: SlurmResources): string[] {
  const { partition, account, qos, time, cpusPerTask, memory, gres, constraint, options = [] } = resources;
  for (const option of options) {
    const name = /^--([a-z-]+)/.exec(option)?.[1];
    const letter = name === undefined ? option[1] : undefined;
    if (
      RESERVED.some((word) => word === name) ||
      (letter !== undefined && RESERVED_LETTERS.includes(letter))
    ) {
      throw new N2uqError("N2UQ_SLURM_OPTION_RESERVED", { option });
    }
  }
  const named: readonly (readonly [flag: string, value: string | number | undefined])[] = [
    ["partition", partition],
    ["account", account],
    ["qos", qos],
    ["time", time],
    ["cpus-per-task", cpusPerTask],
    ["mem", memory],
    ["gres", gres],
    ["constraint", constraint],
    ["signal", `B:USR1@${resources.signalSeconds ?? SIGNAL_SECONDS}`],
  ];
  const known = named.flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}=${value}`]));
  return [...known, ...options];
}

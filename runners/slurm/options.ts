import { N2uqError } from "../../src/errors.js";
import type { SlurmResources } from "../../src/schema/generated/config.js";
import type { Submission } from "./jobs.js";

/** How a sweep is given to Slurm. */
export interface SlurmOptions {
  /** The project config's `slurm`. */
  readonly resources: SlurmResources;
  /** Elements of an array that run at a time; as many as Slurm likes where it is not given. */
  readonly jobs?: number;
  /** Submit only; do not wait. */
  readonly detach: boolean;
  readonly onSubmitted: (submission: Submission) => void;
}

/** Where `slurm.signalSeconds` is not given, as the schema's description says. */
const SIGNAL_SECONDS = 60;

/** What the runner itself says to sbatch; another word on it would break what status and requeueing rely on. */
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

/**
 * The `slurm` section as arguments of sbatch.
 * @throws N2uqError N2UQ_SLURM_OPTION_RESERVED
 */
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

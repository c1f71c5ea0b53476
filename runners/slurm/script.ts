import { join } from "node:path";
import { packageRoot } from "../../src/package.js";
import { pluginArguments } from "../../src/plugins/loaded.js";
import type { Placement } from "../sweep/placement.js";
import { EXIT_INTERRUPTED, EXIT_LOCKED, EXIT_WRONG_INPUT } from "../sweep/process.js";

export interface ScriptOptions extends Pick<Placement, "runs" | "models" | "retries"> {
  /**
   * Absolute paths: the list of run directories, one per line by array index; and the folder of the elements'
   * journals.
   */
  readonly list: string;
  readonly journals: string;
  /** Shell lines to run before the cell, from the project's config. */
  readonly setup: readonly string[];
}

/** Exit code of a process that SIGTERM ended before it handled signals, so the cell had not started. */
const EXIT_TERMINATED = 143;

/**
 * The batch script of an array, in POSIX sh. Each element runs one cell, forwards the signal before the time
 * limit or a preemption, and requeues itself unless Slurm ends it for good. SIGUSR1 is forwarded as SIGTERM,
 * because a starting Node process opens its debugger on SIGUSR1.
 */
export function batchScript({ runs, models, list, journals, retries, setup }: ScriptOptions): string {
  const plugins = pluginArguments()
    .map((word) => ` ${quoted(word)}`)
    .join("");
  return `#!/bin/sh
# Written by n2uq: each element of the job array runs one cell of a sweep.
cell=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${quoted(list)})
directory=${quoted(runs)}/$cell
journal=${quoted(journals)}/$SLURM_ARRAY_TASK_ID
task=\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
if [ -z "$cell" ] || [ ! -d "$directory" ]; then
  echo "n2uq: task $task finds no run directory $directory" >&2
  exit 1
fi
exec >>"$directory/worker.log" 2>&1

note() {
  echo "$* $(date -u +%Y-%m-%dT%H:%M:%SZ)" >>"$journal"
}

# Only a running job is requeued: one that Slurm is ending was cancelled, or Slurm itself requeues it.
requeue() {
  trap '' USR1 TERM
  if scontrol show job "$task" | grep -q 'JobState=RUNNING'; then
    note requeued "$@"
    scontrol requeue "$task" && exit 0
  fi
  note stopped "$@"
  exit ${EXIT_INTERRUPTED}
}

told=
child=
stop() {
  told=1
  if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null; fi
}
trap stop USR1 TERM

note started "$(hostname)" "\${SLURM_RESTART_COUNT:-0}"
export NO_COLOR=1 OMP_NUM_THREADS="\${SLURM_CPUS_PER_TASK:-1}" TF_NUM_INTRAOP_THREADS="\${SLURM_CPUS_PER_TASK:-1}"
${setup.join("\n")}
${[process.execPath, join(packageRoot(), "bin", "n2uq.js"), "cell"].map(quoted).join(" ")} "$directory" --models ${quoted(models)}${plugins} &
child=$!
if [ -n "$told" ]; then kill -TERM "$child"; fi
# A signal ends wait, not the cell.
while wait "$child"; code=$?; [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null; do :; done

case $code in
  0) note done; exit 0 ;;
  ${EXIT_INTERRUPTED} | ${EXIT_TERMINATED}) if [ -n "$told" ] || [ "$code" = ${EXIT_INTERRUPTED} ]; then requeue "$code"; fi ;;
  ${EXIT_LOCKED}) requeue "$code" ;;
esac
if [ "$code" != ${EXIT_WRONG_INPUT} ] && [ "$(grep -c "^requeued failed" "$journal")" -lt ${retries} ]; then requeue failed "$code"; fi
note failed "$code"
if [ ! -e "$directory/failed.json" ]; then
  printf '{ "code": "exit %s", "message": "its process ended with exit code %s", "time": "%s" }\\n' \\
    "$code" "$code" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$directory/failed.json"
fi
exit "$code"
`;
}

/** Quotes a word for a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

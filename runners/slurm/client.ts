import { execFile } from "node:child_process";
import { N2uqError } from "../../src/errors.js";

export type SlurmCommand = "sbatch" | "squeue" | "scancel" | "scontrol";

/** Timeout. A controller that is busy, or fails over to its backup, answers within a minute or two. */
const PATIENCE_MS = 120_000;
const UNREACHABLE =
  /unable to contact|connection (refused|timed out)|could not establish|fetch config|socket timed out|munge|no answer/i;

/**
 * Runs a Slurm command without a shell and returns its standard output. @throws N2uqError N2UQ_SLURM_MISSING
 * if the command is not installed; N2UQ_SLURM_UNREACHABLE or N2UQ_SLURM_REFUSED with the command's message
 */
export function slurmCommand(command: SlurmCommand, args: readonly string[]): Promise<string> {
  const options = { timeout: PATIENCE_MS, maxBuffer: 256 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === "ENOENT") reject(new N2uqError("N2UQ_SLURM_MISSING", { command }));
      else {
        const reason = ownWords(command, stderr) || `no answer within ${PATIENCE_MS / 1000} s`;
        const code = UNREACHABLE.test(reason) ? "N2UQ_SLURM_UNREACHABLE" : "N2UQ_SLURM_REFUSED";
        reject(new N2uqError(code, { command, reason }, { cause: error }));
      }
    });
  });
}

/** `sbatch: error: invalid partition specified: gpu` → `invalid partition specified: gpu`. */
function ownWords(command: SlurmCommand, stderr: string): string {
  return stderr
    .split("\n")
    .map((line) => line.replace(new RegExp(`^${command}: ((error|fatal): )?`), "").trim())
    .filter((line) => line !== "")
    .join("; ");
}

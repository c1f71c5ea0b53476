/** What to do if the system's loader does not find libraries that libtorch needs. */
export const LIBRARIES =
  "The system's loader does not find these libraries. Those of CUDA belong to the `nvidia-…` packages that `pip install torch` installs next to it: install it again without `--no-deps`, or add their folder to LD_LIBRARY_PATH. A libtorch without CUDA does not need them.";

/** The advice for a message of the system's loader; undefined for other messages. */
export function loaderHint(reason: string): string | undefined {
  return /cannot open shared object file/.test(reason) ? LIBRARIES : undefined;
}

/** What the user should know about a GPU that libtorch finds, but on which a kernel failed. */
export function gpuAdvice(fault: string): string {
  const hint = loaderHint(fault);
  return `libtorch finds a GPU, but can't use it: ${fault}.${hint === undefined ? "" : ` ${hint}`}`;
}

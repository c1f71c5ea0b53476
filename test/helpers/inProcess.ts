import type { Test } from "tap";
import { main } from "../../cli/main.js";
import { root } from "./root.js";

/** Runs one command line in this process, which is faster than a new process for each of many commands. */
export async function inProcess(t: Test, args: readonly string[], cwd = root) {
  const before = process.cwd();
  const [out, err] = [t.capture(process.stdout, "write"), t.capture(process.stderr, "write")];
  process.chdir(cwd);
  try {
    const code = await main([process.execPath, "n2uq", ...args]);
    const [stdout, stderr] = [out, err].map(({ args: calls }) =>
      calls()
        .map(([text]) => String(text))
        .join(""),
    );
    return { code, stdout: stdout ?? "", stderr: stderr ?? "" };
  } finally {
    process.chdir(before);
    out.restore();
    err.restore();
  }
}

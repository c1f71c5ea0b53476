import { findNamedRun } from "../../runners/experimentRun.js";
import { compareJson, compareText } from "../../src/report/compare.js";
import { command } from "../command.js";
import { openFolders, runsOptions } from "../options.js";

/** `n2uq compare`: the resolved values in which two runs differ, and their results. */
export const compare = command({
  options: runsOptions,
  examples: [
    "compare quickstart quickstart-teacher",
    "compare 1a2b3c4d 5e6f7a8b --json",
    "compare experiments/quickstart.yaml runs/quickstart-5e6f7a8b/",
  ],
  async run(options, output, a: string, b: string) {
    const { project, cwd, runs } = await openFolders(options);
    const first = await findNamedRun(a, { project, cwd, runs });
    const second = await findNamedRun(b, { project, cwd, runs });
    output.result(compareText(first, second), compareJson(first, second));
  },
});

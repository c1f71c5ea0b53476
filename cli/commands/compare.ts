import { findNamedRun } from "../../runners/experimentRun.js";
import { compareJson, compareText } from "../../src/report/compare.js";
import { openFolders } from "../options.js";
import type { Output } from "../output.js";

export interface CompareOptions {
  readonly runs?: string;
}

/** `n2uq compare`: in which resolved values two runs differ, and what they came to. */
export async function compare(a: string, b: string, options: CompareOptions, output: Output): Promise<void> {
  const { project, cwd, runs } = await openFolders(options);
  const first = await findNamedRun(a, { project, cwd, runs });
  const second = await findNamedRun(b, { project, cwd, runs });
  output.result(compareText(first, second), compareJson(first, second));
}

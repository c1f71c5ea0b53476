import { findRun } from "../../../runners/findRuns.js";
import { compareJson, compareText } from "../../report/compare.js";
import { openFolders } from "../options.js";
import type { Output } from "../output.js";

export interface CompareOptions {
  readonly runs?: string;
}

/** `n2uq compare`: in which resolved values two runs differ, and what they came to. */
export async function compare(a: string, b: string, options: CompareOptions, output: Output): Promise<void> {
  const folder = (await openFolders(options)).runs;
  const [first, second] = [await findRun(folder, a), await findRun(folder, b)];
  output.result(compareText(first, second), compareJson(first, second));
}

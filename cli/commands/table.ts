import { basename } from "node:path";
import { fillTable } from "../../runners/table.js";
import { writeNamed } from "../../runners/writing.js";
import type { TableFormat } from "../../src/report/tables/formats.js";
import { tableFormats } from "../../src/report/tables/formats.js";
import { jsonTable } from "../../src/report/tables/json.js";
import { userPath } from "../../src/userPath.js";
import type { ExperimentOptions } from "../options.js";
import { openFolders } from "../options.js";
import type { Output } from "../output.js";

export interface TableOptions extends ExperimentOptions {
  readonly format?: TableFormat;
  readonly out?: string;
}

/** `n2uq table`: a results table, from run directories and published values. */
export async function table(file: string, options: TableOptions, output: Output): Promise<void> {
  const { project, runs, cwd } = await openFolders(options);
  const engine = options.engine === undefined ? [] : [`engine=${options.engine}`];
  const flags = { ...options, set: [...(options.set ?? []), ...engine] };
  const filled = await fillTable(file, flags, { project, cwd }, runs);
  for (const { directory, reason } of filled.skipped) output.error(`${basename(directory)}: ${reason}`);
  const text = tableFormats[options.format ?? "markdown"](filled);
  if (options.out === undefined) {
    output.result(text, jsonTable(filled));
    return;
  }
  await writeNamed(options.out, userPath(options.out, cwd), [`${text}\n`]);
  output.line(`${options.out} is written`);
}

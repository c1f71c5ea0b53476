import { relative } from "node:path";
import { resolveFile } from "../../../runners/resolve.js";
import { formatError } from "../../config/format.js";
import { N2uqError, N2uqErrors } from "../../errors.js";
import { layerCosts, totals } from "../../graph/cost.js";
import { totalsLine } from "../../report/plan.js";
import { errorJson } from "../failures.js";
import type { ExperimentOptions } from "../options.js";
import { openProject } from "../options.js";
import type { Output } from "../output.js";

/**
 * `n2uq validate`: checks any number of experiments down to the network, and shows every error of every file.
 * @returns the exit code
 */
export async function validate(
  files: readonly string[],
  options: ExperimentOptions,
  output: Output,
): Promise<number> {
  const wanted = files.length > 0 ? files : [(await openProject(undefined, options)).file];
  const reports: { file: string; valid: boolean; errors: unknown[] }[] = [];
  for (const name of wanted) {
    const { file, load } = await openProject(name, options);
    const shown = relative(process.cwd(), file);
    try {
      const { graph } = await resolveFile(file, load);
      output.line(`✔ ${shown}: ${graph.name}, ${totalsLine(totals(layerCosts(graph)))}`);
      reports.push({ file: shown, valid: true, errors: [] });
    } catch (error) {
      if (!(error instanceof N2uqError || error instanceof N2uqErrors)) throw error;
      const errors = error instanceof N2uqErrors ? error.errors : [error];
      reports.push({ file: shown, valid: false, errors: errors.map(errorJson) });
      if (output.mode !== "json")
        output.error(formatError(error, { color: output.color, cwd: process.cwd() }));
    }
  }
  if (output.mode === "json") output.json(reports);
  return reports.every(({ valid }) => valid) ? 0 : 2;
}

import { relative } from "node:path";
import { validateFile } from "../../runners/validate.js";
import { formatError } from "../../src/config/format.js";
import { N2uqError, N2uqErrors } from "../../src/errors.js";
import { matchingFiles } from "../../src/sweep/bases.js";
import { userPath } from "../../src/userPath.js";
import { command } from "../command.js";
import { errorJson } from "../failures.js";
import { experimentOptions, openProject } from "../options.js";

/**
 * `n2uq validate`: checks any number of experiments, sweeps, tables, searches and project configs by their
 * schemas, including the networks of the experiments, and shows every error of every file. Expands globs that
 * the shell did not expand. @returns the exit code
 */
export const validate = command({
  options: experimentOptions,
  examples: ["validate experiments/*.yaml"],
  async run(options, output, files: readonly string[]) {
    const { load, runs, file: usual } = await openProject(files[0] ?? undefined, options);
    const reports: { file: string; valid: boolean; errors: readonly unknown[] }[] = [];
    const check = async (file: string, work: () => Promise<string>) => {
      try {
        output.line(`✔ ${file}: ${await work()}`);
        reports.push({ file, valid: true, errors: [] });
      } catch (error) {
        if (!(error instanceof N2uqError || error instanceof N2uqErrors)) throw error;
        const errors = error instanceof N2uqErrors ? error.errors : [error];
        reports.push({ file, valid: false, errors: errors.map(errorJson) });
        if (output.mode !== "json")
          output.error(formatError(error, { color: output.color, cwd: process.cwd() }));
      }
    };
    for (const name of files.length > 0 ? files : [usual]) {
      let found = [name];
      try {
        found = matchingFiles(userPath(name), { file: "n2uq validate", text: name });
      } catch (error) {
        await check(name, async () => {
          throw error;
        });
        continue;
      }
      for (const file of found)
        await check(relative(process.cwd(), file), () => validateFile(file, load, runs));
    }
    if (output.mode === "json") output.json(reports);
    return reports.every(({ valid }) => valid) ? 0 : 2;
  },
});

import { basename } from "node:path";
import { fillTable } from "../../runners/table.js";
import { writeNamed } from "../../runners/writing.js";
import { type TableFormat, tableFormats } from "../../src/report/tables/formats.js";
import { jsonTable } from "../../src/report/tables/json.js";
import { userPath } from "../../src/userPath.js";
import { choice, command, text } from "../command.js";
import { experimentOptions, openFolders } from "../options.js";

const FORMATS = Object.keys(tableFormats) as TableFormat[];

/** `n2uq table`: a results table, from run directories and published values. */
export const table = command({
  options: {
    ...experimentOptions,
    format: choice("<name>", "output format (default: markdown)", FORMATS),
    out: text("<file>", "write the table to a file"),
  },
  examples: [
    "table experiments/tables/cifar10.yaml",
    "table experiments/tables/resnet.yaml --format latex --out resnet.tex",
    "table experiments/tables/resnet.yaml --profile smoke",
  ],
  async run(options, output, file: string) {
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
  },
});

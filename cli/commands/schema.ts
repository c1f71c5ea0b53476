import { join } from "node:path";
import { projectIn } from "../../runners/project.js";
import { writeNamed } from "../../runners/writing.js";
import { makeFolder } from "../../src/folders.js";
import { configRoot, experimentRoot, sweepRoot } from "../../src/schema/roots.js";
import { userPath } from "../../src/userPath.js";
import { command, text } from "../command.js";

/** `n2uq schema`: the schemas for editors, including the parts of the project's plug-ins. */
export const schema = command({
  options: { out: text("<folder>", "write the experiment, config and sweep schemas to this folder") },
  examples: ["schema > experiment.schema.json", "schema --out schemas"],
  async run({ out }, output) {
    await projectIn();
    if (out === undefined) {
      output.result(JSON.stringify(experimentRoot, null, 2), experimentRoot);
      return;
    }
    const folder = userPath(out);
    makeFolder(folder);
    const files: string[] = [];
    // The schemas' `$ref`s refer to each other by these file names.
    for (const [name, root] of Object.entries({
      experiment: experimentRoot,
      config: configRoot,
      sweep: sweepRoot,
    })) {
      const file = `${name}.schema.json`;
      await writeNamed(join(out, file), join(folder, file), [`${JSON.stringify(root, null, 2)}\n`]);
      files.push(join(out, file));
    }
    output.result(`wrote ${files.join(", ")}`, { files });
  },
});

import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { writeNamed } from "../../runners/writing.js";
import { N2uqError } from "../../src/errors.js";
import { makeFolder } from "../../src/folders.js";
import { packageRoot } from "../../src/package.js";
import { listed } from "../../src/schema/allowed.js";
import { experimentRoot } from "../../src/schema/roots.js";
import { userPath } from "../../src/userPath.js";
import { command, flag } from "../command.js";

/** `n2uq init`: writes a commented experiment and a project config. Never overwrites without --force. */
export const init = command({
  options: { force: flag("overwrite existing files") },
  async run({ force = false }, output, folder: string | undefined) {
    const root = userPath(folder ?? ".");
    const files = {
      [join(root, "n2uq.config.yaml")]: projectConfig,
      [join(root, "experiments", "first.yaml")]: experiment,
    };
    for (const file of Object.keys(files))
      if (existsSync(file) && !force) throw new N2uqError("N2UQ_CLI_FILE_EXISTS", { file: shown(file) });
    for (const [file, template] of Object.entries(files)) {
      const schemas = relative(dirname(file), join(packageRoot(), "schemas")).replaceAll("\\", "/");
      const text = template(schemas.startsWith(".") ? schemas : `./${schemas}`);
      makeFolder(dirname(file));
      await writeNamed(shown(file), file, [text]);
    }
    const names = Object.keys(files).map(shown);
    const first = shown(join(root, "experiments", "first.yaml"));
    output.result(`wrote ${names.join(" and ")}\nnext: n2uq plan ${first}, then n2uq run ${first}`, {
      files: names,
    });
  },
});

function shown(file: string): string {
  return relative(process.cwd(), file);
}

/** The names that the schema allows in a list, or for a key of a section. */
function namesOf(definition: string, key?: string): string {
  const found = experimentRoot.definitions?.[definition];
  const list = key === undefined ? found : found?.properties?.[key] || undefined;
  return listed((list?.enum ?? []).map(String), "or");
}

const projectConfig = (schemas: string) => `# yaml-language-server: $schema=${schemas}/config.schema.json

# The experiment of commands without a file name.
experiment: ./experiments/first.yaml

# Folder of the runs, one directory per experiment.
runs: ./runs

# Default values of all experiments of this project; files, profiles and --set override them.
defaults:
  training: { seed: 0 }

# Overlays for --profile NAME.
profiles:
  quick:
    data: { trainLimit: 2000, testLimit: 1000 }
    training: { epochs: 1 }
`;

const experiment = (schemas: string) => `# yaml-language-server: $schema=${schemas}/experiment.schema.json

name: first

# The network: a family by name (${namesOf("architecture", "family")}).
architecture:
  family: stages
  stem: { kernel: 3, stride: 2, channels: 16 }
  stages:
    - { block: basic, channels: 16, blocks: 1 }
    - { block: basic, channels: 32, blocks: 1, stride: 2 }

# The quantization method: ${namesOf("method")}.
quantization:
  method: n2uq
  bits: 2 # or { weights: 2, activations: 3 }
  # Rules for single layers; later rules take precedence. \`n2uq plan\` shows the layers' names.
  # layers:
  #   - { match: "layer2.*", bits: { weights: 3 } }

# Downloaded on first use into your cache.
data: { dataset: mnist }

training:
  epochs: 2
  batchSize: 128
  optimizer: { kind: adam, lr: 2.0e-3 }
  # The learning rate decreases to zero, step by step.
  schedule: { kind: linear, per: step }
  loss: { kind: cross-entropy }
`;

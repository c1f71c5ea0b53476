import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadExperiment } from "../../../src/config/load.js";
import type { FuzzTarget, Random } from "../target.js";
import { between, pick } from "../target.js";

const KEYS = [
  "bits",
  "epochs",
  "lr",
  "name",
  "training.optimizer.groups",
  "architecture.stages",
  "data.root",
  "teacher",
  "x",
  "",
];
const PARTS = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  " ",
  '"',
  "'",
  "a",
  "0",
  "1e999",
  "-",
  ".inf",
  "null",
  "~",
  "&a",
  "*a",
  "!x",
  "#",
  "\n",
  "\u00a0",
  "=",
  "0..4",
];

const base = `
name: tiny
architecture: { family: stages, stages: [{ block: basic, channels: 4, blocks: 1 }] }
data: { dataset: synthetic }
training: { epochs: 2 }
engine: wasm
`;

function text(random: Random): string {
  return Array.from({ length: between(random, 0, 12) }, () => pick(random, PARTS)).join("");
}

/** Values of `--set`, read over a valid experiment. */
export const target: FuzzTarget = {
  description: "values of --set",
  async prepare(folder) {
    writeFileSync(join(folder, "tiny.yaml"), base);
  },
  input(random, folder) {
    const argument = `${pick(random, KEYS)}=${text(random)}`;
    return {
      label: JSON.stringify(argument),
      content: argument,
      run: () => loadExperiment("tiny.yaml", { cwd: folder, set: [argument] }),
    };
  },
};

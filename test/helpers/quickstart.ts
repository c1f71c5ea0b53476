import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { root } from "./root.js";

/** The part of MNIST and the length of training of each of the two networks. */
export interface Size {
  readonly trainLimit: number;
  readonly testLimit: number;
  readonly epochs: number;
  readonly everySteps: number;
}

/**
 * Writes the quickstart with its teacher, both on a part of MNIST, for tests in which accuracy does not
 * matter.
 *
 * @returns the experiment's file
 */
export function smallQuickstart(folder: string, { trainLimit, testLimit, epochs, everySteps }: Size): string {
  const data = { dataset: "mnist", trainLimit, testLimit };
  const write = (name: string, from: string, more: object) => {
    const base = join(root, "experiments", from);
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, stringify({ extends: base, name, data, ...more }));
    return file;
  };
  const checkpoint = { everySteps };
  const teacher = {
    experiment: write("small-teacher", "quickstart-teacher.yaml", { training: { checkpoint } }),
  };
  return write("small", "quickstart.yaml", { teacher, init: teacher, training: { epochs, checkpoint } });
}

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { root } from "./root.js";

/** How much of MNIST each of the two networks sees. */
export interface Size {
  readonly trainLimit: number;
  readonly testLimit: number;
  readonly epochs: number;
  readonly everySteps: number;
}

/**
 * The quickstart with its teacher, both on a part of MNIST: where a run is killed, not how well it learns, counts.
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

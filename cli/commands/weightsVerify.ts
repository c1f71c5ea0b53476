import { basename, relative } from "node:path";
import pc from "picocolors";
import { resolveFile } from "../../runners/resolve.js";
import { type WeightsFit, weightsFit } from "../../runners/weightsFit.js";
import { formatBytes } from "../../src/report/units.js";
import { checkSource } from "../../src/weights/checksum.js";
import { openWeights } from "../../src/weights/open.js";
import { findSource, isSourceName, sources } from "../../src/weights/sources.js";
import type { WeightsFile } from "../../src/weights/types.js";
import { command, list, text } from "../command.js";
import { type ExperimentOptions, openProject } from "../options.js";
import { checked, fileOf, keyOptions } from "./weights.js";

/**
 * `n2uq weights verify FILE|NAME`: reads every value, compares the available checksums and, if an experiment
 * is given, reports how the file fits its network, initial weights and teacher. @returns the exit code: 2 if
 * the file fits none of them
 */
export const verify = command({
  options: {
    ...keyOptions,
    experiment: text("<file>", "compare names and shapes with its network, initial weights and teacher"),
    profile: list("<name>", "overlay of the experiment"),
    set: list("<path=value>", "set a value of the experiment"),
  },
  examples: [
    "weights verify torchvision:resnet101",
    "weights verify my.pth --experiment experiments/res18-w2a2.yaml",
  ],
  async run(options, output, what: string) {
    const file = await fileOf(what);
    const source = isSourceName(what) ? findSource(what) : sources.find((one) => one.file === basename(file));
    const sum =
      source === undefined || basename(file) !== source.file
        ? null
        : checked(source, await checkSource(source, file));
    const weights = await openWeights(file, { key: options.key });
    try {
      const bytes = await readThrough(weights);
      const fits =
        options.experiment === undefined ? null : await fitsOf(options.experiment, options, weights);
      const inside = weights.checksums ? "the checksums inside match" : "there are no checksums inside";
      const parts = [
        `${weights.tensors.size} tensors, ${formatBytes(bytes)} read`,
        inside,
        ...(sum === null ? [] : [sum]),
      ];
      const text = [
        `✔ ${relative(process.cwd(), file)}: ${parts.join(", ")}`,
        ...(fits ?? []).map(fitText(output.color)),
      ];
      output.result(text.join("\n"), { file, tensors: weights.tensors.size, bytes, checksum: sum, fits });
      return fits === null || fits.some((one) => one.fits) ? 0 : 2;
    } finally {
      await weights.close();
    }
  },
});

async function readThrough(weights: WeightsFile): Promise<number> {
  let bytes = 0;
  for (const tensor of weights.tensors.values())
    for await (const piece of tensor.chunks()) bytes += piece.length;
  return bytes;
}

async function fitsOf(
  experiment: string,
  options: ExperimentOptions,
  weights: WeightsFile,
): Promise<WeightsFit[]> {
  const project = await openProject(experiment, options);
  const { resolved } = await resolveFile(project.file, project.load);
  return weightsFit(resolved, weights.tensors);
}

const roles = {
  network: "the trained network",
  start: "the initial weights (init)",
  teacher: "the teacher",
} as const;

function fitText(color: boolean) {
  const paint = pc.createColors(color);
  return ({ role, fits, summary }: WeightsFit): string =>
    `${fits ? paint.green("✔") : paint.red("✖")} as ${roles[role]}: ${summary}`;
}

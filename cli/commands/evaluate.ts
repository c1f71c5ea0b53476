import { join, relative } from "node:path";
import { type Evaluation, evaluateExperiment } from "../../runners/evaluate.js";
import { resolveFile } from "../../runners/resolve.js";
import { createSession } from "../../runners/session.js";
import { renderTable } from "../../src/report/table.js";
import { formatPercent } from "../../src/report/units.js";
import { RESOLVED, runAt } from "../../src/runs/runRecords.js";
import { userPath } from "../../src/userPath.js";
import { command, text } from "../command.js";
import { experimentOptions, openProject } from "../options.js";
import { progressText } from "../progress.js";
import { abortOnSignals } from "../signals.js";
import { runStage } from "../stages.js";

/**
 * `n2uq evaluate`: top-1, top-5, loss and accuracy per class of a finished run (by experiment file or
 * directory) or of a weights file.
 */
export const evaluate = command({
  options: {
    ...experimentOptions,
    weights: text("<file>", "a weights file or named source instead of the run's best weights"),
    predictions: text("<file>", "write a CSV with the path, label and 5 most likely classes of each image"),
  },
  examples: [
    "evaluate experiments/quickstart.yaml",
    "evaluate experiments/quickstart.yaml --weights my.safetensors --json",
    "evaluate experiments/quickstart.yaml --predictions predictions.csv",
  ],
  async run(options, output, file?: string) {
    const directory = file === undefined ? null : runAt(userPath(file));
    const project = await openProject(directory === null ? file : join(directory, RESOLVED), options);
    const { resolved } = await resolveFile(project.file, project.load);
    let live: (text: string) => void = () => {};
    const session = createSession({
      runs: project.runs,
      models: project.models,
      signal: abortOnSignals(() => output.line("stopping")),
      emit: (event) => {
        const text = progressText(event);
        if (text !== null) live(text);
      },
      onDataProgress: ({ phase, done, total }) => live(`${phase} ${Math.round((100 * done) / total)} %`),
    });
    const evaluation = await runStage("Evaluate", output, async (say) => {
      live = say;
      const predictions = options.predictions && userPath(options.predictions);
      const asked = { directory: directory ?? undefined, weights: options.weights, predictions };
      return [await evaluateExperiment(session, resolved, asked), resolved.name];
    });
    output.result(`\n${evaluationText(evaluation)}`, { name: resolved.name, ...evaluation });
    if (options.predictions !== undefined) output.line(`${options.predictions} is written`);
  },
});

function evaluationText(evaluation: Evaluation): string {
  const { top1, top5, loss, images, unreadable, imagesPerSecond } = evaluation;
  const { weights, perClass, confusions } = evaluation;
  const head = `top-1 ${formatPercent(top1)} · top-5 ${formatPercent(top5)} · loss ${loss.toFixed(4)}`;
  const left = unreadable === 0 ? "" : ` (${unreadable} more can't be read)`;
  const pace = `${images} images${left}, ${imagesPerSecond.toFixed(0)} images/s, ${relative(process.cwd(), weights)}`;
  const names = new Map(perClass.map((one) => [one.class, one.name]));
  const classText = (index: number) => [index, names.get(index) ?? ""].join(" ").trim();
  const seen = perClass.filter((one) => one.top1 !== null);
  const worst = [...seen].sort((a, b) => (a.top1 ?? 0) - (b.top1 ?? 0)).slice(0, 10);
  const classes = worst.map((one) => [
    classText(one.class),
    String(one.images),
    formatPercent(one.top1 ?? 0),
  ]);
  const mixed = confusions
    .slice(0, 5)
    .map(({ label, predicted, images: n }) => `${classText(label)} taken for ${classText(predicted)}: ${n}`);
  return [
    head,
    pace,
    "",
    renderTable(["worst classes", "images", "top-1"], classes, [false, true, true]),
    ...(mixed.length > 0 ? ["", `most confused: ${mixed.join(", ")}`] : []),
  ].join("\n");
}

import { relative } from "node:path";
import { type SearchResult, searchBits } from "../../runners/search.js";
import { searchRecord, writeSearched, writeSearchRecord } from "../../runners/searchFile.js";
import { createSession } from "../../runners/session.js";
import { directoryOf } from "../../runners/weights.js";
import { N2uqError } from "../../src/errors.js";
import { renderTable } from "../../src/report/table.js";
import { formatPercent } from "../../src/report/units.js";
import { readSweep } from "../../src/sweep/read.js";
import { userPath } from "../../src/userPath.js";
import { command, text } from "../command.js";
import { experimentOptions, openFolders } from "../options.js";
import { progressText } from "../progress.js";
import { abortOnSignals } from "../signals.js";
import { runStage } from "../stages.js";

/** `n2uq search`: bits for each layer's weights under a budget, written as an experiment. */
export const search = command({
  options: {
    ...experimentOptions,
    out: text("<file>", "the experiment to write (default: the search's name in the current folder)"),
  },
  examples: ["search experiments/searches/quickstart-w2.5.yaml --out mixed.yaml"],
  async run(options, output, file: string) {
    const { project, runs, models, cwd } = await openFolders(options);
    const spec = await readSweep([file], options, cwd);
    if (spec.search === undefined) throw new N2uqError("N2UQ_SEARCH_MISSING", { file });
    const out = userPath(options.out ?? `${spec.name}.yaml`, cwd);
    if ([...spec.bases, spec.file].includes(out)) {
      const hint = "Give another file with `--out`.";
      throw new N2uqError("N2UQ_CLI_FILE_EXISTS", { file: relative(cwd, out) }, { hint });
    }
    let live: (text: string) => void = () => {};
    const session = createSession({
      runs,
      models,
      signal: abortOnSignals(() => output.line("stopping after this step, with a checkpoint")),
      emit: (event) => {
        const text = progressText(event);
        if (text !== null && event.type === "step") live(`${event.run} ${text}`);
      },
    });
    const result = await runStage("Search", output, async (say) => {
      live = say;
      const measured = (done: number, total: number, layer: string) =>
        say(`${done}/${total} lowered: ${layer}`);
      const found = await searchBits(session, spec, { project, cwd }, measured);
      await writeSearched(out, found, { project, cwd });
      await writeSearchRecord(directoryOf(session, found.maxBitsModel).path, found);
      return [found, relative(cwd, out)];
    });
    output.result(`\n${resultText(result)}`, { file: relative(cwd, out), ...searchRecord(result) });
  },
});

function resultText({ layers, bits, baseline, costs }: SearchResult): string {
  const all = [...new Set(layers.flatMap(({ candidates }) => candidates))].sort((a, b) => a - b);
  const rows = layers.map(({ id, penalties }) => [
    id,
    ...all.map((one) => (one in penalties ? (penalties[one] ?? 0).toFixed(4) : "")),
    String(bits.get(id) ?? ""),
  ]);
  const head = ["layer", ...all.map((one) => `+loss at W${one}`), "bits"];
  const kept = Object.entries(costs).map(
    ([name, one]) => `${name} ${Number(one.found.toPrecision(6))} of ${one.limit}`,
  );
  const start = `all at their largest bits: loss ${baseline.loss.toFixed(4)}, top-1 ${formatPercent(baseline.top1)} on held-out images`;
  return [
    start,
    "",
    renderTable(head, rows, [false, ...all.map(() => true), true]),
    "",
    kept.join(" · "),
  ].join("\n");
}

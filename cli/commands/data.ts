import { datasetPath, fetchDataset, listDatasets, verifyDataset } from "../../src/data/datasets.js";
import { renderTable } from "../../src/report/table.js";
import { formatBytes } from "../../src/report/units.js";
import { command } from "../command.js";
import { runStages } from "../stages.js";

/** `n2uq data list`. */
export const list = command({
  options: {},
  async run(_options, output) {
    const all = await listDatasets();
    const rows = all.map(({ name, classes, imageSize, trainSize, testSize, cached, bytes, summary }) => [
      name,
      String(classes),
      imageSize.join("×"),
      String(trainSize),
      String(testSize),
      cached ? formatBytes(bytes) : "",
      summary,
    ]);
    const head = ["data set", "classes", "size", "training", "validation", "here", "what"];
    output.result(renderTable(head, rows, [false, true, true, true, true, true, false]), all);
  },
});

/** `n2uq data fetch NAME…`. */
export const fetch = command({
  options: {},
  async run(_options, output, names: readonly string[]) {
    const stages = names.map((name) => ({
      title: name,
      run: async (live: (text: string) => void) => {
        const onProgress = ({ phase, done, total }: { phase: string; done: number; total: number }) =>
          live(`${phase} ${formatBytes(done)} of ${formatBytes(total)}`);
        await fetchDataset(name, { onProgress });
        return (await datasetPath(name)) ?? "";
      },
    }));
    await runStages(stages, output);
    if (output.mode === "json")
      output.json(await Promise.all(names.map(async (name) => ({ name, path: await datasetPath(name) }))));
  },
});

/** `n2uq data verify NAME…`: compares every file with its checksum. @returns the exit code */
export const verify = command({
  options: {},
  async run(_options, output, names: readonly string[]) {
    const all = await Promise.all(names.map(async (name) => ({ name, ...(await verifyDataset(name)) })));
    const text = all.map(({ name, ok, problems }) =>
      ok ? `✔ ${name}` : `✖ ${name}: ${problems.join("; ")}`,
    );
    output.result(text.join("\n"), all);
    return all.every(({ ok }) => ok) ? 0 : 3;
  },
});

/** `n2uq data path NAME`. */
export const path = command({
  options: {},
  async run(_options, output, name: string) {
    const found = await datasetPath(name);
    output.result(found ?? `${name} is not fetched yet: n2uq data fetch ${name}`, { name, path: found });
    return found === null ? 3 : 0;
  },
});

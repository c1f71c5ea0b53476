import { dirname, join, relative } from "node:path";
import { parse, stringify } from "yaml";
import { type LoadOptions, openExperiment } from "../src/config/load.js";
import { partAt, toValue } from "../src/config/tree.js";
import { packageRoot } from "../src/package.js";
import type { SearchRecord } from "../src/runs/summary.js";
import { writeAtomic } from "../src/weights/atomic.js";
import type { SearchResult } from "./search.js";
import { writeNamed } from "./writing.js";

/**
 * Writes the result as an experiment that extends the base, with one rule per layer. The base's rules precede
 * them, because a list replaces the base's list.
 */
export async function writeSearched(file: string, found: SearchResult, options: LoadOptions): Promise<void> {
  const { tree } = await openExperiment(found.base, options);
  const own = partAt(tree, ["quantization", "layers"]);
  const rules = [...found.bits].map(([match, weights]) => ({ match, bits: { weights } }));
  const experiment = {
    name: found.name,
    extends: near(file, found.base),
    quantization: { layers: [...(own === undefined ? [] : (toValue(own) as unknown[])), ...rules] },
  };
  const schema = near(file, `${packageRoot()}/schemas/experiment.schema.json`);
  const text = `# yaml-language-server: $schema=${schema}\n\n${explained(found)}\n${stringify(experiment)}`;
  parse(text);
  await writeNamed(file, file, [text]);
}

/** Writes the search record to the run that was evaluated, where a report finds it. */
export async function writeSearchRecord(directory: string, found: SearchResult): Promise<void> {
  const text = `${JSON.stringify(searchRecord(found), null, 1)}\n`;
  await writeAtomic(join(directory, `search-${found.name}.json`), [text]);
}

/** Measurements and choice of a search, as plain JSON. */
export function searchRecord({ name, baseline, costs, layers, bits }: SearchResult): SearchRecord {
  const chosen = layers.map(({ id, penalties }) => ({ layer: id, penalties, bits: bits.get(id) ?? 0 }));
  const { loss, top1 } = baseline;
  return { format: 1, name, baseline: { loss, top1 }, costs, layers: chosen };
}

function explained({ base, maxBitsModel, baseline, layers, bits, costs }: SearchResult): string {
  const kept = Object.entries(costs).map(
    ([name, { limit, found }]) => `${name} ${Number(found.toPrecision(6))} of ${limit}`,
  );
  const lines = [
    `Found by n2uq search: ${kept.join(", ")}.`,
    `Each layer of ${base.split("/").at(-1)}, with all at their largest bits (loss ${baseline.loss.toFixed(4)}, top-1 ${baseline.top1.toFixed(2)} % on`,
    `held-out images; run ${maxBitsModel.name}, seed ${maxBitsModel.training.seed}), was lowered separately; added loss by bits, * = chosen:`,
    ...layers.map(({ id, candidates, penalties }) => {
      const each = candidates.map(
        (one) => `${one}${bits.get(id) === one ? "*" : ""}: ${(penalties[one] ?? 0).toFixed(4)}`,
      );
      return `  ${id}  ${each.join("  ")}`;
    }),
  ];
  return lines.map((line) => `# ${line}`).join("\n");
}

function near(file: string, target: string): string {
  const path = relative(dirname(file), target).replaceAll("\\", "/");
  return path.startsWith(".") ? path : `./${path}`;
}

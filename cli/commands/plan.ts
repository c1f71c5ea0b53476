import { relative } from "node:path";
import { type ResolvedFile, resolveFile } from "../../runners/resolve.js";
import { placeOf } from "../../runners/sources.js";
import { precisionText } from "../../src/engines/precision.js";
import { layerCosts, totals } from "../../src/graph/cost.js";
import { groupParameters } from "../../src/graph/groups.js";
import { leaves } from "../../src/report/leaves.js";
import { type PlanLayer, planTable, totalsLine } from "../../src/report/plan.js";
import { renderTable } from "../../src/report/table.js";
import { recipeHash } from "../../src/resolve/hash.js";
import type { ResolvedExperiment } from "../../src/resolve/types.js";
import { command, flag } from "../command.js";
import { notesOf } from "../notes.js";
import { experimentOptions, openProject } from "../options.js";

/** `n2uq plan`: shows the network of an experiment without training it. */
export const plan = command({
  options: {
    ...experimentOptions,
    sources: flag("show the origin of every value"),
    all: flag("show every node, not only layers with weights"),
  },
  examples: [
    "plan experiments/quickstart.yaml",
    "plan experiments/quickstart.yaml --sources",
    "plan experiments/mbv2-w4a4.yaml --json",
  ],
  async run(options, output, file?: string) {
    const project = await openProject(file, options);
    const found = await resolveFile(project.file, project.load);
    output.result(
      options.sources === true ? sourcesText(found) : planText(found, options.all === true),
      planJson(found),
    );
  },
});

function planText(found: ResolvedFile, all: boolean): string {
  const { resolved, hash, graph } = found;
  const costs = layerCosts(graph);
  const layers: PlanLayer[] = costs.map((cost) => {
    const from = graph.decisions[cost.id]?.from;
    return from === undefined ? cost : { ...cost, setBy: setBy(from, found) };
  });
  // The device is not known here, so only a precision that is not the default is named.
  const products = precisionText(resolved.training.precision, false);
  const engine = [`${resolved.engine} engine`, ...(products === null ? [] : [products])].join(", ");
  const head = `${resolved.name} ${hash.slice(0, 8)}: ${graph.name}, input ${graph.input.join("×")}, ${engine}`;
  const table = `${head}\n\n${planTable(layers, all)}\n\n${totalsLine(totals(costs))}`;
  const notes = notesOf(found);
  return notes.length === 0 ? table : `${table}\n\n${notes.join("\n")}`;
}

/** `layers[0]` → `layers[0] (quickstart.yaml:12)`. */
function setBy(from: string, { loaded, resolved }: ResolvedFile): string {
  const isNone = resolved.quantization.method === "none";
  const paths: Record<string, (string | number)[]> = {
    quantization: ["quantization", isNone ? "method" : "bits"],
    "downsample: false": ["quantization", "downsample"],
  };
  const indexed = /^(layers|keep)\[(\d+)\]$/.exec(from);
  const path = indexed === null ? paths[from] : ["quantization", indexed[1] ?? "", Number(indexed[2])];
  if (path === undefined) return from;
  const name = from === "quantization" ? path.at(-1) : from;
  return `${name} (${placeOf(loaded, path)})`;
}

function sourcesText({ loaded, resolved }: ResolvedFile): string {
  const rows = leaves(shortened(resolved)).map(({ path, value }) => [
    path.join("."),
    value,
    placeOf(loaded, path, JSON.parse(value)),
  ]);
  return renderTable(["key", "value", "from"], rows, [false, false, false]);
}

/** Shows a referenced experiment by name and hash only. */
function shortened(resolved: ResolvedExperiment): unknown {
  const short = (reference: ResolvedExperiment["teacher"] | ResolvedExperiment["init"]) =>
    reference !== null && "hash" in reference
      ? { experiment: `${reference.experiment.name} ${reference.hash.slice(0, 8)}` }
      : reference;
  const { decided: _decided, ...rest } = resolved;
  return { ...rest, teacher: short(resolved.teacher), init: short(resolved.init) };
}

function planJson(found: ResolvedFile): unknown {
  const { loaded, resolved, hash, graph } = found;
  const costs = layerCosts(graph);
  const specs = graph.nodes.flatMap(({ params, buffers }) => [...params, ...buffers]);
  return {
    name: resolved.name,
    hash,
    recipe: recipeHash(resolved),
    content: resolved.content,
    notes: notesOf(found),
    file: relative(process.cwd(), loaded.file),
    architecture: graph.name,
    totals: totals(costs),
    layers: costs.map(({ packedBytes: _, ...layer }) => layer),
    tensors: Object.fromEntries(specs.map(({ name, shape }) => [name, shape])),
    parameterGroups: groupParameters(graph, resolved.training.optimizer),
  };
}

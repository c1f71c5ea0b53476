import type { RunRecord } from "./record.js";

/** A line for each dead layer; empty for runs of older versions, which did not record them. */
export function deadLines({ deadLayers = [] }: Pick<RunRecord, "deadLayers">): string[] {
  return deadLayers.map(({ layer, parameter, bound, steps, firstStep, atEnd, value }) => {
    const shown = Number(value.toPrecision(3));
    if (parameter === null) return `dead layer ${layer}: its output has only the level ${shown}`;
    const when = `for ${steps} ${steps === 1 ? "step" : "steps"} from step ${firstStep} on`;
    const end = atEnd ? `and at the end (${shown})` : `but not at the end (${shown})`;
    return `dead layer ${layer}: ${parameter} was not above ${bound} ${when}, ${end}`;
  });
}

/** A short form for one line of a list. */
export function deadWords({ deadLayers = [] }: Pick<RunRecord, "deadLayers">): string {
  const layers = new Set(deadLayers.map(({ layer }) => layer));
  if (layers.size === 0) return "";
  const [first = ""] = layers;
  return layers.size === 1 ? `dead layer ${first}` : `${layers.size} dead layers: ${first} and others`;
}

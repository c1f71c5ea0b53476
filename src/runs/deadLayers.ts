import type { DeadLayer, RunRecord } from "./record.js";

/** The record's dead layers; skips damaged entries. Records of older versions have none. */
function deadLayersOf({ deadLayers }: Pick<RunRecord, "deadLayers">): DeadLayer[] {
  return Array.isArray(deadLayers) ? deadLayers.filter(isDeadLayer) : [];
}

function isDeadLayer(one: unknown): one is DeadLayer {
  if (typeof one !== "object" || one === null) return false;
  const { layer, value } = one as Partial<Record<keyof DeadLayer, unknown>>;
  return typeof layer === "string" && typeof value === "number";
}

/** A line for each dead layer; empty for runs of older versions, which did not record them. */
export function deadLines(record: Pick<RunRecord, "deadLayers">): string[] {
  return deadLayersOf(record).map(({ layer, parameter, bound, steps, firstStep, atEnd, value }) => {
    const shown = Number(value.toPrecision(3));
    if (parameter === null) return `dead layer ${layer}: only the level ${shown} comes out`;
    const when = `for ${steps} ${steps === 1 ? "step" : "steps"} from step ${firstStep} on`;
    const end = atEnd ? `and at the end (${shown})` : `but not at the end (${shown})`;
    return `dead layer ${layer}: ${parameter} was not above ${bound} ${when}, ${end}`;
  });
}

/** A short form for one line of a list. */
export function deadWords(record: Pick<RunRecord, "deadLayers">): string {
  const layers = new Set(deadLayersOf(record).map(({ layer }) => layer));
  if (layers.size === 0) return "";
  const [first = ""] = layers;
  return layers.size === 1 ? `dead layer ${first}` : `${layers.size} dead layers: ${first} and others`;
}

import type { DeadLayer, RunRecord } from "./record.js";

/** What a record says of them; a damaged entry is left out, and an older version did not look. */
function told({ deadLayers }: Pick<RunRecord, "deadLayers">): DeadLayer[] {
  return Array.isArray(deadLayers) ? deadLayers.filter(isDeadLayer) : [];
}

function isDeadLayer(one: unknown): one is DeadLayer {
  if (typeof one !== "object" || one === null) return false;
  const { layer, value } = one as Partial<Record<keyof DeadLayer, unknown>>;
  return typeof layer === "string" && typeof value === "number";
}

/** A line for each dead layer; none for a run of an older version, which did not look. */
export function deadLines(record: Pick<RunRecord, "deadLayers">): string[] {
  return told(record).map(({ layer, parameter, bound, steps, firstStep, atEnd, value }) => {
    const shown = Number(value.toPrecision(3));
    if (parameter === null) return `dead layer ${layer}: only the level ${shown} comes out`;
    const when = `for ${steps} ${steps === 1 ? "step" : "steps"} from step ${firstStep} on`;
    const end = atEnd ? `and at the end (${shown})` : `but not at the end (${shown})`;
    return `dead layer ${layer}: ${parameter} was not above ${bound} ${when}, ${end}`;
  });
}

/** In a few words, for a line of a list. */
export function deadWords(record: Pick<RunRecord, "deadLayers">): string {
  const layers = new Set(told(record).map(({ layer }) => layer));
  if (layers.size === 0) return "";
  const [first = ""] = layers;
  return layers.size === 1 ? `dead layer ${first}` : `${layers.size} dead layers: ${first} and others`;
}

import type { Analysis, DeadLayer, LevelUse } from "../runs/record.js";

/** Layers whose output takes a single level for every input, according to an analysis. */
export function constantLayers({ weights, activations }: Analysis): DeadLayer[] {
  return [...activations, ...weights].flatMap((one) => {
    const value = onlyLevel(one);
    if (value === null) return [];
    const end = { steps: 0, firstStep: null, atEnd: true, value };
    return [{ layer: one.layer, parameter: null, bound: null, ...end }];
  });
}

function onlyLevel({ levels, counts }: LevelUse): number | null {
  const used = counts.flatMap((count, index) => (count > 0 ? [index] : []));
  return used.length === 1 && levels.length > 1 ? (levels[used[0] ?? 0] ?? null) : null;
}

/** Layers with clamped parameters, and layers that only the analysis shows to be constant. */
export function deadLayersOf(clamped: readonly DeadLayer[], analysis: Analysis): DeadLayer[] {
  const known = new Set(clamped.filter(({ atEnd }) => atEnd).map(({ layer }) => layer));
  return [...clamped, ...constantLayers(analysis).filter(({ layer }) => !known.has(layer))];
}

import type { ResolvedExperiment } from "./types.js";

/** The sections of an experiment in which parts are chosen. */
type Chosen = Pick<ResolvedExperiment, "architecture" | "quantization" | "teacher" | "data" | "training">;

/**
 * The plug-in parts that an experiment uses, each with the sha256 of its module; undefined if it uses none.
 * Parts of referenced experiments are not included. @param digestOf digest of a part such as
 * `quantizers/ternary`; undefined for n2uq's own parts
 */
export function pluginParts(
  experiment: Chosen,
  digestOf: (part: string) => string | undefined,
): Readonly<Record<string, string>> | undefined {
  const entries = [...new Set(partsOf(experiment))].flatMap((part) => {
    const digest = digestOf(part);
    return digest === undefined ? [] : [[part, digest] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function partsOf({ architecture, quantization, teacher, data, training }: Chosen): string[] {
  const methods = [quantization.method, ...quantization.layers.flatMap(({ method }) => method ?? [])];
  const families = [
    architecture.family,
    ...(teacher !== null && "architecture" in teacher ? [teacher.architecture.family] : []),
  ];
  return [
    ...methods.map((method) => `quantizers/${method}`),
    ...families.map((family) => `models/${family}`),
    `datasets/${data.dataset}`,
    `optimizers/${training.optimizer.kind}`,
    `schedules/${training.schedule.kind}`,
    `losses/${training.loss.kind}`,
  ];
}

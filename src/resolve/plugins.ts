import type { ResolvedExperiment } from "./types.js";

/** What an experiment says of its parts. */
type Chosen = Pick<ResolvedExperiment, "architecture" | "quantization" | "teacher" | "data" | "training">;

/**
 * The parts of plug-ins that an experiment uses, each with the sha256 of its module; undefined where it uses none. Another
 * experiment that it refers to has its own.
 * @param digestOf of a part, `quantizers/ternary`; undefined for the program's own
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

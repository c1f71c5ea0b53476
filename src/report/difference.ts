import { leaves } from "./leaves.js";

/** A value that differs between runs. */
export interface Difference {
  /** `quantization.bits.weights` */
  readonly path: string;
  /** One value per run, as JSON; null if the run does not have the key. */
  readonly values: readonly (string | null)[];
}

/**
 * The resolved values that differ between experiments, in order of appearance. A different name is not a
 * difference.
 */
export function differences(resolved: readonly unknown[]): Difference[] {
  const flat = resolved.map((one) => flatten(one));
  const paths = new Set(flat.flatMap((one) => [...one.keys()]));
  paths.delete("name");
  return [...paths].flatMap((path) => {
    const values = flat.map((one) => one.get(path) ?? null);
    return new Set(values).size > 1 ? [{ path, values }] : [];
  });
}

/** Every value by its path. */
export function flatten(resolved: unknown): Map<string, string> {
  return new Map(leaves(resolved).map(({ path, value }) => [path.join("."), value]));
}

/** A value for display: text without quotes; a missing value is "not set". */
export function shownValue(value: string | null): string {
  if (value === null) return "not set";
  return value.startsWith('"') ? String(JSON.parse(value)) : value;
}

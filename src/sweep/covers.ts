import { childSchema } from "../config/merge.js";
import { experimentRoot, schemaAt } from "../schema/roots.js";
import type { Path, Schema } from "../schema/schema.js";

/**
 * Whether an experiment (plain JSON with defaults) has the expected value at a path. Its maps may have more
 * keys than the expected map, and `bits: 2` means 2 for both weights and activations.
 */
export function covers(experiment: unknown, path: Path, expected: unknown): boolean {
  let found = experiment;
  let schema = experimentRoot;
  for (const key of path) {
    const whole = spread(found, schema);
    if (typeof whole !== "object" || whole === null) return false;
    found = (whole as Record<string | number, unknown>)[key];
    schema = typeof key === "number" ? (schemaAt(schema, [key]) ?? {}) : childSchema(schema, key);
  }
  return contains(found, expected, schema);
}

function contains(found: unknown, expected: unknown, schema: Schema): boolean {
  if (Object.is(found, expected)) return true;
  const [have, want] = [spread(found, schema), spread(expected, schema)];
  if (typeof have !== "object" || typeof want !== "object" || have === null || want === null) return false;
  if (Array.isArray(want) || Array.isArray(have)) return JSON.stringify(have) === JSON.stringify(want);
  return Object.entries(want).every(([key, value]) =>
    contains((have as Record<string, unknown>)[key], value, childSchema(schema, key)),
  );
}

function spread(value: unknown, schema: Schema): unknown {
  const keys = schema["x-number-fills"];
  return keys === undefined || typeof value !== "number"
    ? value
    : Object.fromEntries(keys.map((key) => [key, value]));
}

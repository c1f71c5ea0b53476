import type {
  CompleteArchitecture,
  CompleteAugmentation,
  CompleteData,
  CompleteExperiment,
  CompleteLoss,
} from "./generated/complete.js";
import type { Architecture, Augmentation, Data, Experiment, Loss } from "./generated/experiment.js";
import { dereference, experimentRoot } from "./roots.js";
import type { Schema } from "./schema.js";

/** An experiment with all keys that have no default, as `validateComplete` requires. */
export type WholeExperiment = Experiment & Required<Pick<Experiment, "name" | "architecture" | "data">>;

/** The sections that have defaults: as written, and complete. */
interface Sections {
  readonly experiment: readonly [Experiment, CompleteExperiment];
  readonly architecture: readonly [Architecture, CompleteArchitecture];
  readonly augmentation: readonly [Augmentation, CompleteAugmentation];
  readonly data: readonly [Data, CompleteData];
  readonly loss: readonly [Loss, CompleteLoss];
}

/**
 * The value with the schema's defaults for missing keys, including those of the chosen part. Keeps all values
 * (also `null`), except options that the chosen part does not have. @param value valid by the schema; must
 * contain the key that chooses a part, or the part's defaults are not filled in
 */
export function withDefaults<Name extends keyof Sections>(
  section: Name,
  value: Sections[Name][0],
): Sections[Name][1] {
  const schema = section === "experiment" ? experimentRoot : experimentRoot.definitions?.[section];
  return filled(value, schema ?? {}) as Sections[Name][1];
}

function filled(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) {
    const item = dereference(schema.items ?? {});
    return value.map((one) => filled(one, item));
  }
  if (typeof value !== "object" || value === null || schema.properties === undefined) return value;
  const all: Record<string, unknown> = { ...value };
  const chooser = schema["x-discriminator"];
  for (const [key, propertyBy] of propertiesOf(schema)) {
    const choice = chooser === undefined ? undefined : all[chooser];
    const property = propertyBy(choice);
    const given = Object.hasOwn(all, key) && all[key] !== undefined;
    if (property === undefined) {
      if (given && choice !== undefined) delete all[key];
      continue;
    }
    const found = given ? filled(all[key], property) : defaultOf(property);
    if (found !== undefined) all[key] = found;
  }
  return all;
}

/** The value of a missing key: the default, or a map of defaults; undefined if there is none. */
function defaultOf(schema: Schema): unknown {
  if (schema.default !== undefined) return structuredClone(schema.default);
  if (schema.type !== "object") return undefined;
  const map = filled({}, schema) as Record<string, unknown>;
  const lacks = schema["x-required"]?.some((key) => map[key] === undefined) ?? false;
  return lacks || Object.keys(map).length === 0 ? undefined : map;
}

/**
 * The schema of a key, by the value of the key that chooses among alternatives; undefined if the key is not
 * allowed.
 */
type PropertyBy = (choice: unknown) => Schema | undefined;

let properties = new WeakMap<Schema, ReadonlyMap<string, PropertyBy>>();

/** Discards values derived from the schemas; for `extendSchemas`. */
export function forgetProperties(): void {
  properties = new WeakMap();
}

/**
 * The keys of a map in the order in which defaults are filled in: the key that chooses among alternatives
 * first. A key that only some alternatives have is not allowed while none is chosen. Cached, because every
 * cell of a sweep needs it.
 */
export function propertiesOf(schema: Schema): ReadonlyMap<string, PropertyBy> {
  const known = properties.get(schema);
  if (known !== undefined) return known;
  const chooser = schema["x-discriminator"];
  const keys = new Set([
    ...(chooser === undefined ? [] : [chooser]),
    ...Object.keys(schema.properties ?? {}),
  ]);
  const found = new Map([...keys].map((key) => [key, propertyBy(schema, key)]));
  properties.set(schema, found);
  return found;
}

function propertyBy(schema: Schema, key: string): PropertyBy {
  const property = dereference(schema.properties?.[key] || {});
  const chooser = schema["x-discriminator"];
  const own = (schema.allOf ?? []).flatMap((one) => {
    const narrowed = one.then.properties?.[key];
    if (narrowed === undefined) return [];
    const choice = chooser === undefined ? undefined : one.if.properties?.[chooser]?.const;
    return [[choice, narrowed === false ? undefined : { ...property, ...narrowed }] as const];
  });
  const unchosen = own.some(([, narrowed]) => narrowed === undefined) ? undefined : property;
  const byChoice = new Map(own.toReversed());
  return (choice) => {
    if (chooser === undefined || choice === undefined) return unchosen;
    return byChoice.has(choice) ? byChoice.get(choice) : property;
  };
}

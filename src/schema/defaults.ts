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

/** The sections that can be completed: as written, and with defaults. */
interface Sections {
  readonly experiment: readonly [Experiment, CompleteExperiment];
  readonly architecture: readonly [Architecture, CompleteArchitecture];
  readonly augmentation: readonly [Augmentation, CompleteAugmentation];
  readonly data: readonly [Data, CompleteData];
  readonly loss: readonly [Loss, CompleteLoss];
}

/**
 * The value with the schema's defaults for whatever is missing, those of the chosen part included. What is given stays, `null` too;
 * only options that the chosen part does not have are left out.
 * @param value valid by the schema; of a section that chooses a part, the choice must be there for the part's defaults
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
  for (const key of fillOrder(schema)) {
    const property = openProperty(schema, key, (chooser) => all[chooser]);
    const given = Object.hasOwn(all, key) && all[key] !== undefined;
    if (given && property === undefined && isChosen(schema, all)) delete all[key];
    if (property === undefined) continue;
    const found = given ? filled(all[key], property) : defaultOf(property);
    if (found !== undefined) all[key] = found;
  }
  return all;
}

/** Whether the key that chooses a part has a value. */
function isChosen(schema: Schema, map: Readonly<Record<string, unknown>>): boolean {
  const chooser = schema["x-discriminator"];
  return chooser !== undefined && map[chooser] !== undefined;
}

/** What stands where nothing is given: the default, or a map of defaults; undefined where there is none. */
function defaultOf(schema: Schema): unknown {
  if (schema.default !== undefined) return structuredClone(schema.default);
  if (schema.type !== "object") return undefined;
  const map = filled({}, schema) as Record<string, unknown>;
  const lacks = schema["x-required"]?.some((key) => map[key] === undefined) ?? false;
  return lacks || Object.keys(map).length === 0 ? undefined : map;
}

/** The keys of a map, the one that chooses among alternatives first. */
export function fillOrder(schema: Schema): string[] {
  const keys = Object.keys(schema.properties ?? {});
  const chosen = schema["x-discriminator"];
  return chosen === undefined ? keys : [chosen, ...keys.filter((key) => key !== chosen)];
}

/**
 * The schema of a key as the chosen alternative has it; undefined where the key may not stand. A key of some alternatives may
 * not stand while none is chosen.
 * @param choiceOf the value of the key that chooses
 */
export function openProperty(
  schema: Schema,
  key: string,
  choiceOf: (chooser: string) => unknown,
): Schema | undefined {
  const property = childOf(schema, key);
  const concerned = (schema.allOf ?? []).filter(({ then }) => then.properties?.[key] !== undefined);
  if (concerned.length === 0) return property;
  const chooser = schema["x-discriminator"];
  const choice = chooser === undefined ? undefined : choiceOf(chooser);
  if (chooser === undefined || choice === undefined)
    return concerned.some(({ then }) => then.properties?.[key] === false) ? undefined : property;
  const own = concerned.find((one) => one.if.properties?.[chooser]?.const === choice)?.then.properties?.[key];
  return own === false ? undefined : { ...property, ...own };
}

function childOf(schema: Schema, key: string): Schema {
  return dereference(schema.properties?.[key] || {});
}

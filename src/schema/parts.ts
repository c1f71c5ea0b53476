import type { Alternative, Schema } from "./schema.js";

/**
 * The schema fragment of a part (a quantizer, a model family, a data set …): `schemas/<table>/<name>.json`.
 */
export interface Fragment {
  /** Full sentences, shown after the part's name in the description of the key that chooses the part. */
  readonly description: string;
  /** The part's options, each with a description, examples and, if it has one, a default. */
  readonly properties?: Readonly<Record<string, Schema>>;
  /** Options without a default. */
  readonly required?: readonly string[];
  /** Short words that flags accept for the part with certain options. */
  readonly shorthands?: Readonly<Record<string, object>>;
  /** Schemas that the options reference. */
  readonly definitions?: Readonly<Record<string, Schema>>;
  /** For a loss that needs a teacher: the loss is an error without a teacher, and required with one. */
  readonly teacher?: boolean;
  /** For a data set whose files the user may provide: the description of its folder in a project config. */
  readonly folder?: { readonly description: string; readonly examples: readonly unknown[] };
}

/** The tables of parts, with the folders of their fragments. */
export type Table =
  | "models"
  | "quantizers"
  | "datasets"
  | "augmentations"
  | "optimizers"
  | "schedules"
  | "losses";

/**
 * A copy of the schema with one more part: its name is allowed, its options exist, and options of other parts
 * are errors. @param schema the schema of an experiment or of a project config
 */
export function addPart(schema: Schema, table: Table, name: string, fragment: Fragment): Schema {
  const definitions = Object.fromEntries(
    Object.entries({ ...schema.definitions, ...ownDefinitions(schema, fragment) }).map(
      ([key, definition]) => [
        key,
        definition["x-parts"]?.folder === table ? withPart(definition, name, fragment) : definition,
      ],
    ),
  );
  const properties = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([key, property]) => [
      key,
      property === false ? property : ownedBy(schema, property, table, name, fragment),
    ]),
  );
  return { ...schema, properties, definitions };
}

/** The fragment's definitions, but none for the schema of a config, which has no options of experiments. */
function ownDefinitions(schema: Schema, { definitions = {} }: Fragment): Fragment["definitions"] {
  return Object.values(schema.definitions ?? {}).some((one) => one["x-parts"] !== undefined)
    ? definitions
    : {};
}

/** A first-level key; adds short words for the part, or the data set's folder, if the key has such. */
function ownedBy(schema: Schema, property: Schema, table: Table, name: string, fragment: Fragment): Schema {
  if (property["x-folders-of"] === table && fragment.folder !== undefined) {
    const folder = { $ref: "#/definitions/dataFolder", ...fragment.folder };
    return { ...property, properties: { ...property.properties, [name]: folder } };
  }
  const section = schema.definitions?.[property.$ref?.replace("#/definitions/", "") ?? ""];
  const chosen = section && chooserOf(section);
  if (section?.["x-parts"]?.folder !== table || chosen === undefined || fragment.shorthands === undefined)
    return property;
  const words = Object.entries(fragment.shorthands).map(([word, value]) => [
    word,
    { [chosen]: name, ...value },
  ]);
  return { ...property, "x-shorthand": { ...property["x-shorthand"], ...Object.fromEntries(words) } };
}

/** The section (or the list of names) with the part added. */
function withPart(section: Schema, name: string, fragment: Fragment): Schema {
  const chosen = chooserOf(section);
  if (section.properties === undefined || chosen === undefined)
    return { ...section, enum: [...(section.enum ?? []), name] };
  const { properties = {}, required } = fragment;
  const parts = section["x-parts"];
  const before = parts?.options ?? {};
  const isCommon = (key: string) =>
    key in (section.properties ?? {}) && !Object.values(before).flat().includes(key);
  const options = { ...before, [name]: Object.keys(properties).filter((key) => !isCommon(key)) };
  const described = chooser(section.properties[chosen] || {}, name, fragment);
  const { shared, own } = merged(section, properties, before, name);
  const all = { ...section.properties, [chosen]: described, ...shared };
  const taught = fragment.teacher === true && { taught: [...(parts?.taught ?? []), name] };
  const rest = { ...section, properties: all, "x-parts": { ...parts, options, ...taught } } as Schema;
  if (parts?.mixed === true) return rest;
  const every = [...new Set(Object.values(options).flat())];
  const allOf = Object.entries(options).map(([part, has]): Alternative => {
    const known = alternativeOf(section, chosen, part);
    const needs = part === name ? required : known?.then["x-required"];
    const forbidden = every.filter((key) => !has.includes(key)).map((key) => [key, false] as const);
    const then = { ...own[part], ...Object.fromEntries(forbidden) };
    return {
      if: { properties: { [chosen]: { const: part } }, required: [chosen] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: {
        ...(Object.keys(then).length > 0 && { properties: then }),
        ...(needs !== undefined && { "x-required": needs }),
      },
    };
  });
  return { ...rest, allOf };
}

/** The key that chooses the part. */
function chooserOf(section: Schema): string | undefined {
  return section["x-parts"]?.chosen ?? section["x-discriminator"];
}

/**
 * Adds the part's name and description to the key that chooses the part; only the description if the key
 * refers to a separate list of names.
 */
function chooser(property: Schema, name: string, { description }: Fragment): Schema {
  const names = property.$ref === undefined ? { enum: [...(property.enum ?? []), name] } : {};
  return { ...property, ...names, description: `${property.description} \`${name}\`: ${description}` };
}

/** Keywords of a shared option that are always those of the first part with this option. */
const COMMON = ["description", "title"];

interface Merged {
  /** The section's options, each with the keywords that all parts share. */
  readonly shared: Record<string, Schema>;
  /** By part: its differences from the shared options. */
  readonly own: Readonly<Record<string, Record<string, Schema>>>;
}

function merged(
  section: Schema,
  added: Readonly<Record<string, Schema>>,
  before: Readonly<Record<string, readonly string[]>>,
  name: string,
): Merged {
  const shared: Record<string, Schema> = {};
  const own: Record<string, Record<string, Schema>> = Object.fromEntries(
    Object.keys(before).map((part) => [part, differencesOf(section, part)]),
  );
  own[name] = {};
  for (const [key, option] of Object.entries(added)) {
    const known = section.properties?.[key] || undefined;
    if (known === undefined) {
      shared[key] = option;
      continue;
    }
    const others = Object.keys(before).filter((part) => before[part]?.includes(key) === true);
    if (others.length === 0) {
      // The section has this option for all parts; this part narrows it.
      own[name] = { ...own[name], [key]: without(option, Object.entries(known)) };
      continue;
    }
    const agreed = Object.entries(known).filter(
      ([word, value]) =>
        COMMON.includes(word) ||
        word === "examples" ||
        JSON.stringify(option[word as keyof Schema]) === JSON.stringify(value),
    );
    shared[key] = Object.fromEntries(agreed);
    for (const part of others) {
      const differing = without(known, agreed);
      if (Object.keys(differing).length > 0)
        own[part] = { ...own[part], [key]: { ...differing, ...own[part]?.[key] } };
    }
    const differing = without(option, agreed);
    if (Object.keys(differing).length > 0) own[name] = { ...own[name], [key]: differing };
  }
  return { shared, own };
}

/** The keywords of a schema that differ from the shared ones. */
function without(schema: Schema, agreed: readonly (readonly [string, unknown])[]): Schema {
  const known = new Map(agreed.map(([word, value]) => [word, JSON.stringify(value)]));
  const own = Object.entries(schema).filter(
    ([word, value]) => !COMMON.includes(word) && known.get(word) !== JSON.stringify(value),
  );
  return Object.fromEntries(own);
}

/** The keywords of a part's options that differ from the shared ones. */
function differencesOf(section: Schema, part: string): Record<string, Schema> {
  const chosen = section["x-discriminator"] ?? "";
  const entries = Object.entries(alternativeOf(section, chosen, part)?.then.properties ?? {});
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === false ? [] : [[key, value]])));
}

function alternativeOf(section: Schema, chosen: string, part: string): Alternative | undefined {
  return section.allOf?.find((one) => one.if.properties?.[chosen]?.const === part);
}

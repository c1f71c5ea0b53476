/** Converts a schema to the schema of one of three types: an experiment as written, complete, or resolved. */
import { readFragments } from "./fragments.mjs";

/** The descriptions of the parts, by table and name. */
const descriptions = new Map(
  readFragments().map(({ table, name, fragment }) => [`${table}/${name}`, fragment.description]),
);

/** Keywords that only the types need; the published schemas do not have them. */
export const OF_TYPES = ["x-derived", "x-effective", "x-resolved"];

/** The schema as it is published. */
export function published(schema) {
  if (Array.isArray(schema)) return schema.map(published);
  if (schema === null || typeof schema !== "object") return schema;
  const kept = Object.entries(schema).filter(([key]) => !OF_TYPES.includes(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, published(value)]));
}

const PREFIXES = { written: "", complete: "Complete", resolved: "Resolved" };

/**
 * A schema from which types are compiled.
 * - `written`: an overlay; a key may be missing.
 * - `complete`: the defaults are filled in.
 * - `resolved`: values that depend on the data and the network are also filled in; `x-effective` keys are
 *   optional, because they exist only if they have an effect.
 */
export function forTypes(schema, form) {
  const definitions = schema.definitions ?? {};
  const prefix = PREFIXES[form];
  const at = (ref) => definitions[ref.replace("#/definitions/", "")];

  /** Whether a key that is not written gets a value when defaults are filled in. */
  const isFilled = (one) => {
    const inner = one.$ref === undefined ? one : at(one.$ref);
    if (one.default !== undefined) return true;
    if (inner?.properties === undefined || inner["x-required"] !== undefined || inner.required !== undefined)
      return false;
    const chosen = inner["x-discriminator"];
    if (chosen !== undefined && inner.properties[chosen].default === undefined) return false;
    return Object.values(inner.properties).some((property) => isFilled(property));
  };
  const isRequired = (key, property, owner) => {
    if (owner.required?.includes(key)) return true;
    if (form === "written") return false;
    if (owner["x-required"]?.includes(key)) return true;
    if (form === "complete") return isFilled(property);
    return property["x-effective"] !== true && (property["x-derived"] === true || isFilled(property));
  };

  const map = (owner, title) => {
    const { allOf: _, ...plain } = owner;
    const properties = Object.entries(owner.properties)
      .filter(([, property]) => form !== "resolved" || property["x-resolved"] !== false)
      .map(([key, property]) => [key, value(property)]);
    const required = Object.keys(owner.properties).filter((key) =>
      isRequired(key, owner.properties[key], owner),
    );
    return { ...words(plain), title, properties: Object.fromEntries(properties), required };
  };

  /** A section as a union of maps, one per part. */
  const union = (section) => {
    const chosen = section["x-discriminator"];
    const { options } = section["x-parts"];
    const every = Object.values(options).flat();
    const alternatives = Object.entries(options).map(([part, has]) => {
      const { then } = section.allOf.find((one) => one.if.properties[chosen].const === part);
      const keys = Object.keys(section.properties).filter((key) => has.includes(key) || !every.includes(key));
      const properties = Object.fromEntries(
        keys.map((key) => [key, { ...section.properties[key], ...then.properties?.[key] }]),
      );
      const { enum: _, ...name } = properties[chosen];
      properties[chosen] = { ...name, const: part };
      const required = [chosen, ...(section["x-required"] ?? []), ...(then["x-required"] ?? [])];
      const description = descriptions.get(`${section["x-parts"].folder}/${part}`);
      return map(
        { ...section, description, properties, "x-required": required },
        `${prefix}${pascal(part)}${section.title}`,
      );
    });
    return {
      title: `${prefix}${section.title}`,
      description: section.description,
      oneOf: alternatives,
    };
  };

  const value = (one) => {
    if (Array.isArray(one) || one === null || typeof one !== "object") return one;
    if (form === "resolved" && one["x-resolved"] !== undefined) return value(one["x-resolved"]);
    if (one.tsType !== undefined) return one;
    if (one.$ref === "experiment.schema.json") return { tsType: "Experiment" };
    if (one.$ref !== undefined) return { $ref: one.$ref };
    if (one.if !== undefined) return { tsType: "string | Experiment" };
    if (one["x-parts"]?.options !== undefined && one["x-parts"].mixed !== true) return union(one);
    if (one.properties !== undefined) return map(one, one.title && `${prefix}${one.title}`);
    return words(one);
  };

  const words = (one) => {
    // A list of fixed length becomes a tuple; types have no other bounds.
    const bounds = one.minItems === one.maxItems ? [] : ["minItems", "maxItems"];
    const unused = ["allOf", "examples", "default", "properties", "definitions", ...bounds];
    const kept = Object.entries(one).filter(([key]) => !unused.includes(key) && !key.startsWith("x-"));
    return Object.fromEntries(kept.map(([key, inner]) => [key, Array.isArray(inner) ? inner : value(inner)]));
  };

  const whole = value(schema);
  const inner = Object.entries(definitions).map(([key, definition]) => [key, value(definition)]);
  return { ...whole, definitions: Object.fromEntries(inner) };
}

/** `cifar-resnet` → `CifarResnet`. */
export function pascal(name) {
  return name.replaceAll(/(?:^|[-_])(\w)/g, (_, letter) => letter.toUpperCase());
}

/** Adds `readonly` to a generated interface's properties and lists. */
export function frozen(text) {
  return text
    .replaceAll(/^( +)(["\w-]+\??:)/gm, "$1readonly $2")
    .replaceAll(/: (\w+)\[\]/g, ": readonly $1[]")
    .replaceAll(/: \(([^()]*)\)\[\]/g, ": readonly ($1)[]")
    .replaceAll(/: (\[[^\]]*\])/g, ": readonly $1");
}

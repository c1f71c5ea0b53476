import { dereference } from "./roots.js";
import type { Schema } from "./schema.js";

/**
 * The values that a schema allows, as the end of "must be …": "an integer from 1 to 8, or a map with the keys
 * weights, activations".
 */
export function allowedBy(schema: Schema): string {
  if (schema.enum !== undefined) return oneOf(schema.enum.map(String));
  const types = typesOf(schema).map((type) => ofType(type, schema));
  return types.join(", or ");
}

/** The JSON types that a schema allows; none if it allows all. */
export function typesOf({ type = [] }: Schema): readonly string[] {
  return [type].flat();
}

function oneOf(words: readonly string[]): string {
  return words.length > 2 ? `one of ${words.join(", ")}` : words.join(" or ");
}

/** "a", "a or b", "a, b or c". */
export function listed(words: readonly string[], last: "and" | "or"): string {
  const head = words.slice(0, -1).join(", ");
  return head === "" ? (words[0] ?? "") : `${head} ${last} ${words.at(-1)}`;
}

function ofType(type: string, schema: Schema): string {
  switch (type) {
    case "integer":
      return `an integer${range(schema)}`;
    case "number":
      return `a number${range(schema)}`;
    case "boolean":
      return "true or false";
    case "string":
      return stringOf(schema);
    case "array":
      return listOf(schema);
    case "object":
      return schema.properties === undefined
        ? "a map"
        : `a map with the keys ${Object.keys(schema.properties).join(", ")}`;
    default:
      return type;
  }
}

const NAME = "^[A-Za-z0-9][A-Za-z0-9._-]*$";

function stringOf({ pattern, minLength, maxLength, examples = [] }: Schema): string {
  const limit = maxLength === undefined ? "" : `, at most ${maxLength} characters`;
  if (pattern === NAME) return `a name of letters, digits, dot, underscore and hyphen${limit}`;
  if (pattern !== undefined) return `a string such as ${examples.map((one) => `"${one}"`).join(" or ")}`;
  return minLength === undefined ? `a string${limit}` : `a string that is not empty${limit}`;
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const low =
    minimum !== undefined
      ? `of at least ${minimum}`
      : exclusiveMinimum !== undefined
        ? `above ${exclusiveMinimum}`
        : undefined;
  const high =
    maximum !== undefined
      ? `at most ${maximum}`
      : exclusiveMaximum !== undefined
        ? `below ${exclusiveMaximum}`
        : undefined;
  const both = [low, high].filter((side) => side !== undefined).join(" and ");
  return both === "" ? "" : ` ${both}`;
}

function listOf(schema: Schema): string {
  const { minItems, maxItems } = schema;
  const item = schema.items === undefined ? {} : dereference(schema.items);
  const plural = item.type === undefined ? "values" : item.type === "object" ? "maps" : `${item.type}s`;
  const each = `${plural}${range(item)}`;
  if (minItems !== undefined && minItems === maxItems) return `a list of ${minItems} ${each}`;
  const least = minItems === undefined ? "" : `, at least ${minItems}`;
  return `a list of ${each}${least}${maxItems === undefined ? "" : `, at most ${maxItems}`}`;
}

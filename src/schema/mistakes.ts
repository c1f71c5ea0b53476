import { typesOf } from "./allowed.js";
import { closestWord } from "./closest.js";
import { dereference } from "./roots.js";
import type { Path, Schema } from "./schema.js";
import { toInlineYaml } from "./shown.js";

/** The hint for a value with a recognizable mistake; undefined for other values. */
export function mistakeHint(found: unknown, path: Path, schema: Schema): string | undefined {
  const types = typesOf(schema);
  const key = path.findLast((step) => typeof step === "string");
  const write = (value: unknown) => `Write \`${key}: ${toInlineYaml(value)}\`.`;
  if (found === null) return "An empty value is null: give a value, or remove the key.";
  if (Array.isArray(found) && !types.includes("array")) return listForOne(found, types, key);
  if (types.includes("array") && !Array.isArray(found) && typeof path.at(-1) === "string") {
    const size = typeof found === "string" ? sizeOf(found) : undefined;
    if (size !== undefined) return write(size);
    if (!types.includes("integer") && fits(found, dereference(schema.items ?? {}))) return write([found]);
  }
  if (types.includes("boolean") && (found === 0 || found === 1)) return write(found === 1);
  if (typeof found !== "string") return undefined;
  if (types.includes("null") && /^(none|nil|no|off)$/i.test(found)) return write(null);
  if (schema["x-shorthand"] !== undefined) return shorthandHint(found, write, schema["x-shorthand"]);
  if (types.includes("object")) return mapForWord(found, schema, write) ?? numberHint(found, types);
  const close = closestWord(found, schema.enum?.map(String) ?? []);
  if (close !== undefined) return `Did you mean ${close}?`;
  if (types.includes("boolean") && /^(yes|no|on|off|y|n|true|false)$/i.test(found)) {
    return `${write(/^(yes|on|y|true)$/i.test(found))} YAML 1.2 has only true and false.`;
  }
  return numberHint(found, types);
}

function listForOne(found: readonly unknown[], types: readonly string[], key: unknown): string | undefined {
  const areMaps = found.length > 0 && found.every((one) => typeof one === "object" && one !== null);
  if (areMaps && types.includes("object")) return "Remove the dashes: a map is expected, not a list.";
  const values = found.filter((one) => typeof one !== "object").map(toInlineYaml);
  if (values.length === 0 || values.length < found.length) return undefined;
  return `One value is expected. To train with each, use \`n2uq sweep FILE --grid ${key}=${values.join(",")}\`.`;
}

/** Whether the schema allows a list with this one value. */
function fits(found: unknown, item: Schema): boolean {
  const type = found === null || typeof found !== "object" ? typeof found : "object";
  return type === item.type || (type === "number" && item.type === "integer");
}

/** A size such as `224x224`. */
function sizeOf(text: string): number[] | undefined {
  const match = /^(\d+)\s*[x×*,]\s*(\d+)$/.exec(text.trim());
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

/** A word in place of a map: `schedule: cosine`, `data: mnist`, `teacher: ./teacher.yaml`, `bits: W2A3`. */
function mapForWord(found: string, schema: Schema, write: (value: unknown) => string): string | undefined {
  const [, weights, activations] = /^w(\d)a(\d)$/i.exec(found) ?? [];
  if (schema["x-number-fills"] !== undefined && weights !== undefined) {
    return write({ weights: Number(weights), activations: Number(activations) });
  }
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (property === false) continue;
    const own = dereference(property);
    const word = own.enum?.map(String).find((one) => one.toLowerCase() === found.toLowerCase());
    if (word !== undefined) return write({ [key]: word });
    if (own["x-path"] === "must-exist" && /\.ya?ml$/.test(found)) return write({ [key]: found });
    if (own["x-path"] === "unless-named" && !/\.ya?ml$/.test(found) && /[:./]/.test(found)) {
      return write({ [key]: found });
    }
  }
  return undefined;
}

/** A number that YAML reads as text. */
function numberHint(found: string, types: readonly string[]): string | undefined {
  if (!types.includes("integer") && !types.includes("number")) return undefined;
  const text = found.trim();
  const write = (value: number, why: string) => `Write ${Number(value.toPrecision(12))}${why}.`;
  if (text !== "" && Number.isFinite(Number(text))) return `Write ${Number(text)} without quotes.`;
  if (/^\d+(_\d+)+$/.test(text)) return write(Number(text.replaceAll("_", "")), ", without underscores");
  if (/^\d+%$/.test(text) || /^\d+\.\d+\s*%$/.test(text) || /^\d+ %$/.test(text)) {
    return types.includes("number")
      ? write(Number.parseFloat(text) / 100, ", as a fraction of 1")
      : "Write a number without %.";
  }
  if (/^\d{1,3}(,\d{3})+$/.test(text) && !types.includes("number")) {
    return write(Number(text.replaceAll(",", "")), ", without commas");
  }
  if (/^-?\d+,\d+$/.test(text)) return write(Number(text.replace(",", ".")), ", with a decimal point");
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([kKmM])$/.exec(text) ?? [];
  if (count !== undefined)
    return write(Number(count) * (unit?.toLowerCase() === "k" ? 1e3 : 1e6), " in full");
  const [, above, below] = /^(\d+)\s*\/\s*([1-9]\d*)$/.exec(text) ?? [];
  if (above !== undefined && types.includes("number"))
    return write(Number(above) / Number(below), " as a decimal number; YAML does not compute fractions");
  return undefined;
}

function shorthandHint(
  found: string,
  write: (value: unknown) => string,
  names: Readonly<Record<string, unknown>>,
): string {
  const close = closestWord(found, Object.keys(names)) ?? (Object.hasOwn(names, found) ? found : undefined);
  return write(names[close ?? Object.keys(names)[0] ?? ""]);
}

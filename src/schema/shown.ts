const longest = 60;
/** Strings that need no quotes in YAML; covers the strings that the schemas allow. */
const plain = /^(?!(true|false|null)$)[A-Za-z./][\w./:-]*[\w*]$/i;

/** The text of a found value in an error. */
export function shown(value: unknown): string {
  if (Array.isArray(value))
    return value.length === 0 ? "an empty list" : short(toInlineYaml(value), "a list");
  if (typeof value === "object" && value !== null) return short(toInlineYaml(value), "a map");
  if (typeof value === "string") return short(visible(JSON.stringify(value)), "a long string");
  return String(value);
}

/** Replaces special spaces and invisible characters by their codes. */
function visible(text: string): string {
  return text.replace(
    /(?! )[\p{Zs}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** A value as one line of YAML. */
export function toInlineYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toInlineYaml).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, child]) => `${key}: ${toInlineYaml(child)}`);
    return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
  }
  if (typeof value === "string") return plain.test(value) ? value : JSON.stringify(value);
  return String(value);
}

function short(text: string, instead: string): string {
  return text.length <= longest ? text : instead;
}

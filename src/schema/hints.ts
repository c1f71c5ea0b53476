import { closestWord } from "./closest.js";
import { experimentPaths, formatPath, shortNames } from "./paths.js";
import { experimentRoot, schemaAt } from "./roots.js";
import type { Alternative, Path, Schema } from "./schema.js";
import { flow } from "./shown.js";

/** What to do about an unknown key: the known one that was meant, the place where it belongs, or all that are known. */
export function unknownKeyHint(key: string, owner: Path, known: readonly string[], root: Schema): string {
  const all = `Known keys: ${known.join(", ")}.`;
  if (key === "<<") return "Merge keys are not supported; use `extends` to build on another file.";
  const close = closestWord(key, known);
  if (close !== undefined) return `Did you mean ${close}? ${all}`;
  if (root !== experimentRoot) return all;
  const short = owner.length === 0 ? shortNames.get(key) : undefined;
  if (short !== undefined)
    return `${key} is short for ${formatPath(short)} in flags and sweeps; write that here.`;
  const elsewhere = experimentPaths.find((path) => path.at(-1) === key);
  return elsewhere === undefined ? all : `Did you mean ${formatPath(elsewhere)}? ${all}`;
}

/** What to add where a key is missing. */
export function missingHint(key: string, owner: Path, root: Schema, chosen?: Alternative): string {
  const schema = schemaAt(root, [...owner, key]);
  const own = chosen?.then.properties?.[key] || {};
  const example = own.enum?.[0] ?? schema?.examples?.[0] ?? "";
  const instead = schemaAt(root, owner)?.["x-alternatives"]?.find((keys) => !keys.includes(key));
  const or = instead === undefined ? ", or another value" : `, or give ${instead.join(" and ")} instead`;
  return `Add \`${key}: ${flow(example)}\`${or}. ${schema?.description ?? ""}`.trim();
}

/** What to write in place of a value that is not allowed. */
export function valueHint(found: unknown, path: Path, root: Schema, schema: Schema): string {
  return mistakeHint(found, path, schema) ?? exampleHint(path, root);
}

function mistakeHint(found: unknown, path: Path, schema: Schema): string | undefined {
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  if (found === null) return "An empty value is null: give a value, or remove the key.";
  if (typeof found !== "string") return undefined;
  if (schema["x-shorthand"] !== undefined) return shorthandHint(found, path, schema["x-shorthand"]);
  const close = closestWord(found, schema.enum?.map(String) ?? []);
  if (close !== undefined) return `Did you mean ${close}?`;
  const numeric = types.includes("integer") || types.includes("number");
  if (numeric && found.trim() !== "" && Number.isFinite(Number(found))) {
    return `Write ${Number(found)} without quotes.`;
  }
  if (types.includes("boolean") && /^(yes|no|on|off|y|n)$/i.test(found)) {
    return "YAML 1.2 has only true and false.";
  }
  return undefined;
}

function shorthandHint(found: string, path: Path, names: Readonly<Record<string, unknown>>): string {
  const close = closestWord(found, Object.keys(names)) ?? (Object.hasOwn(names, found) ? found : undefined);
  const name = close ?? Object.keys(names)[0] ?? "";
  return `Write \`${path.at(-1)}: ${flow(names[name])}\`.`;
}

function exampleHint(path: Path, root: Schema): string {
  const end = path.findLastIndex((key) => typeof key === "string") + 1;
  const schema = schemaAt(root, path.slice(0, end));
  const examples = (schema?.examples ?? []).filter((example) => example !== null).map(flow);
  const written = examples.map((example) => `\`${path[end - 1]}: ${example}\``).join(" or ");
  return `${schema?.description ?? ""}${written === "" ? "" : ` For example ${written}.`}`.trim();
}

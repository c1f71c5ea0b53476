import type { ErrorObject } from "ajv";
import { allowedBy, listed, typesOf } from "./allowed.js";
import { missingHint, unknownKeyHint, valueHint } from "./hints.js";
import { formatPath } from "./paths.js";
import { schemaAt } from "./roots.js";
import type { Alternative, Path, Schema } from "./schema.js";
import { shown } from "./shown.js";

/** A mistake in a value, described in the user's terms. */
export interface SchemaFault {
  /** Path of the wrong value or key; for a missing key, of the map that lacks it. */
  readonly path: Path;
  /**
   * ajv's keyword: `additionalProperties` (unknown key), `false schema` (key of another alternative),
   * `required`, or the failed check of a value.
   */
  readonly keyword: string;
  /** One sentence with the found and the allowed value. */
  readonly message: string;
  readonly hint: string;
  /** For a value that is not allowed: its text in the message, and whether the schema allows a string. */
  readonly found?: { readonly shown: string; readonly wantsText: boolean };
}

type Details = ErrorObject<string, Record<string, unknown>>;

/**
 * Converts ajv's errors to one fault per mistake. Drops errors of if/then, and keeps only one error per
 * value.
 */
export function faultsOf(errors: readonly ErrorObject[], root: Schema, value: unknown): SchemaFault[] {
  const faults = new Map<string, SchemaFault>();
  for (const error of errors as readonly Details[]) {
    if (error.keyword === "if" || error.keyword === "propertyNames") continue;
    const fault = faultOf(error, root, value);
    const key = JSON.stringify([fault.path, fault.keyword === "required" ? fault.message : ""]);
    if (!faults.has(key) || isConditional(error)) faults.set(key, fault);
  }
  return [...faults.values()];
}

function faultOf(error: Details, root: Schema, value: unknown): SchemaFault {
  const path = pathOf(error.instancePath, value);
  if (error.propertyName !== undefined) return badName([...path, error.propertyName]);
  switch (error.keyword) {
    case "additionalProperties":
      return unknownKey([...path, String(error.params.additionalProperty)], root);
    case "required":
      return missingKey(path, String(error.params.missingProperty), root, alternativeAt(error, root, path));
    case "false schema":
      return forbiddenKey(path, root, alternativeOf(error, root, path));
    default:
      return badValue(error, path, root);
  }
}

function unknownKey(path: Path, root: Schema): SchemaFault {
  const owner = path.slice(0, -1);
  const key = String(path.at(-1));
  const where = owner.length === 0 ? "" : ` in ${formatPath(owner)}`;
  const known = Object.keys(schemaAt(root, owner)?.properties ?? {});
  return {
    path,
    keyword: "additionalProperties",
    message: `unknown key ${shown(key)}${where}`,
    hint: unknownKeyHint(key, owner, known, root),
  };
}

function missingKey(
  path: Path,
  key: string,
  root: Schema,
  alternative: Alternative | undefined,
): SchemaFault {
  const because = alternative === undefined ? "" : `, which ${condition(alternative)} needs`;
  return {
    path,
    keyword: "required",
    message: `${formatPath([...path, key])} is missing${because}`,
    hint: missingHint(key, path, root, alternative),
  };
}

function forbiddenKey(path: Path, root: Schema, alternative: Alternative | undefined): SchemaFault {
  const ownerPath = path.slice(0, -1);
  const owner = schemaAt(root, ownerPath);
  const key = String(path.at(-1));
  const chosen = owner?.["x-discriminator"];
  const name = formatPath(path);
  if (chosen === undefined || alternative === undefined) {
    const other = formatPath([...ownerPath, alternative?.if.required?.[0] ?? ""]);
    return {
      path,
      keyword: "false schema",
      message: `${name} cannot be combined with ${other}`,
      hint: "Keep one of the two.",
    };
  }
  const values = valuesAllowing(owner, chosen, key);
  const chosenName = formatPath([...ownerPath, chosen]);
  return {
    path,
    keyword: "false schema",
    message: `${name} belongs to ${chosen} ${listed(values, "and")}, not to ${condition(alternative)}`,
    hint: `Remove ${key}, or set ${chosenName} to ${listed(values, "or")}.`,
  };
}

/** The values of the discriminating key for which another key is allowed. */
function valuesAllowing(owner: Schema | undefined, chosen: string, key: string): string[] {
  const discriminator = owner?.properties?.[chosen] || {};
  return (discriminator.enum ?? []).map(String).filter((choice) => {
    const own = owner?.allOf?.find((entry) => entry.if.properties?.[chosen]?.const === choice);
    return own?.then.properties?.[key] !== false;
  });
}

function badValue(error: Details, path: Path, root: Schema): SchemaFault {
  const alternative = alternativeOf(error, root, path);
  const plain = schemaAt(root, path) ?? {};
  const schema = alternative === undefined ? plain : { ...plain, ...(error.parentSchema as Schema) };
  const because = alternative === undefined ? "" : ` of ${condition(alternative)}`;
  const allowed = allowedBy(schema);
  const name = path.length === 0 ? "the file" : formatPath(path);
  const found = shown(error.data);
  return {
    path,
    keyword: error.keyword,
    message: `${name}${because} must be ${allowed === "" ? error.message : allowed}; found ${found}`,
    hint: valueHint(error.data, path, root, schema),
    found: { shown: found, wantsText: typesOf(schema).includes("string") && schema.enum === undefined },
  };
}

function badName(path: Path): SchemaFault {
  return {
    path,
    keyword: "pattern",
    message: `${shown(path.at(-1))} is not a name`,
    hint: "Use letters, digits, dot, underscore and hyphen, and begin with a letter or digit.",
  };
}

/** The alternative whose `then` reported an error, if any. */
function alternativeOf(error: ErrorObject, root: Schema, path: Path): Alternative | undefined {
  return isConditional(error) ? alternativeAt(error, root, path.slice(0, -1)) : undefined;
}

function alternativeAt(error: ErrorObject, root: Schema, owner: Path): Alternative | undefined {
  const index = /allOf\/(\d+)\/then\//.exec(error.schemaPath)?.[1];
  return index === undefined ? undefined : schemaAt(root, owner)?.allOf?.[Number(index)];
}

function isConditional(error: ErrorObject): boolean {
  return /allOf\/\d+\/then\/properties\//.test(error.schemaPath);
}

/** The condition of an alternative, for example "family stages". */
function condition(alternative: Alternative): string {
  const [key, schema] = Object.entries(alternative.if.properties ?? {})[0] ?? [];
  return key === undefined ? String(alternative.if.required?.[0]) : `${key} ${schema?.const}`;
}

/** A JSON pointer as a path; list indices are numbers. */
function pathOf(pointer: string, root: unknown): Path {
  let value = root;
  return pointer
    .split("/")
    .slice(1)
    .map((part) => {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      const step = Array.isArray(value) ? Number(key) : key;
      value = (value as Record<string | number, unknown> | undefined)?.[step];
      return step;
    });
}

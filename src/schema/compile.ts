import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Ajv, Options, ValidateFunction } from "ajv";
import type { Schema } from "./schema.js";

/** What ajv compiles. */
export interface SchemaSource {
  readonly schema: Schema;
  /** Schemas that it refers to by their `$id`. */
  readonly others: readonly Schema[];
  readonly options: Options;
  /** Keywords of our own, which ajv passes over. */
  readonly words: readonly string[];
}

/** ajv's own way to write code, which its documentation names by this path. */
interface Standalone {
  default(ajv: Ajv, validate: ValidateFunction): string;
}

const require = createRequire(import.meta.url);

/**
 * A schema's validator: the code that the build compiled, where it did so from this very source, else ajv's. ajv takes a quarter of a
 * second to load and compile an experiment's schema.
 */
export function validatorOf(name: string, source: SchemaSource): ValidateFunction {
  const file = fileURLToPath(new URL(`./compiled/${codeFile(name, source)}`, import.meta.url));
  return existsSync(file) ? (require(file) as ValidateFunction) : ajvOf(source).compile(source.schema);
}

/** The file of the compiled code, which names its source: code of another schema is never found. */
export function codeFile(name: string, source: SchemaSource): string {
  const digest = createHash("sha256").update(JSON.stringify(source)).digest("hex");
  return `${name}-${digest.slice(0, 16)}.cjs`;
}

/** A validator as the text of a CommonJS module, for the build. */
export function codeOf(source: SchemaSource): string {
  const standalone = require("ajv/dist/standalone") as Standalone;
  const ajv = ajvOf(source, { code: { source: true } });
  return standalone.default(ajv, ajv.compile(source.schema));
}

function ajvOf({ others, options, words }: SchemaSource, more: Options = {}): Ajv {
  const { Ajv } = require("ajv") as typeof import("ajv");
  const ajv = new Ajv({ ...options, ...more });
  ajv.addVocabulary([...words]);
  for (const schema of others) ajv.addSchema(schema);
  return ajv;
}

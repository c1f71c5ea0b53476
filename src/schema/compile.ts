import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Ajv, Options, ValidateFunction } from "ajv";
import type { Schema } from "./schema.js";

/** A schema for ajv. */
export interface SchemaSource {
  readonly schema: Schema;
  /** Schemas that it references by `$id`. */
  readonly others: readonly Schema[];
  readonly options: Options;
  /** Keywords of this project, which ajv ignores. */
  readonly words: readonly string[];
}

/** ajv's code generator. Its documentation names this path. */
interface Standalone {
  default(ajv: Ajv, validate: ValidateFunction): string;
}

const require = createRequire(import.meta.url);

/**
 * A schema's validator: the code that the build compiled if it is of the same source, otherwise compiled now
 * by ajv. Loading ajv and compiling the schema of an experiment takes a quarter of a second.
 */
export function validatorOf(name: string, source: SchemaSource): ValidateFunction {
  const file = fileURLToPath(new URL(`./compiled/${codeFile(name, source)}`, import.meta.url));
  return existsSync(file) ? (require(file) as ValidateFunction) : ajvOf(source).compile(source.schema);
}

/**
 * The file of the compiled code. Its name contains the hash of the schema, so code of another schema is never
 * used.
 */
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

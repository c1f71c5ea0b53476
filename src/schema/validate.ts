import type { ValidateFunction } from "ajv";
import { type SchemaSource, validatorOf } from "./compile.js";
import { faultsOf, type SchemaFault } from "./faults.js";
import { configRoot, experimentRoot, sweepRoot } from "./roots.js";
import type { Schema } from "./schema.js";

const words = [
  "x-discriminator",
  "x-alternatives",
  "x-exclusive",
  "x-required",
  "x-parts",
  "x-folders-of",
  "x-short-name",
  "x-shorthand",
  "x-number-fills",
  "x-path",
];

/** All mistakes in an overlay: an experiment file, a profile, project defaults. Keys may be missing. */
export function validateExperiment(value: unknown): SchemaFault[] {
  return check("overlay", experimentRoot, value);
}

/** All mistakes in a merged experiment, including missing keys. */
export function validateComplete(value: unknown): SchemaFault[] {
  return check("complete", experimentRoot, value);
}

/** All mistakes in a project config, including its defaults and inline profiles. */
export function validateConfig(value: unknown): SchemaFault[] {
  return check("config", configRoot, value);
}

/** All mistakes in a sweep file, except those in the values of its axes, which are values of experiments. */
export function validateSweep(value: unknown): SchemaFault[] {
  return check("sweep", sweepRoot, value);
}

/** The reason why a schema of experiments can't be compiled; undefined if it can. */
export function schemaFault(schema: Schema): string | undefined {
  try {
    validatorOf("overlay", { schema, others: [], options, words });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

type Name = "overlay" | "complete" | "config" | "sweep";

const options = { allErrors: true, verbose: true, strict: true, strictTypes: false, strictRequired: false };

/** The schema of a kind of value, for its validator. */
export function sourceOf(name: Name): SchemaSource {
  switch (name) {
    case "overlay":
      return { schema: experimentRoot, others: [], options, words };
    case "complete":
      return { schema: completed(experimentRoot), others: [], options, words };
    case "config":
      return { schema: configRoot, others: [experimentRoot], options, words };
    case "sweep":
      return { schema: sweepRoot, others: [], options, words };
  }
}

const compiled = new Map<Name, ValidateFunction>();

/** Discards the compiled validators after a change of the schemas. */
export function forgetValidators(): void {
  compiled.clear();
}

function check(name: Name, root: Schema, value: unknown): SchemaFault[] {
  const validate = compiled.get(name) ?? validatorOf(name, sourceOf(name));
  compiled.set(name, validate);
  return validate(value) ? [] : faultsOf(validate.errors ?? [], root, value);
}

/** The schema with `x-required` converted to `required`. */
function completed(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema), (_key, part) => {
    if (part?.["x-required"] === undefined) return part;
    const { "x-required": required, ...rest } = part;
    return { ...rest, required: [...(rest.required ?? []), ...required] };
  });
}

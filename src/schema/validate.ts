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

/** Everything wrong with an overlay: an experiment file, a profile, project defaults. Keys may be missing. */
export function validateExperiment(value: unknown): SchemaFault[] {
  return check("overlay", experimentRoot, value);
}

/** Everything wrong with an experiment whose overlays are merged: as `validateExperiment`, and nothing may be missing. */
export function validateComplete(value: unknown): SchemaFault[] {
  return check("complete", experimentRoot, value);
}

/** Everything wrong with a project config, its defaults and inline profiles included. */
export function validateConfig(value: unknown): SchemaFault[] {
  return check("config", configRoot, value);
}

/** Everything wrong with a sweep file; what its axes say of experiments is not looked at here. */
export function validateSweep(value: unknown): SchemaFault[] {
  return check("sweep", sweepRoot, value);
}

/** Why a schema of experiments can't be compiled; undefined where it can. */
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

/** What is compiled for each kind of value. */
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

/** Compiles the schemas again on their next use, after they have changed. */
export function forgetValidators(): void {
  compiled.clear();
}

function check(name: Name, root: Schema, value: unknown): SchemaFault[] {
  const validate = compiled.get(name) ?? validatorOf(name, sourceOf(name));
  compiled.set(name, validate);
  return validate(value) ? [] : faultsOf(validate.errors ?? [], root, value);
}

/** The schema with `x-required` put in force. */
function completed(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema), (_key, part) => {
    if (part?.["x-required"] === undefined) return part;
    const { "x-required": required, ...rest } = part;
    return { ...rest, required: [...(rest.required ?? []), ...required] };
  });
}

import type { CompleteQuantization } from "../schema/generated/complete.js";
import { dereference, experimentRoot, schemaAt } from "../schema/roots.js";
import type { Schema } from "../schema/schema.js";
import type { Bits, ResolvedQuantization } from "./types.js";

/** The settings with all options, also those without effect, and the quantizers' options. */
export type QuantizationDraft = Required<Omit<CompleteQuantization, "bits" | "layers">> &
  Pick<ResolvedQuantization, "layers"> & { readonly bits: Bits };

/** The quantizers' options in the settings, as declared by their fragments. */
type Options = Omit<QuantizationDraft, "method" | "bits" | "downsample" | "keep" | "layers">;

/** The options, or parts of options, with an effect: those of which another value would change a layer. */
export function effectiveOptions(
  options: Options,
  matters: (others: Partial<Options>) => boolean,
): Partial<Options> {
  const kept = Object.entries(options).map(([key, value]) => {
    const schema = schemaAt(experimentRoot, ["quantization", key]) ?? {};
    return [key, effectivePart(schema, value, (other) => matters({ [key]: other }))] as const;
  });
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined));
}

/**
 * A value without the parts that have no effect; undefined if nothing remains. The key that chooses a kind
 * stays if an option of this kind stays.
 */
function effectivePart(schema: Schema, value: unknown, matters: (other: unknown) => boolean): unknown {
  if (typeof value !== "object" || value === null || schema.properties === undefined)
    return otherValues(schema, value).some(matters) ? value : undefined;
  const map = value as Readonly<Record<string, unknown>>;
  const entries = Object.entries(map).map(([key, inner]) => {
    const part = dereference(schema.properties?.[key] || {});
    return [key, effectivePart(part, inner, (other) => matters({ ...map, [key]: other }))] as const;
  });
  const kept = entries.filter(([, inner]) => inner !== undefined);
  const chooser = schema["x-discriminator"];
  if (kept.length === 0) return undefined;
  return { ...(chooser !== undefined && { [chooser]: map[chooser] }), ...Object.fromEntries(kept) };
}

/** Other values that the schema allows: all other values of an enum, a few of a range. */
function otherValues(
  { enum: allowed, type, minimum, maximum, default: usual }: Schema,
  value: unknown,
): unknown[] {
  const all = allowed ?? (type === "boolean" ? [true, false] : [usual, minimum, maximum]);
  return all.filter((other) => other !== undefined && other !== value);
}

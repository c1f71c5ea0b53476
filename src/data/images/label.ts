import { orElse } from "../../attempt.js";
import { N2uqError } from "../../errors.js";
import { printable } from "../printable.js";
import type { TarMember } from "./tar.js";

const LARGEST_LABEL = 65535;
const MOST_BYTES = 1 << 20;

/** A label, or the reason why a file contains no label. */
export type Label = { readonly value: number } | { readonly none: string };

/**
 * Reads the label from a member `.cls` (a number) or `.json` (the key `label`). @param place location of the
 * member, for errors @throws N2uqError N2UQ_DATA_LABEL, N2UQ_DATA_LABEL_TEXT
 */
export async function labelIn(member: TarMember, extension: string, place: string): Promise<Label> {
  if (member.size > MOST_BYTES) return { none: `its .${extension} is too large` };
  const text = (await member.read()).toString("utf8");
  if (extension === "cls") return { value: labelOf(text.trim(), place) };
  const found = jsonLabel(text);
  return "none" in found ? found : { value: labelOf(found.label, place) };
}

function labelOf(text: string, place: string): number {
  const shown = printable(text, 20);
  if (!/^[+-]?\d+(\.0*)?$/.test(text)) throw new N2uqError("N2UQ_DATA_LABEL_TEXT", { place, label: shown });
  const label = Number(text);
  if (label >= 0 && label <= LARGEST_LABEL) return label;
  throw new N2uqError("N2UQ_DATA_LABEL", { place, label: shown, classes: LARGEST_LABEL + 1 });
}

function jsonLabel(text: string): { readonly label: string } | { readonly none: string } {
  const value = orElse(() => JSON.parse(text) as unknown, undefined);
  if (value === undefined) return { none: "its .json is not JSON" };
  if (typeof value !== "object" || value === null)
    return { none: "its .json is not a map with the key label" };
  const { label } = value as { label?: unknown };
  if (typeof label === "number" || typeof label === "string") return { label: String(label) };
  const keys = Object.keys(value)
    .slice(0, 5)
    .map((key) => printable(key, 20));
  return { none: `its .json has no key label (but ${keys.join(", ") || "none"})` };
}

import { shown } from "../schema/shown.js";
import { deepest } from "./parse.js";

/**
 * Why a value from code can't be a config or an experiment; undefined for plain maps, lists, strings, finite
 * numbers, booleans and null.
 */
export function plainFault(value: unknown, where = "it", depth = 0): string | undefined {
  if (depth > deepest) return `${where} is nested too deep, or circular`;
  if (typeof value === "function") return `${where} is a function`;
  if (value === null || ["string", "boolean", "undefined"].includes(typeof value)) return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${where} is ${value}`;
  if (typeof value !== "object") return `${where} is ${shown(String(value))}`;
  if (value instanceof Promise) return `${where} is a promise`;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain =
    Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype ?? {}) === null;
  if (!isPlain) return `${where} is a ${value.constructor.name}`;
  for (const [key, child] of Object.entries(value)) {
    const fault = plainFault(child, where === "it" ? key : `${where}.${key}`, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

import { shown } from "./faults.js";
import { MOST_DIMENSIONS } from "./shape.js";

/** Top-level names and values of a header; a Map, so that a tensor may be called `__proto__`. */
export type Header = Map<string, unknown>;

/** Why a header is rejected. */
export class HeaderFault extends Error {
  /** Whether the header may be intact but exceeds the limits. */
  readonly isLarge: boolean;
  constructor(message: string, isLarge = false) {
    super(message);
    this.isLarge = isLarge;
  }
}

/** Maximum nesting depth: the header, a tensor, a list of numbers. */
const DEEPEST = 3;
/** Maximum number of JSON members (name and value) of a header; a tensor has four. */
const MOST_MEMBERS = 500_000;
const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);

/**
 * Parses the JSON header of a safetensors file. Checks depth and size of the text first: JSON.parse would
 * need gigabytes for some megabytes of brackets, and silently keeps the last of duplicate keys. @throws
 * HeaderFault
 */
export function parseHeader(bytes: Uint8Array): Header {
  const members = countMembers(bytes);
  const header = parse(bytes);
  if (typeof header !== "object" || header === null || Array.isArray(header))
    throw new HeaderFault("its header is not JSON");
  const entries = Object.entries(header);
  if (entries.length !== members[1]) throw new HeaderFault(`${repeated(bytes)} appears twice in its header`);
  const inner = entries.reduce((sum, [, value]) => sum + sizeOf(value), 0);
  if (inner !== members[2]) throw new HeaderFault("a tensor in its header has a duplicate key");
  return new Map(entries);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new HeaderFault("its header is not JSON");
  }
}

function sizeOf(value: unknown): number {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value).length : 0;
}

/**
 * Counts the names at each depth, from 1. @param onName called with each name at depth 1, as written @throws
 * HeaderFault if the text is too deep or too large
 */
function countMembers(bytes: Uint8Array, onName?: (written: Uint8Array) => void): number[] {
  const [members, commas] = [new Array<number>(DEEPEST + 1).fill(0), new Array<number>(DEEPEST + 1).fill(0)];
  let [depth, total, from, to] = [0, 0, 0, 0];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      from = at;
      at = endOfText(bytes, at);
      to = at + 1;
    } else if (OPENING.has(byte)) {
      depth += 1;
      if (depth > DEEPEST) throw new HeaderFault("its header is nested too deeply");
      commas[depth] = 0;
    } else if (CLOSING.has(byte)) depth = Math.max(0, depth - 1);
    else if (byte === COLON) {
      members[depth] = (members[depth] ?? 0) + 1;
      total += 1;
      if (total > MOST_MEMBERS) throw new HeaderFault(`more than ${MOST_MEMBERS} names in its header`, true);
      if (depth === 1) onName?.(bytes.subarray(from, to));
    } else if (byte === COMMA) {
      commas[depth] = (commas[depth] ?? 0) + 1;
      if (depth === DEEPEST && (commas[depth] ?? 0) >= MOST_DIMENSIONS)
        throw new HeaderFault(`a tensor in its header has more than ${MOST_DIMENSIONS} dimensions`);
    }
  }
  return members;
}

/** Index of the closing quote of the text that begins at this quote. */
function endOfText(bytes: Uint8Array, quote: number): number {
  for (let at = quote + 1; at < bytes.length; at += 1) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at;
  }
  return bytes.length;
}

/** The first duplicate name. */
function repeated(bytes: Uint8Array): string {
  const seen = new Set<unknown>();
  let found = "a name";
  countMembers(bytes, (written) => {
    const name: unknown = parse(written);
    if (seen.has(name) && found === "a name") found = `the tensor ${shown(String(name))}`;
    seen.add(name);
  });
  return found;
}

import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";
import { type ErrorCode, type N2uqError, N2uqErrors } from "../errors.js";
import { closestWord } from "../schema/closest.js";
import { deepest, type Parsed, parseDocument } from "./parse.js";
import { errorAt, type Source } from "./source.js";
import type { Origin, OriginKind, Position, Scalar, Tree } from "./tree.js";

/** Maximum number of aliases, and of values after their expansion. */
const maxAliases = 100;
const maxValues = 20_000;
const forbidden = new Set(["__proto__", "constructor", "prototype"]);

/** Describes a text, for the origins of its values. */
export interface TextOrigin {
  readonly kind: OriginKind;
  /** Absolute path, or the flag. */
  readonly file: string;
  readonly label: (line: number) => string;
}

/**
 * Parses YAML 1.2 (or JSON) into a tree with line numbers. Rejects duplicate keys, keys that would change
 * JavaScript prototypes, keys that are not scalars, unknown tags, and aliases that expand too much or refer
 * to themselves; throws all faults together.
 */
export function readYaml(text: string, from: TextOrigin): Tree {
  const parsed = parseDocument(from.file, text);
  const reader = new TreeReader(parsed, from);
  const tree = reader.read(parsed.document.contents as Node | null);
  if (reader.errors.length > 0) throw new N2uqErrors(reader.errors);
  return tree;
}

class TreeReader {
  readonly errors: N2uqError[] = [];
  private readonly source: Source;
  private readonly anchors = new Map<string, Node>();
  private readonly open = new Set<Node>();
  private aliases = 0;
  private values = 0;

  constructor(
    parsed: Parsed,
    private readonly from: TextOrigin,
  ) {
    this.source = parsed.source;
  }

  read(node: Node | null, key?: Position, keyEnd = 0): Tree {
    if (++this.values > maxValues)
      this.stop(node, "N2UQ_CONFIG_ALIASES", { most: maxValues, what: "values" });
    if (this.open.size > deepest) this.stop(node, "N2UQ_CONFIG_DEPTH", { deepest });
    const origin = this.originOf(node?.range?.[0] ?? keyEnd, key);
    if (isAlias(node)) return this.alias(node, key);
    if (node?.anchor !== undefined) this.anchors.set(node.anchor, node);
    if (isMap(node)) return { origin, entries: this.entries(node, node.items as Pair<Node, Node | null>[]) };
    if (isSeq(node)) {
      this.open.add(node);
      const items = node.items.map((item) => this.read(item as Node));
      this.open.delete(node);
      return { origin, items };
    }
    if (!isScalar(node)) return { origin, scalar: null };
    if (node.anchor !== undefined && node.source === "")
      this.report(node, "N2UQ_CONFIG_ANCHOR", { anchor: node.anchor });
    const scalar = this.scalar(node, node.value);
    const isText = typeof scalar === "string" || node.source === undefined;
    return isText ? { origin, scalar } : { origin, scalar, written: node.source };
  }

  private scalar(node: Node, value: unknown): Scalar {
    if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value as Scalar;
    this.report(node, "N2UQ_CONFIG_TAG", {
      tag: node.tag?.replace("tag:yaml.org,2002:", "!!") ?? typeof value,
    });
    return null;
  }

  private entries(map: Node, pairs: readonly Pair<Node, Node | null>[]): Map<string, Tree> {
    const entries = new Map<string, Tree>();
    this.open.add(map);
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? String(key.value) : undefined;
      const offset = key.range?.[0] ?? 0;
      if (name === undefined) this.report(key, "N2UQ_CONFIG_KEY", {});
      else if (forbidden.has(name)) this.report(key, "N2UQ_CONFIG_FORBIDDEN_KEY", { key: name });
      else if (entries.has(name)) {
        const first = entries.get(name)?.origin.key?.line;
        this.report(key, "N2UQ_CONFIG_DUPLICATE_KEY", { key: name, first });
      } else {
        entries.set(name, this.read(value, this.source.positionOf(offset), offset));
      }
    }
    this.open.delete(map);
    return entries;
  }

  private alias(alias: Alias, key: Position | undefined): Tree {
    if (++this.aliases > maxAliases)
      this.stop(alias, "N2UQ_CONFIG_ALIASES", { most: maxAliases, what: "aliases" });
    const target = this.anchors.get(alias.source);
    if (target === undefined || this.open.has(target)) {
      const close = closestWord(alias.source, [...this.anchors.keys()]);
      const quoted = `If this is a glob, put it in quotes: "*${alias.source}".`;
      const meant = close === undefined ? "" : `Did you mean *${close}? `;
      const hint = target === undefined ? `${meant}${quoted}` : undefined;
      this.report(alias, "N2UQ_CONFIG_ALIAS", { alias: alias.source }, hint);
      return { origin: this.originOf(alias.range?.[0] ?? 0, key), scalar: null };
    }
    return this.read(target, key);
  }

  private originOf(offset: number, key: Position | undefined): Origin {
    const position = this.source.positionOf(offset);
    const { kind, file } = this.from;
    const origin = { kind, file, label: this.from.label(position.line), ...position };
    return key === undefined ? origin : { ...origin, key };
  }

  private report(node: Node, code: ErrorCode, details: Record<string, unknown>, hint?: string): void {
    this.errors.push(errorAt(this.source, node.range?.[0] ?? 0, code, details, hint));
  }

  private stop(node: Node | null, code: ErrorCode, details: Record<string, unknown>): never {
    throw new N2uqErrors([errorAt(this.source, node?.range?.[0] ?? 0, code, details)]);
  }
}

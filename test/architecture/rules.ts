import { builtinModules } from "node:module";
import type { Import, Source } from "./source.js";

/**
 * What a layer may import, of `src/` (a folder, a file, or either with "types of " before it) and of npm.
 * Every layer may import itself and the leaves.
 */
export interface Layer {
  readonly imports: readonly string[];
  /** npm packages; all but those that belong to other layers where it is absent. */
  readonly packages?: readonly string[];
  /** Whether it may read and write files. */
  readonly disk?: boolean;
}

export interface Rules {
  /** By folder: `src/config`, `runners`. */
  readonly layers: Readonly<Record<string, Layer>>;
  /** Plain files that everybody may import, with what they import themselves. */
  readonly leaves: Readonly<Record<string, readonly string[]>>;
  /** Files that may import everything. */
  readonly entries: readonly string[];
  /** Packages (or scopes, ending in a slash) that only some layers may import. */
  readonly reserved: Readonly<Record<string, readonly string[]>>;
  /** Layers that may write to the terminal, and those that may import what is computed when they run. */
  readonly printing: readonly string[];
  readonly computedImports: readonly string[];
  readonly maxLines: number;
  /** Generated folders and plain tables (the coded errors): long because there is much to list. */
  readonly lists: readonly string[];
}

/** Every broken rule, as `file:line: what, and what is allowed`. */
export function violations(sources: readonly Source[], rules: Rules): string[] {
  const known = new Set(sources.map((source) => source.path));
  return sources.flatMap((source) => [
    ...ofFile(source, rules),
    ...source.imports.flatMap((found) => {
      const fault =
        ofSpecifier(found, known) ??
        ofTarget(source.path, found, rules) ??
        ofPackage(source.path, found, rules);
      return fault === undefined ? [] : [`${source.path}:${found.line}: ${fault}`];
    }),
  ]);
}

/** Each circle of imports once, as `a → b → a`; imports of types count. */
export function cycles(sources: readonly Source[]): string[] {
  const targets = new Map(
    sources.map(({ path, imports }) => [path, new Set(imports.flatMap(({ target }) => target ?? []))]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(" → "));
    if (start >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) walk(path, []);
  return [...new Set(found)];
}

function layerOf(path: string, rules: Rules): string | undefined {
  return Object.keys(rules.layers).find((folder) => path.startsWith(`${folder}/`));
}

function ofFile({ path, lines, prints }: Source, rules: Rules): string[] {
  const faults: string[] = [];
  const layer = layerOf(path, rules);
  const isEntry = rules.entries.includes(path);
  if (layer === undefined && !(path in rules.leaves) && !isEntry)
    faults.push(`${path}:1: belongs to no layer of the table`);
  const isList = rules.lists.some((list) => path === list || path.startsWith(`${list}/`));
  if (lines > rules.maxLines && !isList)
    faults.push(`${path}:${lines}: is longer than ${rules.maxLines} lines`);
  if (layer !== undefined && rules.printing.includes(layer)) return faults;
  return [
    ...faults,
    ...prints.map(
      ({ line, text }) => `${path}:${line}: ${text}: only ${rules.printing.join(", ")} may print`,
    ),
  ];
}

function ofSpecifier({ specifier, target }: Import, known: ReadonlySet<string>): string | undefined {
  if (specifier === null) return undefined;
  if (target === null) {
    const deep = /^(@[^/]+\/)?[^/]+\/dist(\/|$)/.test(specifier);
    return deep ? `"${specifier}" reaches into a package's build` : undefined;
  }
  if (!specifier.endsWith(".js")) return `"${specifier}" lacks the extension .js`;
  return known.has(target) ? undefined : `"${specifier}" means ${target}, which is not among the sources`;
}

function ofTarget(path: string, { target, typeOnly }: Import, rules: Rules): string | undefined {
  if (target === null || rules.entries.includes(path) || target in rules.leaves) return undefined;
  const layer = layerOf(path, rules);
  const allowed = path in rules.leaves ? rules.leaves[path] : rules.layers[layer ?? ""]?.imports;
  if (
    allowed === undefined ||
    (layer !== undefined && !(path in rules.leaves) && layerOf(target, rules) === layer)
  ) {
    return undefined;
  }
  const meant = allowed.find((entry) => {
    const place = entry.replace(/^types of /, "");
    return target === place || target.startsWith(`${place}/`);
  });
  const what = `${layer ?? path} may not import ${target}`;
  if (meant === undefined) return `${what}; it may import ${allowed.join(", ") || "nothing"}`;
  return meant.startsWith("types of ") && !typeOnly ? `${what} but for its types (import type)` : undefined;
}

function ofPackage(path: string, { specifier, target }: Import, rules: Rules): string | undefined {
  if (target !== null || rules.entries.includes(path)) return undefined;
  const layer = path in rules.leaves ? undefined : layerOf(path, rules);
  if (specifier === null) {
    const free = layer !== undefined && rules.computedImports.includes(layer);
    return free ? undefined : `a computed import: only ${rules.computedImports.join(", ")} may have one`;
  }
  const { packages, disk } = rules.layers[layer ?? ""] ?? {};
  if (specifier.startsWith("node:") || builtinModules.includes(specifier)) {
    const touchesDisk = /^(node:)?fs(\/|$)/.test(specifier);
    return touchesDisk && layer !== undefined && disk !== true
      ? `${layer} may not know the disk ("${specifier}")`
      : undefined;
  }
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const owner = Object.entries(rules.reserved).find(
    ([own]) => name === own || (own.endsWith("/") && name.startsWith(own)),
  );
  if (owner !== undefined && !owner[1].includes(layer ?? path))
    return `"${name}" is only for ${owner[1].join(", ")}`;
  const listed = packages === undefined || packages.includes(name);
  return listed ? undefined : `${layer} may import of npm only ${packages.join(", ")}, not "${name}"`;
}

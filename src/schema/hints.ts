import { distance } from "fastest-levenshtein";
import { listed } from "./allowed.js";
import { closestWord } from "./closest.js";
import { mistakeHint } from "./mistakes.js";
import { experimentPaths, formatPath, shortNames } from "./paths.js";
import { experimentRoot, schemaAt } from "./roots.js";
import type { Alternative, Path, Schema } from "./schema.js";
import { toInlineYaml } from "./shown.js";

/** Names in other tools, and the corresponding names in n2uq. */
const SYNONYMS: Readonly<Record<string, string>> = {
  act: "activations",
  a_bits: "activations",
  abits: "activations",
  act_bits: "activations",
  w_bits: "weights",
  wbits: "weights",
  weight_bits: "weights",
  criterion: "loss",
  image_size: "inputSize",
  img_size: "inputSize",
  learning_rate: "lr",
  learningrate: "lr",
  lr_scheduler: "schedule",
  scheduler: "schedule",
  max_epochs: "epochs",
  num_epochs: "epochs",
  max_steps: "steps",
  num_classes: "classes",
  model: "architecture",
  network: "architecture",
  backbone: "architecture",
  optim: "optimizer",
  pretrained: "init",
  quantizer: "method",
  random_seed: "seed",
  wd: "weightDecay",
};

/** The hint for an unknown key: the intended key, the section where it belongs, or all known keys. */
export function unknownKeyHint(key: string, owner: Path, known: readonly string[], root: Schema): string {
  const all = `Known keys: ${known.join(", ")}.`;
  if (key === "<<") return "Merge keys are not supported; use `extends` to build on another file.";
  const [, glued, rest = ""] = /^([\w$-]+):(.*)$/s.exec(key) ?? [];
  if (glued !== undefined && known.includes(glued)) {
    return `Write \`${glued}: ${rest.trim() || "…"}\`, with a space after the colon.`;
  }
  if (/^\d+$/.test(key)) return `Write decimals with a point, not a comma: 0.001. ${all}`;
  const meant = SYNONYMS[key.toLowerCase()] ?? key;
  if (meant !== key && known.includes(meant)) return `It is called ${meant} here. ${all}`;
  const close = closestWord(key, known);
  if (close !== undefined && (isSpelling(close, key) || root !== experimentRoot)) {
    return `Did you mean ${close}? ${all}`;
  }
  const places = root === experimentRoot ? placesOf(meant) : [];
  if (places.length > 0) return `${belongs(key, meant, places, owner)} ${all}`;
  return close === undefined ? all : `Did you mean ${close}? ${all}`;
}

/** Whether the words differ by one letter, or only in case and underscores. */
function isSpelling(one: string, other: string): boolean {
  const bare = (word: string) => word.toLowerCase().replaceAll(/[_-]/g, "");
  return distance(bare(one), bare(other)) <= 1;
}

/**
 * All paths that end in a key, the nearest to the root first. If the key is a short name (`lr`), its path
 * precedes them.
 */
function placesOf(key: string): (readonly string[])[] {
  const short = shortNames.get(key);
  const found = experimentPaths.filter((path) => path.at(-1) === key);
  return short === undefined ? found : [short, ...found.filter((path) => path !== short)];
}

function belongs(key: string, meant: string, places: readonly (readonly string[])[], owner: Path): string {
  const name = meant === key ? key : `${key} is called ${meant} here; it`;
  const [first = []] = places;
  if (first.length === 1) return `${name} belongs at the file's first level, not under ${formatPath(owner)}.`;
  if (first.at(-1) !== meant)
    return `${name} is short for ${formatPath(first)} in flags and sweeps; write that here.`;
  const owners = [...new Set(places.map((path) => formatPath(path.slice(0, -1)) || "the first level"))];
  const example = first.slice(0, -1).reduceRight((inner, step) => `${step}: { ${inner} }`, `${meant}: …`);
  return `${name} belongs under ${listed(owners.slice(0, 4), "or")}: \`${example}\`.`;
}

/** The hint for a missing key. */
export function missingHint(key: string, owner: Path, root: Schema, chosen?: Alternative): string {
  const schema = schemaAt(root, [...owner, key]);
  const own = chosen?.then.properties?.[key] || {};
  const example = own.enum?.[0] ?? schema?.examples?.[0] ?? "";
  const instead = schemaAt(root, owner)?.["x-alternatives"]?.find((keys) => !keys.includes(key));
  const or = instead === undefined ? ", or another value" : `, or give ${instead.join(" and ")} instead`;
  return `Add \`${key}: ${toInlineYaml(example)}\`${or}. ${schema?.description ?? ""}`.trim();
}

/**
 * The hint for a value that is not allowed: how to correct a usual mistake, or the description and an example
 * from the schema of the value, or of its list if it is a list item. @param own the value's schema in the
 * chosen part
 */
export function valueHint(found: unknown, path: Path, root: Schema, own: Schema): string {
  const mistake = mistakeHint(found, path, own);
  if (mistake !== undefined) return mistake;
  const end = path.findLastIndex((key) => typeof key === "string") + 1;
  const schema = end === path.length ? own : schemaAt(root, path.slice(0, end));
  const examples = (schema?.examples ?? []).filter((example) => example !== null).map(toInlineYaml);
  const written = examples.map((example) => `\`${path[end - 1]}: ${example}\``).join(" or ");
  return `${schema?.description ?? ""}${written === "" ? "" : ` For example ${written}.`}`.trim();
}

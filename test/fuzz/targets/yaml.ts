import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { resolveCells } from "../../../runners/sweep/cells.js";
import { validateFile } from "../../../runners/validate.js";
import { configRoot, dereference, experimentRoot, sweepRoot } from "../../../src/schema/roots.js";
import type { Schema } from "../../../src/schema/schema.js";
import { readSweep } from "../../../src/sweep/read.js";
import type { FuzzInput, FuzzTarget, Random } from "../target.js";
import { between, mutate, pick } from "../target.js";

const experiments = fileURLToPath(new URL("../../../../experiments", import.meta.url));

/** Fragments that often cause faults in readers of YAML. */
const ODD = [
  ..."{}[],:-?#&*!|>%@`'\"~= \t\n",
  ..."\u00a0\u200b\ufeff\u202e\u0000\r\u2028",
  ..."<<: *a|&a [*a, *a]|!!binary x|!!js/function x|--- |...|%YAML 1.1\n|__proto__: {}|constructor: 1".split(
    "|",
  ),
  ..."1e300|-1e300|.inf|-.inf|.nan|0x1f|1_000|1e3|007|9007199254740993|-0|1e-400|null|true|2024-01-01".split(
    "|",
  ),
  ..."*.conv1|layer[1-4].*|{a,b}|+(+(+(a)))b|!(a)|**/**/**/**/x|@(a|b)|[[:alpha:]]|../../..|~|$HOME|$X|/dev/zero".split(
    "|",
  ),
];

const base = `name: tiny
architecture: { family: stages, classes: 4, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: n2uq, bits: 2 }
data: { dataset: synthetic, synthetic: { classes: 4, imageSize: [8, 8] } }
training: { steps: 4, batchSize: 8, schedule: { kind: constant } }
engine: wasm
`;

/** A value for a schema: usually a valid value, sometimes one at its bounds, sometimes an invalid one. */
function anyValue(random: Random, written: Schema, depth: number): string {
  const schema = dereference(written);
  const chance = random();
  if (chance < 0.06) return pick(random, ODD);
  if (chance < 0.3 && schema.examples !== undefined && schema.examples.length > 0) {
    return JSON.stringify(pick(random, schema.examples));
  }
  if (schema.enum !== undefined) return String(pick(random, schema.enum));
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["string"]);
  return typed(random, pick(random, types), schema, depth);
}

function typed(random: Random, type: string, schema: Schema, depth: number): string {
  const low = schema.minimum ?? schema.exclusiveMinimum ?? 0;
  const high = schema.maximum ?? schema.exclusiveMaximum ?? 1000;
  switch (type) {
    case "integer":
      return String(pick(random, [low, low + 1, low + 2, 2, 3, 8, high, high + 1, low - 1]));
    case "number":
      return String(pick(random, [low, low + 1e-3, 0.5, 1, high, high + 1, -1, 1e-300]));
    case "boolean":
      return pick(random, ["true", "false", "yes"]);
    case "null":
      return "null";
    case "array": {
      const count = pick(random, [0, 1, 1, 2, 2, 3, schema.maxItems ?? 5]);
      const items = Array.from({ length: Math.min(count, 20) }, () =>
        anyValue(random, schema.items ?? { type: "integer" }, depth + 1),
      );
      return `[${items.join(", ")}]`;
    }
    case "object":
      return depth > 6 ? "{}" : mapOf(random, schema, depth);
    default:
      return pick(random, [
        "./tiny.yaml",
        "./teacher.yaml",
        "./input.yaml",
        "x",
        "conv1",
        "*",
        "layer1.*",
        ...ODD,
      ]);
  }
}

function mapOf(random: Random, schema: Schema, depth: number): string {
  const keys = Object.keys(schema.properties ?? {});
  const free = schema.additionalProperties;
  const names = keys.length > 0 ? keys : ["bits", "seed", "training.optimizer.lr", "arch", "method", "x"];
  const chosen = names.filter(() => random() < 2.5 / names.length || random() < 0.1);
  const entries = chosen.map((key) => {
    const property = schema.properties?.[key] || (typeof free === "object" ? free : {});
    return `${random() < 0.02 ? pick(random, ODD) : key}: ${anyValue(random, property, depth + 1)}`;
  });
  return `{ ${entries.join(", ")} }`;
}

/**
 * Generated sections of a schema that override those of a complete file; one line per key of the first level.
 */
function generated(random: Random, schema: Schema, head: string): string {
  const lines = new Map(head.split("\n").map((line) => [line.split(":")[0] ?? "", line]));
  const keys = Object.keys(schema.properties ?? {}).filter((key) => key !== "engine" && key !== "$schema");
  for (let count = between(random, 1, 4); count > 0; count -= 1) {
    const key = pick(random, keys);
    lines.set(key, `${key}: ${anyValue(random, schema.properties?.[key] || {}, 1)}`);
  }
  return [...lines.values()].join("\n");
}

/** A text with parts moved, removed or repeated, and with odd fragments inserted. */
function edited(random: Random, text: string): string {
  let result = text;
  for (let count = between(random, 1, 5); count > 0; count -= 1) {
    const at = between(random, 0, result.length);
    const length = between(random, 0, 12);
    const put = pick(random, [
      pick(random, ODD),
      pick(random, ODD),
      result.slice(at, at + 40),
      "\n",
      "  ",
      "",
    ]);
    result = `${result.slice(0, at)}${put}${result.slice(at + (random() < 0.5 ? length : 0))}`;
  }
  return result;
}

function shipped(folder: string): string[] {
  return readdirSync(join(experiments, folder))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => readFileSync(join(experiments, folder, name), "utf8"));
}

const texts = [
  base,
  base,
  ...shipped("."),
  ...shipped("bases"),
  ...shipped("tables"),
  ...shipped("searches"),
];
const sweep = "base: ./tiny.yaml\ngrid: { bits: [2, 3] }\n";
const config = "runs: ./runs\nengine: wasm\n";

function textOf(random: Random): { kind: string; name: string; text: string | Uint8Array } {
  switch (between(random, 0, 6)) {
    case 0:
      return { kind: "experiment", name: "input.yaml", text: generated(random, experimentRoot, base) };
    case 1:
      return { kind: "sweep", name: "input.yaml", text: generated(random, sweepRoot, sweep) };
    case 2:
      return { kind: "config", name: "n2uq.config.yaml", text: generated(random, configRoot, config) };
    case 3:
      return { kind: "edited", name: "input.yaml", text: edited(random, pick(random, texts)) };
    case 4:
      return {
        kind: "edited experiment",
        name: "input.yaml",
        text: edited(random, generated(random, experimentRoot, base)),
      };
    case 5:
      return {
        kind: "edited sweep",
        name: "input.yaml",
        text: edited(random, generated(random, sweepRoot, sweep)),
      };
    default:
      return { kind: "mutated", name: "input.yaml", text: mutate(random, Buffer.from(pick(random, texts))) };
  }
}

function flagsOf(random: Random, folder: string): FuzzInput {
  const word = () => Array.from({ length: between(random, 0, 5) }, () => pick(random, ODD)).join("");
  const value = () =>
    pick(random, ["2", "2,3", "0..4", "{ weights: 2 }", "resnet18", "[1, 2]", word(), word()]);
  const key = () =>
    pick(random, [
      "bits",
      "seed",
      "arch",
      "name",
      "training.epochs",
      "data.root",
      "architecture.stages",
      word(),
    ]);
  const one = () => `${key()}=${value()}`;
  const flags = {
    set: [one()],
    grid: [one()],
    ...(random() < 0.3 && { exclude: [one()] }),
    ...(random() < 0.2 && { seeds: value() }),
  };
  return {
    label: `flags ${JSON.stringify(flags)}`,
    content: JSON.stringify(flags),
    run: async () => {
      const spec = await readSweep(["tiny.yaml"], flags, folder);
      return resolveCells(spec, { cwd: folder, readsOnly: true }, join(folder, "runs"));
    },
  };
}

/**
 * Experiments, sweeps, tables, searches and configs, generated from their schemas or damaged; also builds
 * networks.
 */
export const target: FuzzTarget = {
  description: "YAML files of every kind, --set and --grid",
  async prepare(folder) {
    writeFileSync(join(folder, "tiny.yaml"), base);
    writeFileSync(
      join(folder, "teacher.yaml"),
      base.replace("tiny", "teacher").replace("method: n2uq, bits: 2", "method: none"),
    );
    mkdirSync(join(folder, "bases"), { recursive: true });
    for (const name of readdirSync(join(experiments, "bases"))) {
      writeFileSync(join(folder, "bases", name), readFileSync(join(experiments, "bases", name)));
    }
  },
  input(random, folder) {
    if (random() < 0.12) return flagsOf(random, folder);
    const { kind, name, text } = textOf(random);
    writeFileSync(join(folder, name), text);
    return {
      label: kind,
      content: text,
      run: () => validateFile(join(folder, name), { cwd: folder, readsOnly: true }, join(folder, "runs")),
    };
  },
};

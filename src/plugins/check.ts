import { N2uqError } from "../errors.js";
import { isMap } from "../schema/maps.js";
import type { Table } from "../schema/parts.js";
import { shortNames } from "../schema/paths.js";
import { experimentRoot, sectionOf } from "../schema/roots.js";
import type { Schema } from "../schema/schema.js";
import { shown } from "../schema/shown.js";
import { pluginOf } from "./loaded.js";
import type { Plugin, PluginPart, PluginTables } from "./plugin.js";

/** Required keys of each table's record; functions end with `()`. */
const RECORDS: Readonly<Record<keyof PluginTables, readonly string[]>> = {
  quantizers: [
    "reference",
    ...["activation.parameters()", "activation.forward()", "activation.backward()", "activation.curve()"],
    ...["weight.parameters()", "weight.forward()", "weight.backward()", "weight.levels()"],
  ],
  models: ["reference", "stem()", "build()"],
  datasets: ["summary", "storage", "identity", "isPublished", "info()", "sizes()", "load()"],
  optimizers: ["reference", "moments", "update()"],
  schedules: ["reference", "factor()"],
  losses: ["reference", "compute()"],
};

/**
 * Options that training reads from every part of a table. Each part's fragment must have them with a default.
 */
const NEEDED: Partial<Readonly<Record<Table, readonly string[]>>> = { optimizers: ["lr", "weightDecay"] };

const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * Checks a plug-in's module before any of its parts is added. @param value the module's default export
 * @throws N2uqError N2UQ_PLUGIN_INVALID, N2UQ_PLUGIN_CLASH
 */
export function checkPlugin(value: unknown, file: string): Plugin {
  const fail = (what: string) => {
    throw new N2uqError("N2UQ_PLUGIN_INVALID", { file, what }, { location: { file } });
  };
  if (!isMap(value)) return fail(`its default export is ${value === undefined ? "missing" : shown(value)}`);
  const { name, parts } = value;
  if (typeof name !== "string" || !NAME.test(name)) return fail(`its name is ${shown(name)}; ${NAME_RULE}`);
  if (!Array.isArray(parts) || parts.length === 0)
    return fail("its `parts` are not a list with at least one part");
  const found = new Set<string>();
  for (const [index, part] of parts.entries()) {
    const fault = faultOf(part);
    if (fault !== undefined) return fail(`parts[${index}]: ${fault}`);
    const { table, part: record, fragment } = part as PluginPart;
    const key = `${table}/${record.name}`;
    const owner = found.has(key) ? "the same plug-in" : ownerOf(table, record.name);
    if (owner !== undefined) {
      const details = { plugin: name, table, name: record.name, owner };
      throw new N2uqError("N2UQ_PLUGIN_CLASH", details, { location: { file } });
    }
    found.add(key);
    const wrong = fragmentFault(table, fragment);
    if (wrong !== undefined) return fail(`parts[${index}] (${key}): ${wrong}`);
  }
  return value as unknown as Plugin;
}

const NAME_RULE = "it must consist of lower-case letters, digits and hyphens, and begin with a letter";

function faultOf(part: unknown): string | undefined {
  if (!isMap(part)) return `it is ${shown(part)}, not { table, part, fragment }`;
  const { table, part: record, fragment } = part;
  if (typeof table !== "string" || !Object.hasOwn(RECORDS, table))
    return `its table is ${shown(table)}; tables: ${Object.keys(RECORDS).join(", ")}`;
  if (!isMap(record)) return "its `part` is not an object";
  if (typeof record.name !== "string" || !NAME.test(record.name))
    return `its part's name is ${shown(record.name)}; ${NAME_RULE}`;
  const lacks = RECORDS[table as keyof PluginTables].filter((path) => !has(record, path));
  if (lacks.length > 0) return `its part ${record.name} lacks ${lacks.join(", ")}`;
  return isMap(fragment) ? undefined : "its `fragment` is not a map";
}

function has(record: Readonly<Record<string, unknown>>, path: string): boolean {
  const isFunction = path.endsWith("()");
  const keys = path.replace("()", "").split(".");
  const value = keys.reduce<unknown>((one, key) => (isMap(one) ? one[key] : undefined), record);
  return isFunction ? typeof value === "function" : value !== undefined;
}

/** The owner of a part of this name: a plug-in or n2uq itself. */
function ownerOf(table: Table, name: string): string | undefined {
  const plugin = pluginOf(`${table}/${name}`);
  if (plugin !== undefined) return `the plug-in ${plugin.name} (${plugin.file})`;
  const known = Object.keys(sectionOf(table)?.["x-parts"]?.options ?? {});
  const isReserved = name === "none" && table === "quantizers";
  return known.includes(name) || isReserved ? "n2uq itself" : undefined;
}

function fragmentFault(table: Table, fragment: PluginPart["fragment"]): string | undefined {
  const { description, properties = {}, required = [], definitions = {} } = fragment;
  if (typeof description !== "string" || description.trim() === "")
    return "its fragment has no description for help and editors";
  const section = sectionOf(table);
  const options = section?.["x-parts"]?.options ?? {};
  for (const [key, option] of Object.entries(properties)) {
    if (!/^[a-z][A-Za-z0-9]*$/.test(key)) return `the option ${shown(key)} is not a camelCase name`;
    const known = section?.properties?.[key];
    const owners = Object.keys(options).filter((one) => options[one]?.includes(key));
    if (known && owners.length === 0) return `the option ${key} exists in every part; choose another name`;
    if (known && section["x-parts"]?.mixed && JSON.stringify(known) !== JSON.stringify(option))
      return `the option ${key} means something else for ${owners.join(", ")}; choose another name`;
    const fault = optionFault(option, key, known !== undefined);
    if (fault !== undefined) return fault;
  }
  const lacks = (NEEDED[table] ?? []).filter((key) => properties[key]?.default === undefined);
  if (lacks.length > 0) return `its fragment lacks the options ${lacks.join(" and ")}, each with a default`;
  const unknown = required.find((key) => properties[key] === undefined);
  if (unknown !== undefined) return `its fragment requires ${unknown}, but has no such option`;
  const twice = Object.keys(definitions).find((key) => experimentRoot.definitions?.[key] !== undefined);
  return twice === undefined ? undefined : `the definition ${twice} already exists; choose another name`;
}

/** The reason why help and editors can't show an option. */
function optionFault(option: Schema | undefined, path: string, isKnown: boolean): string | undefined {
  if (!isMap(option)) return `the option ${path} is not a schema`;
  const schema = option as Schema;
  if (typeof schema.description !== "string" || schema.description.trim() === "")
    return `the option ${path} has no description`;
  if (!Array.isArray(schema.examples) || schema.examples.length === 0)
    return `the option ${path} has no examples`;
  const short = schema["x-short-name"];
  if (short !== undefined && !isKnown && shortNames.has(short))
    return `the short name ${short} of the option ${path} already exists`;
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const fault = optionFault(inner || undefined, `${path}.${key}`, isKnown);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

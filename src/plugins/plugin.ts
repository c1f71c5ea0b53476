import type { Quantizer } from "../core/quantizer.js";
import type { PluginDataset } from "../data/types.js";
import type { PluginModel } from "../models/model.js";
import type { Fragment } from "../schema/parts.js";
import type { PluginLoss } from "../train/losses/types.js";
import type { PluginOptimizer } from "../train/optimizers/types.js";
import type { PluginSchedule } from "../train/schedules/types.js";

/** The tables that a plug-in can add parts to, and what a part of each is. */
export interface PluginTables {
  readonly quantizers: Quantizer;
  readonly models: PluginModel;
  readonly datasets: PluginDataset;
  readonly optimizers: PluginOptimizer;
  readonly schedules: PluginSchedule;
  readonly losses: PluginLoss;
}

/** A part that a plug-in adds: its table, its record, and the schema fragment with its help and options. */
export type PluginPart = {
  readonly [Table in keyof PluginTables]: {
    readonly table: Table;
    readonly part: PluginTables[Table];
    readonly fragment: Fragment;
  };
}[keyof PluginTables];

/** What the module of a plug-in exports as its default. */
export interface Plugin {
  readonly name: string;
  readonly parts: readonly PluginPart[];
}

/** A plug-in, for the default export of a module that `plugins` in a project's config names. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

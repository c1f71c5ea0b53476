import type { Quantizer } from "../core/quantizer.js";
import type { PluginDataset } from "../data/types.js";
import type { PluginModel } from "../models/model.js";
import type { Fragment } from "../schema/parts.js";
import type { PluginLoss } from "../train/losses/types.js";
import type { PluginOptimizer } from "../train/optimizers/types.js";
import type { PluginSchedule } from "../train/schedules/types.js";

/** The tables that plug-ins can extend, with the type of a part of each. */
export interface PluginTables {
  readonly quantizers: Quantizer;
  readonly models: PluginModel;
  readonly datasets: PluginDataset;
  readonly optimizers: PluginOptimizer;
  readonly schedules: PluginSchedule;
  readonly losses: PluginLoss;
}

/** A part of a plug-in: its table, its record, and its schema fragment with help and options. */
export type PluginPart = {
  readonly [Table in keyof PluginTables]: {
    readonly table: Table;
    readonly part: PluginTables[Table];
    readonly fragment: Fragment;
  };
}[keyof PluginTables];

/** The default export of a plug-in's module. */
export interface Plugin {
  readonly name: string;
  readonly parts: readonly PluginPart[];
}

/**
 * Defines a plug-in. Export the result as the default of a module, and list the module under `plugins` in the
 * project config.
 */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

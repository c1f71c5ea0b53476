/** A plug-in that this process has loaded. */
export interface LoadedPlugin {
  readonly name: string;
  /** Absolute path of its module. */
  readonly file: string;
  /** Of the module's bytes. */
  readonly sha256: string;
  /** The parts that it added: `quantizers/ternary`. */
  readonly parts: readonly string[];
}

const loaded: LoadedPlugin[] = [];

/** The plug-ins that this process has loaded, in their order. */
export function loadedPlugins(): readonly LoadedPlugin[] {
  return loaded;
}

/** Remembers a plug-in whose parts were added. */
export function remember(plugin: LoadedPlugin): void {
  loaded.push(plugin);
}

/** The plug-in that added a part; undefined for the program's own parts. @param part `quantizers/ternary` */
export function pluginOf(part: string): LoadedPlugin | undefined {
  return loaded.find(({ parts }) => parts.includes(part));
}

/** Options of n2uq's own processes, which load the same plug-ins: `--plugin FILE` for each. */
export function pluginArguments(): string[] {
  return loaded.flatMap(({ file }) => ["--plugin", file]);
}

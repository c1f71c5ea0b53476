/** A plug-in loaded by this process. */
export interface LoadedPlugin {
  readonly name: string;
  /** Absolute path of its module. */
  readonly file: string;
  /** sha256 of the module's bytes. */
  readonly sha256: string;
  /** The parts that it added, for example `quantizers/ternary`. */
  readonly parts: readonly string[];
}

const loaded: LoadedPlugin[] = [];

/** The plug-ins loaded by this process, in order. */
export function loadedPlugins(): readonly LoadedPlugin[] {
  return loaded;
}

/** Records a plug-in after its parts were added. */
export function remember(plugin: LoadedPlugin): void {
  loaded.push(plugin);
}

/**
 * The plug-in that added a part; undefined for n2uq's own parts. @param part for example `quantizers/ternary`
 */
export function pluginOf(part: string): LoadedPlugin | undefined {
  return loaded.find(({ parts }) => parts.includes(part));
}

/** Options for child processes, so that they load the same plug-ins: `--plugin FILE` for each plug-in. */
export function pluginArguments(): string[] {
  return loaded.flatMap(({ file }) => ["--plugin", file]);
}

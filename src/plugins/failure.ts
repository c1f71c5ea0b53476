import { pathToFileURL } from "node:url";
import { N2uqError } from "../errors.js";
import { loadedPlugins } from "./loaded.js";

/**
 * Converts an error that was thrown in a plug-in's code, or in a function that the plug-in called, to an
 * N2uqError with the line of the plug-in. Undefined for other errors.
 */
export function pluginFailure(error: unknown): N2uqError | undefined {
  if (!(error instanceof Error) || error instanceof N2uqError) return undefined;
  const frames = (error.stack ?? "").split("\n");
  for (const frame of frames) {
    const plugin = loadedPlugins().find(({ file }) => frame.includes(`${pathToFileURL(file).href}?sha256=`));
    if (plugin === undefined) continue;
    const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame) ?? [];
    const location = {
      file: plugin.file,
      ...(line && column && { line: Number(line), column: Number(column) }),
    };
    const reason = `${error.name}: ${error.message}`;
    return new N2uqError("N2UQ_PLUGIN_FAILED", { plugin: plugin.name, reason }, { location, cause: error });
  }
  return undefined;
}

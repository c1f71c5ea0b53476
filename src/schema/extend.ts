import { forgetProperties } from "./defaults.js";
import { refreshPaths } from "./paths.js";
import { type AddedPart, extendRoots } from "./roots.js";
import { forgetValidators } from "./validate.js";

/**
 * Adds the parts of plug-ins to the schemas of experiments and project configs: validation, defaults, paths, short names and
 * hints know them from then on. The parts are checked before (src/plugins/check.ts).
 */
export function extendSchemas(parts: readonly AddedPart[]): void {
  extendRoots(parts);
  forgetProperties();
  refreshPaths();
  forgetValidators();
}

import { forgetProperties } from "./defaults.js";
import { refreshPaths } from "./paths.js";
import { type AddedPart, extendRoots } from "./roots.js";
import { forgetValidators } from "./validate.js";

/**
 * Adds the parts of plug-ins to the schemas of experiments and project configs, for validation, defaults,
 * paths, short names and hints. src/plugins/check.ts checks the parts first.
 */
export function extendSchemas(parts: readonly AddedPart[]): void {
  extendRoots(parts);
  forgetProperties();
  refreshPaths();
  forgetValidators();
}

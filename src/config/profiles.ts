import { existsSync } from "node:fs";
import { join } from "node:path";
import { N2uqError } from "../errors.js";
import { packageRoot } from "../package.js";
import { closestWord } from "../schema/closest.js";
import { userPath } from "../userPath.js";
import { type Overlay, readOverlay } from "./overlay.js";
import type { Project } from "./project.js";
import { experimentsIn } from "./read.js";

/**
 * Reads a profile: a .yaml file, or a name from the project config, the project's experiments/profiles, or
 * the package's profiles. @throws N2uqError N2UQ_CONFIG_UNKNOWN_PROFILE with the known names; N2UQ_CONFIG_*
 * for faults in the profile
 */
export async function readProfile(name: string, cwd: string, project?: Project): Promise<Overlay> {
  const context = { cwd, kind: "profile", name } as const;
  if (/\.ya?ml$/.test(name))
    return readOverlay(userPath(name, cwd, flag(name)), { ...context, from: flag(name) });
  const own = project?.profiles.get(name);
  if (own !== undefined) return own(cwd);
  const file = folders(cwd, project)
    .map((folder) => join(folder, `${name}.yaml`))
    .find((path) => existsSync(path));
  if (file !== undefined && /^[\w.-]+$/.test(name)) return readOverlay(file, context);
  const known = knownProfiles(cwd, project);
  const close = closestWord(name, known);
  const several = name.includes(",") ? "Repeat `--profile` for several profiles." : undefined;
  const advice = several ?? (close === undefined ? undefined : `Did you mean ${close}?`);
  const hint = advice && `${advice} Known profiles: ${known.join(", ")}.`;
  const details = { name, known: known.join(", ") || "none" };
  throw new N2uqError("N2UQ_CONFIG_UNKNOWN_PROFILE", details, { location: flag(name), hint });
}

/** Names of all profiles, sorted. */
export function knownProfiles(cwd: string, project?: Project): string[] {
  const files = folders(cwd, project).flatMap(experimentsIn);
  const names = [...(project?.profiles.keys() ?? []), ...files.map((file) => file.replace(/\.ya?ml$/, ""))];
  return [...new Set(names)].sort();
}

function folders(cwd: string, project?: Project): string[] {
  return [project?.folder ?? cwd, cwd, packageRoot()].map((root) => join(root, "experiments", "profiles"));
}

function flag(name: string) {
  return { file: "--profile", column: 1, text: name };
}

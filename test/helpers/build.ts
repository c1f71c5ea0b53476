import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Files and folders of the sources for `npm run build`. */
const PLACES = ["index.ts", "src", "runners", "cli"];

/**
 * Rejects an old build, with which tests of the built command could pass although the sources are wrong.
 * @param root folder of a repository
 * @throws Error if a source has no output in `dist/`, or if the output is older
 */
export function refuseOldBuild(root: string): void {
  for (const file of PLACES.flatMap((place) => sourcesOf(root, place))) {
    const output = join(root, "dist", file.replace(/\.ts$/, ".js"));
    if (!existsSync(output)) throw new Error(`dist/ has no output for ${file}: run "npm run build" first`);
    if (statSync(output).mtimeMs < statSync(join(root, file)).mtimeMs) {
      throw new Error(`dist/ is older than ${file}: run "npm run build" first`);
    }
  }
}

function sourcesOf(root: string, place: string): string[] {
  if (place.endsWith(".ts")) return [place];
  return readdirSync(join(root, place), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(place, name));
}

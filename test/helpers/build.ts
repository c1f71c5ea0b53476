import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where `npm run build` finds its sources. */
const PLACES = ["index.ts", "src", "runners", "cli"];

/**
 * Tests of the built command would pass with an old build, whatever the sources say by now.
 * @param root folder of a repository
 * @throws Error where a source has no output in `dist/`, or one that is older
 */
export function refuseOldBuild(root: string): void {
  for (const file of PLACES.flatMap((place) => sourcesOf(root, place))) {
    const output = join(root, "dist", file.replace(/\.ts$/, ".js"));
    if (!existsSync(output)) throw new Error(`dist/ has nothing of ${file}: run "npm run build" first`);
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

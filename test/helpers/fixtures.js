// Runs before all tests. Tests use folders in .tap/fixtures; a package.json there ends the search for a
// project's config, so that no test finds the config of the repository.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../.tap/fixtures/", import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}package.json`, "{}\n");
